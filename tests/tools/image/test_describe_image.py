"""A description says what is on the picture, and nothing that is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from controlllm_tools.image.describe_image import people, quality
from controlllm_tools.image.image_facts import ImageFacts, measure
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.fonts import font
from controlllm_tools.media.images import read_rgb
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import photo

Use = Callable[..., Mapping[str, Product]]


def described(use: Use, path: Path) -> str:
    return use("describe_image", image=path)["description"].text or ""


def test_size_colours_face_and_words_are_told(use: Use, tmp_path: Path) -> None:
    text = described(use, photo(tmp_path / "photo.png"))
    assert text.startswith("This landscape picture of 640x480 pixels is bright")
    assert "blue" in text
    assert "One face can be seen, on the left." in text
    assert "Words on it read “HARBOUR CAFE / Open from 7 AM”." in text


def test_of_a_plain_picture_nothing_more_is_told(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (100, 300), (3, 3, 3)).save(tmp_path / "a.png")
    assert described(use, tmp_path / "a.png") == (
        "This portrait picture of 100x300 pixels is dark, with soft contrast. It has hardly any "
        "colour: mostly black (100%). It is for the most part black."
    )


def test_a_code_and_transparency_are_told(use: Use, tmp_path: Path) -> None:
    code = use("make_code", text="MARWICK 12")["code"].path
    assert code is not None
    with Image.open(code) as image:
        layer = Image.new("RGBA", (2 * image.width, image.height), (0, 0, 0, 0))
        layer.paste(image.convert("RGBA"), (0, 0))
    layer.save(tmp_path / "a.png")
    text = described(use, tmp_path / "a.png")
    assert "A code on it says “MARWICK 12”." in text
    assert "About 50% of it is transparent." in text


@pytest.fixture
def facts(tmp_path: Path) -> ImageFacts:
    return measure(read_rgb(photo(tmp_path / "photo.png")), None)


def test_faults_are_told_when_they_are_there(facts: ImageFacts) -> None:
    assert quality(facts) == ""
    assert quality(replace(facts, sharpness=0.2)) == "It is blurred."
    worse = replace(facts, sharpness=0.2, noise=12.0)
    assert quality(worse) == "It is blurred and noisy."


@pytest.mark.parametrize(
    ("x", "y", "place"),
    [(400, 300, "in the middle"), (0, 0, "in the upper left"), (800, 300, "on the right"),
     (400, 650, "in the lower part")],
)  # fmt: skip
def test_the_place_of_a_face(x: int, y: int, place: str) -> None:
    faces = Boxes(
        width_px=1_000, height_px=800, boxes=(Box(x=x, y=y, width=150, height=150, label="face"),)
    )
    assert people(faces) == f"One face can be seen, {place}."
    two = replace(faces, boxes=(*faces.boxes, Box(x=1, y=1, width=9, height=9)))
    assert people(two) == f"Two faces can be seen, the largest {place}."


def test_quotation_marks_on_a_picture_cannot_end_the_quotation(use: Use, tmp_path: Path) -> None:
    sign = Image.new("RGB", (600, 300), "white")
    ImageDraw.Draw(sign).text((30, 30), 'Say "hello" twice', fill="black", font=font(48))
    sign.save(tmp_path / "a.png")
    text = described(use, tmp_path / "a.png")
    assert text.count("”") == 1
