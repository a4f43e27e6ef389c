"""A cartoon has flat colours, and dark lines where the photo has edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A red disc on a green ramp, with grain all over."""
    y, x = np.mgrid[0:240, 0:320]
    pixels = np.dstack([x * 0 + 70, 90 + x / 4, x * 0 + 80]).astype(float)
    pixels[(x - 160) ** 2 + (y - 120) ** 2 < 60**2] = (200, 60, 50)
    grain = np.random.default_rng(5).normal(0, 6, pixels.shape)
    return write_png((pixels + grain).clip(0, 255).astype(np.uint8), tmp_path / "a.png")


def cartoon(use: Use, path: Path, **inputs: object) -> np.ndarray:
    product = use("cartoon_image", image=path, **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path).astype(float)


def test_texture_goes_and_colours_stay(use: Use, scene: Path) -> None:
    before, after = read_rgb(scene).astype(float), cartoon(use, scene)
    assert after.shape == before.shape
    disc = (slice(100, 140), slice(140, 180))
    assert after[disc].std(axis=(0, 1)).max() < 0.35 * before[disc].std(axis=(0, 1)).min()
    red, green, blue = after[disc].mean(axis=(0, 1))
    assert red > 150
    assert max(green, blue) < 90


def test_lines_run_around_things_and_can_be_left_out(use: Use, scene: Path) -> None:
    def rim(pixels: np.ndarray) -> float:
        y, x = np.mgrid[0:240, 0:320]
        ring = np.abs(np.hypot(x - 160, y - 120) - 60) < 2
        return float(pixels[ring].sum(axis=1).mean())

    assert rim(cartoon(use, scene, lines=1)) < 0.85 * rim(cartoon(use, scene, lines=0))


def test_light_is_level_within_a_shade_and_steep_between_two(use: Use, tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 255, 512), (64, 1))
    path = write_png(np.dstack([ramp] * 3).astype(np.uint8), tmp_path / "ramp.png")
    light = cartoon(use, path, shades=4, lines=0)[32, :, 1]
    # of four shades, the second ends at half the lightness, which is grey level 119
    within, between = (light[198] - light[156]) / 42, (light[264] - light[214]) / 50
    assert between > 3 * within > 0
    level = cartoon(use, path, shades=32, lines=0)[32, :, 1]
    assert (level[264] - level[214]) / 50 < 1.5 * (level[198] - level[156]) / 42


@pytest.mark.parametrize("numbers", [{"shades": 1}, {"shades": 99}, {"lines": 2}])
def test_numbers_out_of_range_are_refused(use: Use, scene: Path, numbers: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="must lie between"):
        use("cartoon_image", image=scene, **numbers)
