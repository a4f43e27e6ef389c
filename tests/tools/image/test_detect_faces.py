"""Faces are found where they are, and only there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from controlllm_tools.image.detect_faces import merged
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import PHOTO_FACES, photo

Use = Callable[..., Mapping[str, Product]]


def faces(use: Use, path: Path) -> Boxes:
    return Boxes.from_json(use("detect_faces", image=path)["faces"].text or "")


def test_the_face_on_the_photo_is_found(use: Use, tmp_path: Path) -> None:
    found = faces(use, photo(tmp_path / "photo.png"))
    (face,) = found.boxes
    assert face.label == "face"
    assert face.score > 0.7
    assert face.overlap(PHOTO_FACES.boxes[0]) > 0.9
    assert 0.5 < PHOTO_FACES.boxes[0].area / face.area < 1.5


def test_two_faces_are_found_each_once_the_larger_first(use: Use, tmp_path: Path) -> None:
    photo(tmp_path / "one.png")
    with Image.open(tmp_path / "one.png") as image:
        person = image.crop((0, 100, 310, 480))
    group = Image.new("RGB", (900, 480), (150, 190, 210))
    group.paste(person.resize((220, 270)), (60, 150))
    group.paste(person, (480, 80))
    group.save(tmp_path / "two.png")
    found = faces(use, tmp_path / "two.png").boxes
    assert len(found) == 2
    assert found[0].x > 480
    assert found[1].x < 300
    assert found[0].area > found[1].area


def test_a_large_picture_gives_boxes_in_its_own_pixels(use: Use, tmp_path: Path) -> None:
    photo(tmp_path / "photo.png")
    with Image.open(tmp_path / "photo.png") as image:
        image.resize((3_200, 2_400)).save(tmp_path / "large.png")
    found = faces(use, tmp_path / "large.png")
    assert (found.width_px, found.height_px) == (3_200, 2_400)
    assert found.boxes[0].overlap(Box(x=425, y=875, width=750, height=800)) > 0.9


@pytest.mark.parametrize("kind", ["plain", "noise", "stripes", "circles"])
def test_where_nobody_is_nobody_is_found(use: Use, tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(3)
    pixels = np.full((360, 480, 3), 120, dtype=np.uint8)
    if kind == "noise":
        pixels = rng.integers(0, 256, pixels.shape, dtype=np.uint8)
    if kind == "stripes":
        pixels[:, ::8] = 255
    picture = Image.fromarray(pixels)
    if kind == "circles":
        draw = ImageDraw.Draw(picture)
        for x in range(20, 440, 60):
            draw.ellipse((x, 100, x + 40, 140), fill="black")
    picture.save(tmp_path / "a.png")
    product = use("detect_faces", image=tmp_path / "a.png")["faces"]
    assert Boxes.from_json(product.text or "").boxes == ()
    assert product.caption == "no faces found"


def test_a_tiny_picture_has_no_faces(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (3, 2)).save(tmp_path / "tiny.png")
    assert faces(use, tmp_path / "tiny.png").boxes == ()


def test_finds_of_one_face_are_merged_to_the_surest() -> None:
    sure = Box(x=10, y=10, width=100, height=100, score=0.9)
    again = Box(x=20, y=15, width=100, height=100, score=0.8)
    inside = Box(x=30, y=30, width=20, height=20, score=0.7)
    other = Box(x=300, y=10, width=120, height=120, score=0.6)
    assert merged([inside, again, other, sure]) == (other, sure)
