"""Boxes are chosen by label, size and place, and counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]

CUP = Box(x=10, y=100, width=80, height=60, label="Red cup", score=0.7)
SPOON = Box(x=300, y=20, width=30, height=10, label="spoon", score=0.9)
PLATE = Box(x=150, y=180, width=40, height=40, label="plate, red", score=0.5)
TABLE = Boxes(width_px=400, height_px=300, boxes=(CUP, SPOON, PLATE))


def selected(use: Use, **inputs: object) -> tuple[Box, ...]:
    product = use("select_boxes", boxes=TABLE.to_json(), **inputs)["boxes"]
    found = Boxes.from_json(product.text or "")
    assert (found.width_px, found.height_px) == (400, 300)
    return found.boxes


@pytest.mark.parametrize(
    ("which", "box"),
    [
        ("largest", CUP),
        ("biggest", CUP),
        ("smallest", SPOON),
        ("leftmost", CUP),
        ("rightmost", SPOON),
        ("right", SPOON),
        ("topmost", SPOON),
        ("bottommost", PLATE),
        ("bottom", PLATE),
        ("surest", SPOON),
    ],
)
def test_one_box_is_picked_by_size_or_place(use: Use, which: str, box: Box) -> None:
    assert selected(use, which=which) == (box,)


def test_a_limit_takes_more_of_them_in_that_order(use: Use) -> None:
    assert selected(use, which="largest", limit=2) == (CUP, PLATE)
    assert selected(use, limit=2) == (CUP, SPOON)


def test_a_label_is_matched_in_part_and_in_any_case(use: Use) -> None:
    assert selected(use, label="RED") == (CUP, PLATE)
    assert selected(use, label="red", which="rightmost") == (PLATE,)


def test_small_boxes_are_left_out_on_request(use: Use) -> None:
    assert selected(use, smallest=0.01) == (CUP, PLATE)


def test_all_of_them_stay_without_a_wish(use: Use) -> None:
    assert selected(use) == TABLE.boxes


def test_no_box_with_the_label_is_an_answer(use: Use) -> None:
    product = use("select_boxes", boxes=TABLE.to_json(), label="knife")["boxes"]
    assert json.loads(product.text or "")["boxes"] == []
    assert product.caption == "0 of 3 boxes; none is called 'knife'"


def test_numbers_out_of_range_are_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="limit must be between 1"):
        selected(use, limit=0)
    with pytest.raises(InvalidInput, match="smallest must be a share"):
        selected(use, smallest=40)


def test_boxes_are_counted(use: Use) -> None:
    count = use("count_boxes", boxes=TABLE.to_json())["count"]
    assert count.text == "3"
    assert count.type == "number.count"
    assert use("count_boxes", boxes=TABLE.to_json(), label="red")["count"].text == "2"
    assert use("count_boxes", boxes=TABLE.to_json() | {"boxes": []})["count"].text == "0"
