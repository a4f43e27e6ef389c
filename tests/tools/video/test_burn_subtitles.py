from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.movies import frames
from controlllm_tools.perform import Product
from controlllm_tools.tool import ToolContext
from controlllm_tools.video.reading import TextReader
from controlllm_tools.video.stills import still

Frame = NDArray[np.uint8]
Film = Callable[..., Path]
Perform = Callable[..., tuple[Product, ...]]

CUE = "1\n00:00:01,000 --> 00:00:02,000\n{}\n"


@pytest.fixture
def grey(film: Film, colours: Callable[..., Frame]) -> Path:
    return film("grey", [colours((90, 90, 90), width=320, height=180)] * 30, hz=440)


def changed(product: Product, tmp_path: Path) -> list[tuple[float, float, float]]:
    """For each frame: its time, and how much its upper half and its lower third are drawn on."""
    assert product.path is not None
    context = ToolContext(scratch=tmp_path)
    return [
        (at_s, float((np.abs(f[:90].astype(int) - 90) > 40).mean()),
         float((np.abs(f[120:].astype(int) - 90) > 40).mean()))
        for at_s, f in frames(product.path, context, fps=10, max_width_px=320)
    ]  # fmt: skip


def test_words_are_drawn_at_the_foot_while_they_are_due_and_at_no_other_time(
    grey: Path, perform: Perform, tmp_path: Path
) -> None:
    (product,) = perform("burn_subtitles", video=grey, subtitles=CUE.format("The tide is out"))
    for at_s, above, below in changed(product, tmp_path):
        assert above == 0
        assert (below > 0.01) == (1.0 <= at_s < 2.0), at_s


def test_the_words_can_be_read(grey: Path, perform: Perform, tmp_path: Path) -> None:
    (product,) = perform("burn_subtitles", video=grey, subtitles=CUE.format("The tide is out"))
    assert product.path is not None
    frame = still(product.path, 1.5, ToolContext(scratch=tmp_path), max_width_px=320)
    assert frame is not None
    assert [text for text, _ in TextReader().lines(frame)] == ["The tide is out"]


@pytest.mark.parametrize("code", [r"{\an8}", r"{\pos(10,10)}", r"{\move(0,0,300,0)}"])
def test_codes_in_the_words_do_not_move_them(
    grey: Path, perform: Perform, tmp_path: Path, code: str
) -> None:
    (product,) = perform("burn_subtitles", video=grey, subtitles=CUE.format(code + "Stay here"))
    drawn = [(above, below) for at_s, above, below in changed(product, tmp_path) if 1 <= at_s < 2]
    assert all(above == 0 and below > 0.01 for above, below in drawn)


def test_braces_and_backslashes_are_only_letters(
    grey: Path, perform: Perform, tmp_path: Path
) -> None:
    (product,) = perform("burn_subtitles", video=grey, subtitles=CUE.format(r"{a} C:\New {b"))
    assert product.path is not None
    frame = still(product.path, 1.5, ToolContext(scratch=tmp_path), max_width_px=320)
    assert frame is not None
    ((text, _),) = TextReader().lines(frame)
    assert "New" in text
    assert "a" in text


def test_length_size_and_sound_stay(grey: Path, perform: Perform) -> None:
    (product,) = perform("burn_subtitles", video=grey, subtitles=CUE.format("Hello"))
    facts = product.facts
    assert (facts.width_px, facts.height_px, facts.channels) == (320, 180, 1)
    assert facts.duration_s == pytest.approx(3.0, abs=0.06)


def test_a_broken_time_is_named_with_its_line(grey: Path, perform: Perform) -> None:
    broken = CUE.format("First") + "\n2\n00:00:02,500 -> 00:00:03,000\nSecond\n"
    with pytest.raises(InvalidInput, match="line 6: '00:00:02,500 -> 00:00:03,000'"):
        perform("burn_subtitles", video=grey, subtitles=broken)


def test_subtitles_after_the_end_are_refused(grey: Path, perform: Perform) -> None:
    late = "1\n00:01:00,000 --> 00:01:02,000\nToo late\n"
    with pytest.raises(InvalidInput, match=r"after the end of the video, 3\.0 s"):
        perform("burn_subtitles", video=grey, subtitles=late)
