"""Brightness, contrast, saturation and warmth change as told, and nothing else does."""

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


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """Muted colours, dark on the left and bright on the right."""
    y, x = np.mgrid[0:600, 0:80]
    light = 60 + x
    return write_png(
        np.dstack([light + 30, light, light + y // 30]).astype(np.uint8), tmp_path / "a.png"
    )


def changed(use: Use, path: Path, tool: str = "adjust_colours", **inputs: object) -> np.ndarray:
    product = use(tool, image=path, **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path).astype(float)


def spread(pixels: np.ndarray) -> float:
    """Distance of the colours from grey."""
    return float((pixels.max(axis=2) - pixels.min(axis=2)).mean())


def test_brightness_is_a_factor_on_every_value(use: Use, scene: Path) -> None:
    before = read_rgb(scene).astype(float)
    after = changed(use, scene, brightness=0.5)
    assert np.abs(after - before / 2).max() <= 0.51


@pytest.mark.parametrize(("word", "sign"), [("brighter", 1), ("darker", -1)])
def test_a_word_is_enough_for_the_brightness(use: Use, scene: Path, word: str, sign: int) -> None:
    assert sign * (changed(use, scene, light=word).mean() - read_rgb(scene).mean()) > 20


@pytest.mark.parametrize(("word", "factor"), [("brighter", 1.2), ("darker", 0.8)])
def test_a_share_and_a_word_together_are_a_share_more_or_less(
    use: Use, scene: Path, word: str, factor: float
) -> None:
    after = changed(use, scene, light=word, brightness=0.2)
    assert after.mean() == pytest.approx(factor * read_rgb(scene).mean(), rel=0.01)


def test_contrast_spreads_around_the_mean(use: Use, scene: Path) -> None:
    before = read_rgb(scene).astype(float)
    after = changed(use, scene, contrast=1.5)
    assert after.std() == pytest.approx(1.5 * before.std(), rel=0.02)
    assert after.mean() == pytest.approx(before.mean(), abs=2)


def test_saturation_zero_is_grey_and_two_doubles_the_colour(use: Use, scene: Path) -> None:
    before = read_rgb(scene).astype(float)
    assert spread(changed(use, scene, saturation=0)) <= 0.01
    assert spread(changed(use, scene, saturation=2)) == pytest.approx(2 * spread(before), rel=0.03)


@pytest.mark.parametrize(("word", "sign"), [("warmer", 1), ("cooler", -1)])
def test_warmth_moves_red_against_blue(use: Use, scene: Path, word: str, sign: int) -> None:
    before = read_rgb(scene).astype(float).mean(axis=(0, 1))
    after = changed(use, scene, temperature=word).mean(axis=(0, 1))
    assert sign * (after[0] - before[0]) > 5
    assert sign * (after[2] - before[2]) < -5
    assert after[1] == pytest.approx(before[1], abs=0.01)


def test_without_a_wish_the_picture_gets_a_little_livelier(use: Use, scene: Path) -> None:
    before, after = read_rgb(scene).astype(float), changed(use, scene)
    assert 1.1 < after.std() / before.std() < 1.3
    assert 1.1 < spread(after) / spread(before) < 1.5


def test_numbers_of_one_change_nothing(use: Use, scene: Path) -> None:
    product = use("adjust_colours", image=scene, brightness=1, contrast=1, saturation=1, warmth=0)
    assert product["image"].caption == "unchanged"
    assert product["image"].path is not None
    assert (read_rgb(product["image"].path) == read_rgb(scene)).all()


@pytest.mark.parametrize("tool", ["adjust_colours", "grey_image"])
def test_a_cutout_keeps_its_shape(use: Use, tmp_path: Path, tool: str) -> None:
    alpha = np.zeros((20, 30), dtype=np.uint8)
    alpha[:, :10] = 200
    path = write_png(np.full((20, 30, 3), 70, dtype=np.uint8), tmp_path / "a.png", alpha)
    product = use(tool, image=path)["image"]
    assert product.path is not None
    seen = read_layer(product.path)[1]
    assert seen is not None
    assert (seen == alpha).all()


def test_numbers_out_of_range_are_refused(use: Use, scene: Path) -> None:
    with pytest.raises(InvalidInput, match="brightness must lie between 0 and 10, got -1"):
        use("adjust_colours", image=scene, brightness=-1)
    with pytest.raises(InvalidInput, match="warmth must lie between -1 and 1, got 3"):
        use("adjust_colours", image=scene, warmth=3)


def test_grey_is_as_bright_as_the_colours_looked(use: Use, tmp_path: Path) -> None:
    picture = Image.new("RGB", (30, 10), (0, 255, 0))
    picture.paste((0, 0, 255), (0, 0, 10, 10))
    picture.paste((255, 255, 255), (20, 0, 30, 10))
    picture.save(tmp_path / "a.png")
    pixels = changed(use, tmp_path / "a.png", "grey_image")
    assert spread(pixels) == 0
    assert pixels[5, [5, 15, 25], 0].tolist() == [29, 150, 255]


def test_sepia_is_brown(use: Use, scene: Path) -> None:
    red, green, blue = changed(use, scene, "grey_image", tone="sepia").mean(axis=(0, 1))
    assert red > green + 5 > blue + 20
