"""Turned and mirrored pictures have every pixel where it belongs."""

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
def chart(tmp_path: Path) -> Path:
    """A picture of 60x40 pixels in which each pixel tells its own place."""
    y, x = np.mgrid[0:40, 0:60]
    return write_png(np.dstack([x, y, x * 0]).astype(np.uint8), tmp_path / "chart.png")


def turned(use: Use, tool: str, **inputs: object) -> np.ndarray:
    product = use(tool, **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path)


@pytest.mark.parametrize(
    ("inputs", "quarters"),
    [
        ({}, -1),
        ({"degrees": 90}, -1),
        ({"degrees": 90, "direction": "counterclockwise"}, 1),
        ({"degrees": 90, "direction": "left"}, 1),
        ({"degrees": -90}, 1),
        ({"degrees": 180}, 2),
        ({"degrees": 720}, 0),
    ],
)
def test_quarter_turns_move_pixels_and_change_none(
    use: Use, chart: Path, inputs: dict[str, object], quarters: int
) -> None:
    pixels = turned(use, "rotate_image", image=chart, **inputs)
    assert (pixels == np.rot90(read_rgb(chart), quarters)).all()


def test_any_angle_makes_room_for_the_corners_and_turns_the_right_way(
    use: Use, tmp_path: Path
) -> None:
    picture = Image.new("RGB", (200, 200), "blue")
    picture.paste("red", (150, 90, 190, 110))  # at three o'clock
    picture.save(tmp_path / "a.png")
    pixels = turned(use, "rotate_image", image=tmp_path / "a.png", degrees=45, background="black")
    assert abs(pixels.shape[0] - 283) <= 1
    assert abs(pixels.shape[1] - 283) <= 1
    rows, columns = np.nonzero((pixels[:, :, 0] > 200) & (pixels[:, :, 2] < 50))
    # clockwise by an eighth from three o'clock is half past four: to the lower right
    assert rows.mean() - 141 == pytest.approx(70 * np.sin(np.pi / 4), abs=2)
    assert columns.mean() - 141 == pytest.approx(70 * np.sin(np.pi / 4), abs=2)
    assert (pixels[0, 0] == 0).all()


def test_without_room_the_size_stays(use: Use, chart: Path) -> None:
    pixels = turned(use, "rotate_image", image=chart, degrees=30, expand=False)
    assert pixels.shape == (40, 60, 3)
    assert (pixels[0, 0] == 255).all()


@pytest.mark.parametrize("was_clear", [True, False])
def test_corners_are_clear_where_asked_and_on_a_cutout(
    use: Use, tmp_path: Path, was_clear: bool
) -> None:
    picture = Image.new("RGBA", (50, 50), (200, 0, 0, 128 if was_clear else 255))
    picture.save(tmp_path / "a.png")
    inputs = {} if was_clear else {"background": "transparent"}
    product = use("rotate_image", image=tmp_path / "a.png", degrees=45, **inputs)["image"]
    assert product.path is not None
    colours, alpha = read_layer(product.path)
    assert alpha is not None
    assert alpha[0, 0] == 0
    assert alpha[35, 35] == (128 if was_clear else 255)
    assert (colours[alpha > 8][:, 0] > 190).all(), "no dark rim"


def test_an_angle_that_is_none_is_refused(use: Use, chart: Path) -> None:
    with pytest.raises(InvalidInput, match="degrees must lie between -36000 and 36000"):
        use("rotate_image", image=chart, degrees=1e9)


def test_a_picture_that_would_grow_over_the_limit_is_refused(use: Use, tmp_path: Path) -> None:
    Image.new("1", (40_000, 1_000)).save(tmp_path / "long.png")
    with pytest.raises(InvalidInput, match="over the limit of 50 megapixels; scale the picture"):
        use("rotate_image", image=tmp_path / "long.png", degrees=45)


@pytest.mark.parametrize("word", ["horizontally", "horizontal"])
def test_a_horizontal_flip_swaps_left_and_right(use: Use, chart: Path, word: str) -> None:
    pixels = turned(use, "flip_image", image=chart, direction=word)
    assert (pixels == read_rgb(chart)[:, ::-1]).all()


@pytest.mark.parametrize("word", ["vertically", "vertical"])
def test_a_vertical_flip_swaps_top_and_bottom(use: Use, chart: Path, word: str) -> None:
    assert (turned(use, "flip_image", image=chart, direction=word) == read_rgb(chart)[::-1]).all()


def test_a_flipped_cutout_stays_clear(use: Use, tmp_path: Path) -> None:
    alpha = np.zeros((20, 30), dtype=np.uint8)
    alpha[:, :10] = 200
    path = write_png(np.full((20, 30, 3), 7, dtype=np.uint8), tmp_path / "a.png", alpha)
    product = use("flip_image", image=path)["image"]
    assert product.path is not None
    seen = read_layer(product.path)[1]
    assert seen is not None
    assert (seen == alpha[:, ::-1]).all()
