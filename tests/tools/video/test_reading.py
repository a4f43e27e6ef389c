from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from controlllm_tools.media.fonts import font
from controlllm_tools.media.images import read_rgb
from controlllm_tools.samples.pictures import photo
from controlllm_tools.video.reading import FaceFinder, TextReader, same_words


@pytest.fixture(scope="module")
def reader() -> TextReader:
    return TextReader()


def test_lines_of_text_are_read(reader: TextReader) -> None:
    page = Image.new("RGB", (640, 200), (250, 248, 240))
    draw = ImageDraw.Draw(page)
    draw.text((30, 30), "Platform 9 closes at noon", (20, 20, 30), font(36))
    draw.text((30, 110), "Mind the step", (120, 20, 20), font(30))
    assert [text for text, _ in reader.lines(np.asarray(page))] == [
        "Platform 9 closes at noon",
        "Mind the step",
    ]


def test_a_picture_without_words_has_no_lines(reader: TextReader) -> None:
    assert reader.lines(np.full((120, 160, 3), 90, dtype=np.uint8)) == ()


def test_a_face_is_counted_and_a_blank_wall_is_not(tmp_path: Path) -> None:
    finder = FaceFinder()
    portrait = read_rgb(photo(tmp_path / "photo.png"))
    assert finder.count(portrait) == 1
    assert finder.count(np.concatenate([portrait, portrait], axis=1)) == 2
    assert finder.count(np.full_like(portrait, 128)) == 0


def test_two_readings_of_a_line_are_one() -> None:
    assert same_words("Harbour, at DAWN!") == same_words("HARBOUR AT DAWN")
    assert same_words("Gate 4") != same_words("Gate 5")
