"""Cut out is what was asked for, pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_layer, read_rgb, write_png
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A picture of 60x40 pixels in which each pixel tells its own place."""
    y, x = np.mgrid[0:40, 0:60]
    return write_png(np.dstack([x, y, x * 0]).astype(np.uint8), tmp_path / "chart.png")


def cut(use: Use, tool: str, **inputs: object) -> tuple[int, int, int, int]:
    """Left, top, width and height of what was cut out, read off its pixels."""
    product = use(tool, **inputs)["image"]
    assert product.path is not None
    pixels = read_rgb(product.path)
    left, top = (int(value) for value in pixels[0, 0, :2])
    height, width = pixels.shape[:2]
    y, x = np.mgrid[top : top + height, left : left + width]
    assert (pixels[:, :, 0] == x).all()
    assert (pixels[:, :, 1] == y).all()
    return left, top, width, height


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({}, (0, 0, 60, 40)),
        ({"left": 10, "top": 5, "width": 20, "height": 8}, (10, 5, 20, 8)),
        ({"left": 30}, (30, 0, 30, 40)),
        ({"height": 10}, (0, 0, 60, 10)),
        ({"left": 50, "width": 100}, (50, 0, 10, 40)),
        ({"left": -10, "width": 30}, (0, 0, 20, 40)),
        ({"left": 9.6, "width": 2.4}, (10, 0, 2, 40)),
    ],
)
def test_a_rectangle_is_cut_by_numbers(
    use: Use, chart: Path, numbers: dict[str, float], expected: tuple[int, ...]
) -> None:
    assert cut(use, "crop_image", image=chart, **numbers) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"part": "left"}, (0, 0, 30, 40)),
        ({"part": "right"}, (30, 0, 30, 40)),
        ({"part": "upper"}, (0, 0, 60, 20)),
        ({"part": "bottom"}, (0, 20, 60, 20)),
        ({"part": "square"}, (10, 0, 40, 40)),
        ({"part": "top", "top": 5}, (0, 5, 60, 35)),
    ],
)
def test_a_half_is_cut_by_a_word_unless_there_is_a_number(
    use: Use, chart: Path, given: dict[str, object], expected: tuple[int, ...]
) -> None:
    assert cut(use, "crop_image", image=chart, **given) == expected


def test_what_is_transparent_stays_so(use: Use, tmp_path: Path) -> None:
    alpha = np.arange(40 * 60, dtype=np.uint16).reshape(40, 60).astype(np.uint8)
    path = write_png(np.full((40, 60, 3), 9, dtype=np.uint8), tmp_path / "a.png", alpha)
    product = use("crop_image", image=path, left=10, top=5, width=20, height=8)["image"]
    assert product.path is not None
    seen = read_layer(product.path)[1]
    assert seen is not None
    assert (seen == alpha[5:13, 10:30]).all()


@pytest.mark.parametrize(
    "numbers",
    [{"left": 60}, {"top": -50, "height": 50}, {"width": 0}, {"height": -3}, {"left": 1e9}],
)
def test_a_rectangle_off_the_picture_is_refused_with_the_size_of_the_picture(
    use: Use, chart: Path, numbers: dict[str, float]
) -> None:
    with pytest.raises(InvalidInput, match=r"picture of 60x40|no picture is that large"):
        use("crop_image", image=chart, **numbers)


BOXES = Boxes(
    width_px=60,
    height_px=40,
    boxes=(Box(x=40, y=5, width=5, height=5), Box(x=10, y=10, width=20, height=10)),
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"margin": 0}, (10, 10, 20, 10)),
        ({}, (8, 8, 24, 14)),
        ({"margin": 0.5}, (0, 0, 40, 30)),
        ({"margin": 99}, (0, 0, 60, 40)),
        ({"margin": 0, "around": "all"}, (10, 5, 35, 15)),
    ],
)
def test_the_largest_box_or_all_of_them_are_cut_out_with_a_margin(
    use: Use, chart: Path, given: dict[str, object], expected: tuple[int, ...]
) -> None:
    assert cut(use, "crop_to_box", image=chart, boxes=BOXES.to_json(), **given) == expected


def test_boxes_of_a_larger_version_of_the_picture_are_scaled(use: Use, chart: Path) -> None:
    double = Boxes(width_px=120, height_px=80, boxes=(Box(x=20, y=20, width=40, height=20),))
    found = cut(use, "crop_to_box", image=chart, boxes=double.to_json(), margin=0)
    assert found == (10, 10, 20, 10)


def test_without_a_box_there_is_nothing_to_cut_around(use: Use, chart: Path) -> None:
    with pytest.raises(InvalidInput, match="no box to cut around"):
        use("crop_to_box", image=chart, boxes=BOXES.to_json() | {"boxes": []})


def test_boxes_of_another_picture_are_refused(use: Use, chart: Path) -> None:
    with pytest.raises(InvalidInput, match="belong to a picture of 60x60 pixels"):
        use("crop_to_box", image=chart, boxes=BOXES.to_json() | {"height_px": 60})
