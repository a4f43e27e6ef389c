"""Boxes are drawn around things, and what they are around stays readable."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_rgb
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import PHOTO_WORDS, SIGN_LINES, photo

Use = Callable[..., Mapping[str, Product]]


def drawn(use: Use, path: Path, boxes: Boxes) -> np.ndarray:
    product = use("highlight_boxes", image=path, boxes=boxes.to_json())["image"]
    assert product.path is not None
    return read_rgb(product.path)


def plain(path: Path, colour: str, size: tuple[int, int] = (400, 300)) -> Path:
    Image.new("RGB", size, colour).save(path)
    return path


def one(label: str = "cup", size: tuple[int, int] = (400, 300)) -> Boxes:
    box = Box(x=100, y=120, width=150, height=90, label=label)
    return Boxes(width_px=size[0], height_px=size[1], boxes=(box,))


@pytest.mark.parametrize("ground", ["black", "white", "gray", "gold", "red"])
def test_the_rectangle_stands_out_on_any_ground(use: Use, tmp_path: Path, ground: str) -> None:
    before = read_rgb(plain(tmp_path / "a.png", ground)).astype(int)
    after = drawn(use, tmp_path / "a.png", one(label="")).astype(int)
    changed = np.abs(after - before).max(axis=2)
    rows, columns = np.nonzero(changed)
    # around the box by a few pixels, and nothing inside it or far away
    assert 90 <= columns.min() < 100
    assert 250 <= columns.max() < 260
    assert 110 <= rows.min() < 120
    assert 210 <= rows.max() < 220
    assert not changed[120:210, 100:250].any()
    # from outside to inside, the edge passes a dark and a bright line: one of them contrasts
    edge = after[160, 85:100].mean(axis=1)
    assert edge.min() < 40 or edge.max() > 150
    assert changed[160, 85:100].max() > 100


def test_labels_get_a_plate_of_the_colour_of_their_box(use: Use, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.png", "gray")
    with_label = drawn(use, path, one()).astype(int)
    without = drawn(use, path, one(label="")).astype(int)
    rows, columns = np.nonzero(np.abs(with_label - without).max(axis=2))
    assert rows.max() < 120
    plate = with_label[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    colours, counts = np.unique(plate.reshape(-1, 3), axis=0, return_counts=True)
    ground = colours[counts.argmax()]
    assert ground @ (0.2126, 0.7152, 0.0722) > 120, "dark letters need a bright plate"
    assert plate.min() < 40, "the letters"


def test_boxes_of_two_kinds_have_two_colours_and_of_one_kind_one(use: Use, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.png", "black", (600, 200))
    kinds = ("cup", "spoon", "cup")
    boxes = tuple(
        Box(x=40 + 190 * n, y=90, width=100, height=60, label=kind) for n, kind in enumerate(kinds)
    )
    pixels = drawn(use, path, Boxes(width_px=600, height_px=200, boxes=boxes))
    lines = [tuple(pixels[151:156, box.x + 50].max(axis=0)) for box in boxes]
    assert lines[0] == lines[2]
    assert lines[0] != lines[1]


def test_marked_words_can_still_be_read(use: Use, tmp_path: Path) -> None:
    path = photo(tmp_path / "photo.png")
    marked = use("highlight_boxes", image=path, boxes=PHOTO_WORDS.to_json())["image"]
    assert marked.path is not None
    read = use("read_text", image=marked.path)["text"].text or ""
    for word in " ".join(SIGN_LINES).split():
        assert word in read


def test_a_box_at_the_edge_and_a_very_long_label_stay_on_the_picture(
    use: Use, tmp_path: Path
) -> None:
    corner = Box(x=340, y=0, width=60, height=300, label="a very long label " * 9)
    whole = Boxes(width_px=400, height_px=300, boxes=(corner,))
    assert drawn(use, plain(tmp_path / "a.png", "white"), whole).shape == (300, 400, 3)


def test_boxes_of_a_larger_version_of_the_picture_are_scaled(use: Use, tmp_path: Path) -> None:
    large = Boxes(width_px=800, height_px=600, boxes=(Box(x=200, y=240, width=300, height=180),))
    path = plain(tmp_path / "a.png", "black")
    assert (drawn(use, path, large) == drawn(use, path, one(label=""))).all()


def test_boxes_of_another_picture_are_refused(use: Use, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="find the boxes on this picture"):
        drawn(use, plain(tmp_path / "a.png", "white"), one(size=(400, 800)))


def test_without_boxes_the_picture_comes_back(use: Use, tmp_path: Path) -> None:
    path = photo(tmp_path / "photo.png")
    product = use("highlight_boxes", image=path, boxes=PHOTO_WORDS.to_json() | {"boxes": []})
    assert product["image"].caption == "picture with 0 boxes"
    assert product["image"].path is not None
    assert (read_rgb(product["image"].path) == read_rgb(path)).all()


def test_two_thousand_boxes_are_drawn_in_a_moment(use: Use, tmp_path: Path) -> None:
    many = tuple(
        Box(x=10 + 30 * (n % 50), y=10 + 25 * (n // 50), width=20, height=12, label=f"n{n}")
        for n in range(2_000)
    )
    path = plain(tmp_path / "a.png", "white", (1_520, 1_020))
    listed = tmp_path / "boxes.json"
    listed.write_text(json.dumps(Boxes(width_px=1_520, height_px=1_020, boxes=many).to_json()))
    begin = time.perf_counter()
    product = use("highlight_boxes", image=path, boxes=listed)["image"]
    assert product.caption == "picture with 2000 boxes"
    assert time.perf_counter() - begin < 20


def test_of_a_crowd_without_room_for_labels_only_the_boxes_are_drawn(
    use: Use, tmp_path: Path
) -> None:
    rows = tuple(
        Box(x=10 + 62 * (n % 6), y=10 + 20 * (n // 6), width=60, height=18, label=f"word {n}")
        for n in range(6 * 14)
    )
    crowd = Boxes(width_px=400, height_px=300, boxes=rows)
    bare = tuple(replace(box, label="") for box in rows)
    path = plain(tmp_path / "a.png", "white")
    labelled, unlabelled = (drawn(use, path, replace(crowd, boxes=boxes)) for boxes in (rows, bare))
    # the colours of the lines differ by label, so only the ground beside the boxes is compared
    assert (labelled[295:] == unlabelled[295:]).all()
    assert (labelled[:, 385:] == unlabelled[:, 385:]).all()
    few = drawn(use, path, replace(crowd, boxes=rows[:3]))
    assert (few[34:60, 12:190] != 255).any(), "three labels find room below"
