"""A tinted, flat photo gets its colours and its contrast back; a good one is left alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


def greys(path: Path, tint: tuple[float, float, float], low: int = 0, high: int = 255) -> Path:
    """Grey things under tinted light, between two levels, with a few coloured ones among them."""
    rng = np.random.default_rng(3)
    cloud = Image.fromarray(rng.integers(0, 256, (12, 16), dtype=np.uint8))
    light = np.asarray(cloud.resize((320, 240), Image.Resampling.BICUBIC)).astype(float) / 255
    level = low + light * (high - low)
    pixels = (level[:, :, None] * tint).clip(0, 255)
    pixels[100:120, 40:60] = (high * 0.7, low, low)
    return write_png(pixels.astype(np.uint8), path)


def enhanced(use: Use, path: Path, **inputs: object) -> np.ndarray:
    product = use("enhance_image", image=path, **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path).astype(float)


def cast(pixels: np.ndarray) -> float:
    """How much one colour outweighs another in what should be grey."""
    means = pixels[:, 80:].mean(axis=(0, 1))
    return float(means.max() / means.min())


def test_a_tint_of_the_light_is_taken_out(use: Use, tmp_path: Path) -> None:
    path = greys(tmp_path / "a.png", (1.0, 0.9, 0.82), high=230)
    assert cast(read_rgb(path).astype(float)) > 1.15
    assert cast(enhanced(use, path, strength=1)) < 1.04


def test_a_sunset_stays_orange(use: Use, tmp_path: Path) -> None:
    path = greys(tmp_path / "a.png", (1.0, 0.55, 0.2))
    assert cast(enhanced(use, path)) > 0.85 * cast(read_rgb(path).astype(float))


def test_a_flat_picture_gets_contrast(use: Use, tmp_path: Path) -> None:
    path = greys(tmp_path / "a.png", (1.0, 1.0, 1.0), low=95, high=160)
    before, after = read_rgb(path).astype(float), enhanced(use, path)
    assert after.std() > 1.8 * before.std()
    assert np.percentile(after, 1) < 50
    assert np.percentile(after, 99) > 195


def test_a_picture_with_good_light_changes_little(use: Use, tmp_path: Path) -> None:
    path = greys(tmp_path / "a.png", (1.0, 1.0, 1.0))
    off = np.abs(enhanced(use, path) - read_rgb(path))
    assert off.mean() < 16


@pytest.mark.parametrize("colour", ["black", "white", "teal"])
def test_one_plain_colour_stays_what_it_is(use: Use, tmp_path: Path, colour: str) -> None:
    Image.new("RGB", (64, 48), colour).save(tmp_path / "a.png")
    off = np.abs(enhanced(use, tmp_path / "a.png") - read_rgb(tmp_path / "a.png"))
    assert off.max() <= 24


def test_strength_zero_changes_nothing_that_is_seen(use: Use, tmp_path: Path) -> None:
    path = greys(tmp_path / "a.png", (1.0, 0.9, 0.7))
    # there and back through Lab of 8 bits
    assert np.abs(enhanced(use, path, strength=0) - read_rgb(path)).max() <= 4


def test_a_strength_out_of_range_is_refused(use: Use, tmp_path: Path) -> None:
    path = greys(tmp_path / "a.png", (1.0, 1.0, 1.0))
    with pytest.raises(InvalidInput, match="strength must lie between 0 and 1, got 2"):
        use("enhance_image", image=path, strength=2)
