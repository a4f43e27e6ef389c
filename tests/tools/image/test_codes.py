"""What a code was made to say is read from it again, also from a photo of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Boxes
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import photo

Use = Callable[..., Mapping[str, Product]]
LINK = "https://example.org/tides?week=12&harbour=Marwick"


def made(use: Use, text: str, **inputs: object) -> Path:
    path = use("make_code", text=text, **inputs)["code"].path
    assert path is not None
    return path


@pytest.mark.parametrize("kind", ["qr", "barcode", "aztec", "datamatrix", "pdf417"])
def test_every_kind_can_be_read_again(use: Use, kind: str) -> None:
    path = made(use, LINK, kind=kind)
    read = use("read_code", image=path)
    assert read["text"].text == LINK
    (box,) = Boxes.from_json(read["boxes"].text or "").boxes
    assert box.label == LINK
    with Image.open(path) as image:
        assert box.width > 0.5 * image.width


def test_a_long_text_becomes_a_stacked_barcode(use: Use) -> None:
    text = "Boats leave at half past four. " * 6
    product = use("make_code", text=text, kind="barcode")["code"]
    assert product.caption.startswith("PDF417 code of ")
    assert product.path is not None
    assert use("read_code", image=product.path)["text"].text == text.strip()


def test_letters_of_all_scripts_survive_in_a_qr_code(use: Use) -> None:
    text = "Grüße aus Łódź, 東京"
    assert use("read_code", image=made(use, text))["text"].text == text


def test_a_code_is_as_large_as_asked_and_all_its_modules_are_equal(use: Use) -> None:
    with Image.open(made(use, LINK, size=1_000)) as image:
        pixels = np.asarray(image)
    assert 1_000 <= max(pixels.shape) < 1_100
    rows = np.nonzero((np.diff(pixels.astype(int), axis=0) != 0).any(axis=1))[0] + 1
    module = int(np.gcd.reduce(rows))
    assert module > 10
    assert set(np.unique(pixels)) == {0, 255}


def test_a_turned_slanted_code_on_a_photo_is_read_where_it_is(use: Use, tmp_path: Path) -> None:
    with Image.open(photo(tmp_path / "photo.png")) as scene, Image.open(made(use, LINK)) as code:
        ground = np.asarray(scene.convert("RGB").resize((1_280, 960)))
        flat = np.asarray(code.convert("RGB"))
    side = flat.shape[0]
    corners = np.array([(760, 60), (1_060, 120), (1_000, 420), (700, 330)], dtype=np.float32)
    start = np.array([(0, 0), (side, 0), (side, side), (0, side)], dtype=np.float32)
    view = cv2.getPerspectiveTransform(start, corners)
    slanted = cv2.warpPerspective(flat, view, (1_280, 960))
    where = cv2.warpPerspective(np.full_like(flat, 255), view, (1_280, 960)) > 127
    Image.fromarray(np.where(where, slanted, ground)).save(tmp_path / "a.jpg", quality=80)
    read = use("read_code", image=tmp_path / "a.jpg")
    assert read["text"].text == LINK
    (box,) = Boxes.from_json(read["boxes"].text or "").boxes
    assert 690 <= box.x <= 780
    assert 50 <= box.y <= 140


def test_two_codes_are_read_from_top_to_bottom(use: Use, tmp_path: Path) -> None:
    sheet = Image.new("L", (700, 1_100), 255)
    for text, place in (("lower", (100, 600)), ("upper", (200, 50))):
        with Image.open(made(use, text)) as image:
            sheet.paste(image, place)
    sheet.save(tmp_path / "a.png")
    read = use("read_code", image=tmp_path / "a.png")
    assert read["text"].text == "upper\nlower"
    assert read["text"].caption == "2 codes: QR Code"


def test_no_code_is_an_answer(use: Use, tmp_path: Path) -> None:
    read = use("read_code", image=photo(tmp_path / "photo.png"))
    assert read["text"].text == ""
    assert read["text"].caption == "no code found"


def test_what_cannot_be_a_code_is_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="there is no text"):
        made(use, "  ")
    with pytest.raises(InvalidInput, match="5,000 bytes of text do not fit"):
        made(use, "x" * 5_000)
    with pytest.raises(InvalidInput, match="give less text"):
        made(use, "x" * 2_800, kind="pdf417")
    with pytest.raises(InvalidInput, match="size must be between 32 and 8,000"):
        made(use, "x", size=9)
