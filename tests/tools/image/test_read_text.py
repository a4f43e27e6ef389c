"""The words on a picture are read exactly, in order, and each is found where it stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from controlllm_tools.errors import InvalidInput, ToolFailed
from controlllm_tools.image.read_text import ReadText
from controlllm_tools.media.boxes import Boxes
from controlllm_tools.media.fonts import font
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import PHOTO_WORDS, SIGN_LINES, photo
from controlllm_tools.tool import Inputs, ToolContext

Use = Callable[..., Mapping[str, Product]]


def page(
    path: Path, lines: list[tuple[str, int, int]], *, ink: str = "black", ground: str = "white"
) -> Path:
    """Draw lines of text at (x, y), 26 pixels high."""
    picture = Image.new("RGB", (900, 420), ground)
    draw = ImageDraw.Draw(picture)
    for text, x, y in lines:
        draw.text((x, y), text, fill=ink, font=font(26))
    picture.save(path)
    return path


def test_the_sign_on_the_photo_is_read_and_its_words_are_found(use: Use, tmp_path: Path) -> None:
    found = use("read_text", image=photo(tmp_path / "photo.png"))
    assert found["text"].text == "\n".join(SIGN_LINES)
    assert found["text"].caption == "6 words"
    boxes = Boxes.from_json(found["boxes"].text or "")
    assert (boxes.width_px, boxes.height_px) == (640, 480)
    assert [box.label for box in boxes.boxes] == " ".join(SIGN_LINES).split()
    for box, drawn in zip(boxes.boxes, PHOTO_WORDS.boxes, strict=True):
        assert box.overlap(drawn) > 0.7
        assert box.score > 0.9


def test_two_columns_are_read_one_after_the_other(use: Use, tmp_path: Path) -> None:
    left = ["The first column", "has three lines", "of plain text."]
    right = ["And the second", "column has some", "more of it."]
    lines = [(text, 40, 60 + 44 * n) for n, text in enumerate(left)]
    lines += [(text, 520, 60 + 44 * n) for n, text in enumerate(right)]
    read = use("read_text", image=page(tmp_path / "page.png", lines))["text"].text
    assert (read or "").replace("\n\n", "\n").split("\n") == left + right


@pytest.mark.parametrize(("ink", "ground"), [("white", "black"), ("navy", "khaki")])
def test_light_on_dark_and_coloured_words_are_read(
    use: Use, tmp_path: Path, ink: str, ground: str
) -> None:
    path = page(tmp_path / "p.png", [("Meet me at 7:45", 60, 80)], ink=ink, ground=ground)
    assert use("read_text", image=path)["text"].text == "Meet me at 7:45"


def test_dots_that_lead_to_a_price_are_left_out(use: Use, tmp_path: Path) -> None:
    path = page(tmp_path / "menu.png", [("Tea . . . . . . . . $4", 60, 80)])
    found = use("read_text", image=path)
    assert found["text"].text == "Tea $4"
    assert [box["label"] for box in json.loads(found["boxes"].text or "")["boxes"]] == ["Tea", "$4"]


def test_a_picture_without_words_gives_an_empty_text_that_says_so(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), "teal").save(tmp_path / "plain.png")
    found = use("read_text", image=tmp_path / "plain.png")
    assert found["text"].text == ""
    assert found["text"].caption == "no words found"
    assert Boxes.from_json(found["boxes"].text or "").boxes == ()


def test_nothing_is_printed_and_nothing_is_downloaded(
    use: Use, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    tool = ReadText()
    tool.load("cpu")
    Image.new("RGB", (90, 60), "white").save(tmp_path / "plain.png")
    use("read_text", image=tmp_path / "plain.png")
    assert capfd.readouterr() == ("", "")


def test_it_must_be_loaded_and_can_be_unloaded(context: ToolContext) -> None:
    tool = ReadText()
    tool.load("cpu")
    tool.unload()
    photo(context.scratch / "p.png")
    from controlllm_tools.samples import item_of_file

    item = item_of_file(context.scratch / "p.png", "image")
    with pytest.raises(ToolFailed, match="before it was loaded"):
        tool.run(Inputs.of(image=item), context)


def test_what_is_no_picture_is_refused(use: Use, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words, but no picture")
    with pytest.raises(InvalidInput, match="not a picture"):
        use("read_text", image=tmp_path / "notes.txt")


@pytest.mark.parametrize("upright", [False, True])
def test_a_long_strip_is_read_where_its_words_are(use: Use, tmp_path: Path, upright: bool) -> None:
    size = (90, 500) if upright else (700, 60)
    strip = Image.new("RGB", size, (250, 240, 220))
    draw = ImageDraw.Draw(strip)
    places = [(8, 60 + 150 * n) if upright else (30 + 220 * n, 16) for n in range(3)]
    for place, word in zip(places, ("Tides", "Boats", "Cod"), strict=True):
        draw.text(place, word, fill="black", font=font(26))
    strip.save(tmp_path / "strip.png")
    results = use("read_text", image=tmp_path / "strip.png")
    assert (results["text"].text or "").split() == ["Tides", "Boats", "Cod"]
    boxes = Boxes.from_json(results["boxes"].text or "")
    assert (boxes.width_px, boxes.height_px) == size
    for box, (x, y) in zip(boxes.boxes, places, strict=True):
        assert abs(box.x - x) <= 10
        assert abs(box.y - y) <= 12
