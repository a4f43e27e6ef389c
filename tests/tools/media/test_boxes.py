"""Rectangles on a picture: read strictly, cut at the edges, fitted to other sizes of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes

SIDE = st.integers(1, 5_000)
BOX = st.builds(
    Box,
    x=st.integers(-50, 5_000),
    y=st.integers(-50, 5_000),
    width=SIDE,
    height=SIDE,
    label=st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    score=st.floats(0, 1),
)


def boxes(**changes: object) -> str:
    box = {"x": 1, "y": 2, "width": 3, "height": 4} | changes
    return json.dumps({"width_px": 10, "height_px": 10, "boxes": [box]})


@given(st.lists(BOX, max_size=5))
def test_json_comes_back_as_it_was(listed: list[Box]) -> None:
    inside = [clipped for box in listed if (clipped := box.clipped(4_000, 3_000))]
    whole = Boxes(width_px=4_000, height_px=3_000, boxes=tuple(inside))
    assert Boxes.from_json(json.dumps(whole.to_json())) == whole


@given(BOX, BOX)
def test_overlap_is_a_share_and_the_same_from_both_sides(a: Box, b: Box) -> None:
    assert 0 <= a.overlap(b) <= 1
    assert a.overlap(b) == b.overlap(a)
    assert a.overlap(a) == 1


def test_a_box_inside_another_one_overlaps_it_wholly() -> None:
    outer = Box(x=0, y=0, width=100, height=100)
    assert outer.overlap(Box(x=40, y=40, width=10, height=10)) == 1
    assert outer.overlap(Box(x=50, y=0, width=100, height=100)) == 0.5
    assert outer.overlap(Box(x=100, y=0, width=10, height=10)) == 0


@given(BOX, SIDE, SIDE)
def test_a_clipped_box_lies_on_the_picture(box: Box, width: int, height: int) -> None:
    part = box.clipped(width, height)
    if part is not None:
        assert 0 <= part.x < part.right <= width
        assert 0 <= part.y < part.bottom <= height
        assert part.overlap(box) == 1


def test_fractions_become_whole_pixels_and_edges_are_cut() -> None:
    read = Boxes.from_json(boxes(x=-1.4, y=2.6, width=20.2, height=3.5))
    assert read.boxes == (Box(x=0, y=3, width=10, height=4),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "this is not a list of boxes on a picture"),
        ("{}", "width_px: Field required"),
        (boxes(x="1"), "boxes.0.x: "),
        (boxes(x=True), "boxes.0.x: "),
        (boxes(x=float("nan")), "boxes.0.x: "),
        (boxes(width=0), "boxes.0.width: .*greater than or equal to 1"),
        (boxes(width=0.2), "boxes.0.width: .*greater than or equal to 1"),
        (boxes(score=1.5), "boxes.0.score: "),
        (boxes(label=7), "boxes.0.label: "),
        (boxes(label="x" * 1_001), "boxes.0.label: "),
        (boxes(x=10), "boxes.0 lies off the picture of 10x10 pixels"),
        (boxes(x=1e300), "boxes.0.x: "),
        ('{"width_px": 10, "height_px": 10, "boxes": 3}', "boxes: "),
    ],
)
def test_what_is_no_box_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Boxes.from_json(text)


def test_boxes_are_fitted_to_another_size_of_their_picture() -> None:
    whole = Boxes(width_px=200, height_px=100, boxes=(Box(x=20, y=10, width=41, height=1),))
    assert whole.fitted(200, 100) is whole
    half = whole.fitted(100, 50)
    assert half.boxes == (Box(x=10, y=5, width=20, height=1),)
    assert (half.width_px, half.height_px) == (100, 50)


def test_boxes_of_a_picture_of_another_shape_are_refused() -> None:
    with pytest.raises(InvalidInput, match="belong to a picture of 200x100 pixels, this one has 9"):
        Boxes(width_px=200, height_px=100, boxes=()).fitted(90, 90)
