"""A mask of boxes is white inside the boxes and black elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]
BOXES = Boxes(
    width_px=200,
    height_px=100,
    boxes=(Box(x=10, y=20, width=40, height=30), Box(x=150, y=60, width=20, height=20)),
)


def masked(use: Use, tmp_path: Path, boxes: Boxes = BOXES, **inputs: object) -> np.ndarray:
    Image.new("RGB", (200, 100)).save(tmp_path / "a.png")
    product = use("mask_from_boxes", image=tmp_path / "a.png", boxes=boxes.to_json(), **inputs)
    path = product["mask"].path
    assert path is not None
    with Image.open(path) as image:
        assert image.mode == "L"
        return np.asarray(image)


def test_boxes_become_white_rectangles(use: Use, tmp_path: Path) -> None:
    truth = np.zeros((100, 200), dtype=np.uint8)
    truth[20:50, 10:50] = 255
    truth[60:80, 150:170] = 255
    assert (masked(use, tmp_path) == truth).all()


def test_a_margin_widens_them_by_a_share_of_the_longer_side(use: Use, tmp_path: Path) -> None:
    rows, columns = np.nonzero(masked(use, tmp_path, margin=0.5)[:, :100])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (0, 69, 0, 69)


def test_ovals_leave_the_corners_black(use: Use, tmp_path: Path) -> None:
    oval = masked(use, tmp_path, shape="oval")
    assert oval[35, 30] == 255
    assert oval[21, 11] == 0
    assert 0.7 < (oval[20:50, 10:50] > 0).mean() < 0.85


def test_without_boxes_it_is_black(use: Use, tmp_path: Path) -> None:
    assert not masked(use, tmp_path, Boxes(width_px=200, height_px=100, boxes=())).any()


def test_boxes_of_another_picture_are_refused(use: Use, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="find the boxes on this picture"):
        masked(use, tmp_path, Boxes(width_px=100, height_px=100, boxes=()))
