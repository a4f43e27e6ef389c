"""A picture gets the size that was asked for, without losing its shape or making patterns up."""

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


def resized(use: Use, path: Path, **inputs: object) -> np.ndarray:
    product = use("resize_image", image=path, **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path)


@pytest.mark.parametrize(
    ("inputs", "size"),
    [
        ({}, (200, 100)),
        ({"scale": 0.25}, (100, 50)),
        ({"scale": 2}, (800, 400)),
        ({"width": 100}, (100, 50)),
        ({"height": 100}, (200, 100)),
        ({"width": 100, "height": 100}, (100, 100)),
        ({"width": 100, "height": 100, "keep_shape": True}, (100, 50)),
        ({"width": 100, "height": 20, "keep_shape": True}, (40, 20)),
        ({"width": 100, "height": 100, "keep_shape": False}, (100, 100)),
        ({"width": 100, "keep_shape": False}, (100, 200)),
        ({"width": 100, "scale": 3}, (100, 50)),
        ({"scale": 0.0001}, (1, 1)),
    ],
)
def test_the_size_is_what_was_asked_for(
    use: Use, tmp_path: Path, inputs: dict[str, object], size: tuple[int, int]
) -> None:
    Image.new("RGB", (400, 200), "teal").save(tmp_path / "a.png")
    pixels = resized(use, tmp_path / "a.png", **inputs)
    assert (pixels.shape[1], pixels.shape[0]) == size
    assert (pixels == (0, 128, 128)).all()


def test_what_is_on_the_left_stays_on_the_left(use: Use, tmp_path: Path) -> None:
    picture = Image.new("RGB", (400, 200), "blue")
    picture.paste("red", (0, 0, 200, 200))
    picture.save(tmp_path / "a.png")
    pixels = resized(use, tmp_path / "a.png", scale=0.3)
    assert (pixels[:, :50] == (255, 0, 0)).all()
    assert (pixels[:, 70:] == (0, 0, 255)).all()


def test_what_is_transparent_stays_so_and_its_hidden_colour_does_not_bleed(
    use: Use, tmp_path: Path
) -> None:
    colours = np.zeros((60, 60, 3), dtype=np.uint8)
    colours[:, :30] = (255, 0, 0)
    alpha = np.zeros((60, 60), dtype=np.uint8)
    alpha[:, :30] = 255
    path = write_png(colours, tmp_path / "a.png", alpha)
    product = use("resize_image", image=path, scale=0.5)["image"]
    assert product.path is not None
    small, seen = read_layer(product.path)
    assert seen is not None
    assert seen[:, :11].min() == 255
    assert seen[:, 19:].max() == 0
    assert (small[seen > 20][:, 0] > 250).all(), "no dark rim"


def test_a_pattern_finer_than_the_result_becomes_grey_and_no_other_pattern(
    use: Use, tmp_path: Path
) -> None:
    stripes = np.zeros((200, 400, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    pixels = resized(use, write_png(stripes, tmp_path / "a.png"), width=130)
    assert abs(pixels[:, 3:-3].astype(int) - 127).max() < 12


def test_a_smooth_picture_survives_being_made_small_and_large_again(
    use: Use, tmp_path: Path
) -> None:
    y, x = np.mgrid[0:120, 0:160]
    wave = (127 + 60 * np.sin(x / 12) + 60 * np.cos(y / 15)).astype(np.uint8)
    path = write_png(np.dstack([wave] * 3), tmp_path / "a.png")
    small = write_png(resized(use, path, scale=0.5), tmp_path / "small.png")
    error = resized(use, small, scale=2)[8:-8, 8:-8].astype(int) - read_rgb(path)[8:-8, 8:-8]
    assert np.sqrt((error.astype(float) ** 2).mean()) < 2


@pytest.mark.parametrize("inputs", [{"scale": 0}, {"width": -5}, {"height": 0}, {"scale": 1e12}])
def test_a_size_that_is_none_is_refused(
    use: Use, tmp_path: Path, inputs: dict[str, object]
) -> None:
    Image.new("RGB", (40, 20)).save(tmp_path / "a.png")
    with pytest.raises(InvalidInput, match="must be above zero and at most"):
        resized(use, tmp_path / "a.png", **inputs)


def test_a_result_over_the_limit_is_refused_before_it_is_made(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (1_000, 1_000)).save(tmp_path / "a.png")
    with pytest.raises(InvalidInput, match="8000x8000 pixels are over the limit of 50 megapixels"):
        resized(use, tmp_path / "a.png", scale=8)
