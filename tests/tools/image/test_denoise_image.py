"""Noise goes, the picture stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.image.denoise_image import noise_level
from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


def scene() -> np.ndarray:
    """Smooth light, sharp shapes and fine stripes: 240x320 pixels."""
    y, x = np.mgrid[0:240, 0:320]
    pixels = np.dstack([120 + 60 * np.sin(x / 60), 110 + y / 4, 150 - x / 6])
    pixels[60:130, 40:120] = (200, 60, 50)
    pixels[(x - 230) ** 2 + (y - 90) ** 2 < 45**2] = (40, 70, 160)
    pixels[170:220, 60:260:8] = 230
    return pixels.astype(np.uint8)


def noisy(sigma: float) -> np.ndarray:
    noise = np.random.default_rng(8).normal(0, sigma, (240, 320, 3))
    return (scene() + noise).round().clip(0, 255).astype(np.uint8)


def psnr_db(pixels: np.ndarray) -> float:
    error = pixels.astype(float) - scene()
    return float(10 * np.log10(255**2 / (error**2).mean()))


def cleaned(use: Use, pixels: np.ndarray, path: Path, **inputs: object) -> np.ndarray:
    product = use("denoise_image", image=write_png(pixels, path), **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path)


@pytest.mark.parametrize(("sigma", "gain_db"), [(5, 3), (12, 6), (25, 6)])
def test_the_picture_comes_closer_to_the_one_without_noise(
    use: Use, tmp_path: Path, sigma: float, gain_db: float
) -> None:
    before = noisy(sigma)
    after = cleaned(use, before, tmp_path / "a.png")
    assert psnr_db(after) > psnr_db(before) + gain_db


def test_edges_stay_sharp(use: Use, tmp_path: Path) -> None:
    after = cleaned(use, noisy(12), tmp_path / "a.png").astype(float)
    step = after[70:120, 42:48].mean() - after[70:120, 33:38].mean()
    true = scene().astype(float)[70:120, 42:48].mean() - scene()[70:120, 33:38].mean()
    assert step == pytest.approx(true, abs=6)


@pytest.mark.parametrize("sigma", [3, 10, 25])
def test_noise_is_measured(sigma: float) -> None:
    assert noise_level(noisy(sigma)) == pytest.approx(sigma, rel=0.15)


def test_a_clean_picture_stays_as_it_is(use: Use, tmp_path: Path) -> None:
    assert (cleaned(use, scene(), tmp_path / "a.png") == scene()).all()


def test_there_is_no_seam_between_the_strips(use: Use, tmp_path: Path) -> None:
    """Turned upside down, the strips lie elsewhere and the result is the same."""
    upright = cleaned(use, noisy(12), tmp_path / "a.png")
    turned = cleaned(use, noisy(12)[::-1].copy(), tmp_path / "b.png")[::-1]
    assert np.abs(upright.astype(int) - turned).max() <= 2


def test_the_caption_tells_how_much_was_removed(use: Use, tmp_path: Path) -> None:
    product = use("denoise_image", image=write_png(noisy(12), tmp_path / "a.png"))["image"]
    assert product.caption.startswith("noise of 1")
    assert float(product.caption.split()[-1]) < 4


def test_a_strength_out_of_range_is_refused_and_a_tiny_picture_is_not(
    use: Use, tmp_path: Path
) -> None:
    assert cleaned(use, scene()[:2, :3], tmp_path / "a.png").shape == (2, 3, 3)
    with pytest.raises(InvalidInput, match="strength must lie between 0 and 5, got 9"):
        cleaned(use, scene(), tmp_path / "a.png", strength=9)
