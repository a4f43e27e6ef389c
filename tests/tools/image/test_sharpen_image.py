"""Edges become steeper, calm ground stays calm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_layer, read_rgb, write_png
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


def soft_edge(path: Path) -> Path:
    """Dark to bright over some ten pixels, with faint noise on it."""
    x = np.arange(200)
    edge = 80 + 100 / (1 + np.exp(-(x - 100) / 2.5))
    noise = np.random.default_rng(1).integers(-1, 2, (80, 200))
    grey = np.tile(edge, (80, 1)) + noise
    return write_png(np.dstack([grey] * 3).astype(np.uint8), path)


def sharpened(use: Use, path: Path, **inputs: object) -> np.ndarray:
    product = use("sharpen_image", image=path, **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path).astype(float)


def steepness(pixels: np.ndarray) -> float:
    return float(np.diff(pixels.mean(axis=(0, 2))).max())


def test_edges_get_steeper_with_the_strength(use: Use, tmp_path: Path) -> None:
    path = soft_edge(tmp_path / "a.png")
    before = steepness(read_rgb(path).astype(float))
    some = steepness(sharpened(use, path, radius_px=3))
    more = steepness(sharpened(use, path, radius_px=3, strength=3))
    assert before * 1.15 < some < more / 1.15


def test_faint_noise_is_not_made_stronger(use: Use, tmp_path: Path) -> None:
    path = soft_edge(tmp_path / "a.png")
    before = read_rgb(path).astype(float)[:, :60].std()
    assert sharpened(use, path, strength=5)[:, :60].std() <= before * 1.05


def test_a_cutout_keeps_its_shape(use: Use, tmp_path: Path) -> None:
    alpha = np.zeros((20, 30), dtype=np.uint8)
    alpha[:, :10] = 200
    path = write_png(np.full((20, 30, 3), 70, dtype=np.uint8), tmp_path / "a.png", alpha)
    product = use("sharpen_image", image=path)["image"]
    assert product.path is not None
    seen = read_layer(product.path)[1]
    assert seen is not None
    assert (seen == alpha).all()


@pytest.mark.parametrize("numbers", [{"strength": -1}, {"strength": 6}, {"radius_px": 0}])
def test_numbers_out_of_range_are_refused(
    use: Use, tmp_path: Path, numbers: dict[str, float]
) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    with pytest.raises(InvalidInput, match="must lie between"):
        use("sharpen_image", image=tmp_path / "a.png", **numbers)
