"""What is measured of a picture follows what was done to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import photo

Use = Callable[..., Mapping[str, Product]]


def facts(use: Use, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(use("image_facts", image=path)["facts"].text or "")
    return found


def test_size_and_orientation(use: Use, tmp_path: Path) -> None:
    sizes = {"landscape": (640, 480), "portrait": (300, 500), "square": (100, 102)}
    for orientation, size in sizes.items():
        Image.new("RGB", size, "teal").save(tmp_path / "a.png")
        found = facts(use, tmp_path / "a.png")
        assert (found["width_px"], found["height_px"]) == size
        assert found["orientation"] == orientation
        assert found["megapixels"] == round(size[0] * size[1] / 1e6, 2)


def test_blurring_lowers_the_sharpness(use: Use, tmp_path: Path) -> None:
    photo(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        for name, radius in (("b", 2), ("c", 6)):
            image.filter(ImageFilter.GaussianBlur(radius)).save(tmp_path / f"{name}.png")
    crisp, soft, blurred = (facts(use, tmp_path / f"{n}.png")["sharpness"] for n in "abc")
    assert crisp > 0.6
    assert 0.3 < soft < 0.5
    assert 0 < blurred < 0.3


@pytest.mark.parametrize("sigma", [3, 8, 15])
def test_noise_is_estimated_as_strong_as_it_was_added(use: Use, tmp_path: Path, sigma: int) -> None:
    rng = np.random.default_rng(6)
    clean = 100 + 60 * np.sin(np.arange(400) / 90)[None, :] * np.ones((300, 1))
    noisy = (clean + rng.normal(0, sigma, clean.shape)).clip(0, 255).round().astype(np.uint8)
    found = facts(use, write_png(noisy, tmp_path / "a.png"))
    assert found["noise"] == pytest.approx(sigma, rel=0.15)


def test_light_and_histogram(use: Use, tmp_path: Path) -> None:
    half = np.zeros((100, 100), dtype=np.uint8)
    half[:, 50:] = 255
    found = facts(use, write_png(half, tmp_path / "a.png"))
    assert found["look"]["brightness"] == pytest.approx(0.5, abs=0.01)
    assert found["look"]["contrast"] == pytest.approx(1, abs=0.02)
    assert (found["too_dark"], found["too_bright"]) == (0.5, 0.5)
    assert found["histogram"] == [0.5, *([0] * 14), 0.5]


def test_transparency_is_measured(use: Use, tmp_path: Path) -> None:
    layer = Image.new("RGBA", (100, 10), (255, 0, 0, 255))
    layer.paste((0, 0, 0, 0), (0, 0, 25, 10))
    layer.save(tmp_path / "a.png")
    assert facts(use, tmp_path / "a.png")["transparent"] == 0.25


def test_a_single_pixel_has_facts_too(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (1, 1), "white").save(tmp_path / "a.png")
    found = facts(use, tmp_path / "a.png")
    assert (found["sharpness"], found["noise"]) == (0, 0)


def test_the_histogram_chart_shows_the_channels_where_they_are(use: Use, tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    pixels = np.stack([rng.normal(mean, 8, (200, 300)) for mean in (220, 120, 40)], axis=2).clip(
        0, 255
    )
    product = use("histogram_chart", image=write_png(pixels.astype(np.uint8), tmp_path / "a.png"))
    path = product["chart"].path
    assert path is not None
    chart = read_rgb(path).astype(int)
    assert chart.shape == (500, 900, 3)
    middles = []
    for colour in ((214, 39, 40), (44, 160, 44), (31, 119, 180)):
        # the axes alone: the legend has lines of the same colours at the top right
        rows, columns = np.nonzero(np.abs(chart[160:420] - colour).max(axis=2) < 30)
        middles.append(float(np.median(columns)))
        assert len(rows) > 100
    red, green, blue = middles
    assert blue < green - 100 < red - 200
