from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sound import read_sound
from controlllm_tools.perform import Product
from controlllm_tools.tool import ToolContext
from controlllm_tools.video.stills import still
from controlllm_tools.video.title_picture import title_picture

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]
GREEN = (40, 170, 60)


def at(product: Product, at_s: float, tmp_path: Path) -> Frame:
    assert product.path is not None
    frame = still(product.path, at_s, ToolContext(scratch=tmp_path), max_width_px=1_280)
    assert frame is not None
    return frame


def ink(frame: Frame) -> tuple[int, int, int, int]:
    """Edges of what is much lighter than the ground: top, bottom, left, right."""
    rows, columns = np.nonzero(frame.mean(axis=2) > 160)
    return rows.min(), rows.max(), columns.min(), columns.max()


@pytest.mark.parametrize(
    "text", ["Sea", "The Harbour at Dawn, and what the Fishermen said to Each Other", "W" * 70]
)
def test_words_lie_in_the_middle_and_within_the_frame(text: str) -> None:
    top, bottom, left, right = ink(title_picture(text, (640, 360)))
    assert top > 18
    assert bottom < 342
    assert left > 32
    assert right < 608
    assert (left + right) / 2 == pytest.approx(320, abs=12)
    assert (top + bottom) / 2 == pytest.approx(180, abs=24)


def test_the_first_line_is_larger_than_the_others() -> None:
    picture = title_picture("HHH\nHHH", (640, 360)).mean(axis=2) > 160
    rows = np.flatnonzero(picture.any(axis=1))
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    title, line, below = runs
    assert len(title) > 2 * len(below)
    assert len(line) <= 2


def test_a_card_fades_in_shows_the_words_and_fades_out(perform: Perform, tmp_path: Path) -> None:
    (product,) = perform("title_card", text="Sea", seconds=2, width=320, height=180)
    assert product.facts.duration_s == pytest.approx(2, abs=0.05)
    assert (product.facts.width_px, product.facts.height_px) == (320, 180)
    assert at(product, 0.0, tmp_path).max() < 60
    assert at(product, 1.0, tmp_path).max() > 220
    assert at(product, 1.98, tmp_path).max() < 80


def test_a_long_text_is_shown_for_longer(perform: Perform) -> None:
    (product,) = perform("title_card", text="word " * 30, width=160, height=90)
    assert product.facts.duration_s == pytest.approx(150 / 15, abs=0.1)


def test_the_ground_can_be_chosen(perform: Perform, tmp_path: Path) -> None:
    (product,) = perform(
        "title_card", text="Sea", seconds=1, width=160, height=90, background="blue"
    )
    red, _, blue = at(product, 0.5, tmp_path)[4, 4].astype(int)
    assert blue > red + 40


def test_a_title_comes_before_the_video_and_the_sound_stays_with_it(
    film: Callable[..., Path], colours: Callable[..., Frame], perform: Perform, tmp_path: Path
) -> None:
    video = film("green", [colours(GREEN)] * 20, hz=500)
    (product,) = perform("add_title", video=video, title="Sea", seconds=1.2)
    assert product.facts.duration_s == pytest.approx(3.2, abs=0.06)
    assert (product.facts.width_px, product.facts.height_px) == (160, 96)
    title, after = at(product, 0.6, tmp_path), at(product, 2.0, tmp_path)
    assert title.max() > 200
    assert title[5, 5].max() < 30
    assert after.reshape(-1, 3).mean(axis=0) == pytest.approx(GREEN, abs=8)
    assert product.path is not None
    sound = read_sound(product.path, ToolContext(scratch=tmp_path), rate_hz=8_000)[0]
    assert np.abs(sound[:8_000]).max() < 0.01
    assert np.abs(sound[12_000:20_000]).max() > 0.05


@pytest.mark.parametrize(
    ("text", "message"),
    [("--- !", "no words for a title"), ("a" * 2_001, "2001 characters cannot be read")],
)
def test_a_title_needs_words_that_can_be_read(perform: Perform, text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        perform("title_card", text=text)
