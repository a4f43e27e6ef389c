"""A picture takes on the colours of another one and still shows what it showed."""

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


def cloud(path: Path, seed: int, middle: tuple[int, int, int], width: int = 40) -> Path:
    rng = np.random.default_rng(seed)
    rough = Image.fromarray(rng.integers(0, 256, (12, 16), dtype=np.uint8))
    light = np.asarray(rough.resize((320, 240), Image.Resampling.BICUBIC)).astype(float) / 255
    pixels = np.array(middle) + (light[:, :, None] - 0.5) * 2 * width
    return write_png(pixels.round().clip(0, 255).astype(np.uint8), path)


def recoloured(use: Use, **inputs: object) -> np.ndarray:
    product = use("transfer_colours", **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path).astype(float)


def test_the_mean_colours_become_those_of_the_other_picture(use: Use, tmp_path: Path) -> None:
    mine = cloud(tmp_path / "a.png", 1, (90, 110, 150))
    style = cloud(tmp_path / "b.png", 2, (190, 140, 80), width=25)
    after = recoloured(use, image=mine, style=style)
    assert np.abs(after.mean(axis=(0, 1)) - read_rgb(style).mean(axis=(0, 1))).max() < 4
    spread = read_rgb(style).astype(float).std(axis=(0, 1))
    assert np.abs(after.std(axis=(0, 1)) / spread - 1).max() < 0.2


def test_what_the_picture_shows_stays(use: Use, tmp_path: Path) -> None:
    mine = cloud(tmp_path / "a.png", 1, (90, 110, 150))
    style = cloud(tmp_path / "b.png", 2, (190, 140, 80))
    after = recoloured(use, image=mine, style=style).mean(axis=2).ravel()
    before = read_rgb(mine).astype(float).mean(axis=2).ravel()
    other = read_rgb(style).astype(float).mean(axis=2).ravel()
    assert np.corrcoef(after, before)[0, 1] > 0.99
    assert abs(np.corrcoef(after, other)[0, 1]) < 0.5


def test_half_the_strength_goes_half_the_way(use: Use, tmp_path: Path) -> None:
    mine = cloud(tmp_path / "a.png", 1, (90, 110, 150))
    style = cloud(tmp_path / "b.png", 2, (190, 140, 80))
    means = [
        recoloured(use, image=mine, style=style, strength=s).mean(axis=(0, 1)) for s in (0, 0.5, 1)
    ]
    assert np.abs(means[0] - read_rgb(mine).mean(axis=(0, 1))).max() < 1
    assert np.abs(means[1] - (means[0] + means[2]) / 2).max() < 8


def test_a_picture_is_itself_in_its_own_colours(use: Use, tmp_path: Path) -> None:
    mine = cloud(tmp_path / "a.png", 1, (90, 110, 150))
    assert np.abs(recoloured(use, image=mine, style=mine) - read_rgb(mine)).max() <= 2


def test_a_flat_picture_gets_no_blotches(use: Use, tmp_path: Path) -> None:
    mine = cloud(tmp_path / "a.png", 1, (90, 110, 150), width=1)
    style = cloud(tmp_path / "b.png", 2, (128, 128, 128), width=120)
    assert recoloured(use, image=mine, style=style).std() < 25


def test_a_strength_out_of_range_is_refused(use: Use, tmp_path: Path) -> None:
    mine = cloud(tmp_path / "a.png", 1, (90, 110, 150))
    with pytest.raises(InvalidInput, match="strength must lie between 0 and 1"):
        use("transfer_colours", image=mine, style=mine, strength=-1)
