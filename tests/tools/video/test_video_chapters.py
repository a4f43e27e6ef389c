"""Scenes by cuts, and chapters by words and cuts."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.spans import Spans
from controlllm_tools.media.subtitles import Cue, to_srt
from controlllm_tools.perform import Product
from controlllm_tools.video.video_chapters import border_strengths, choose_borders

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]
SEA = "The boats leave the harbour and the sea is calm. "
BREAD = "The baker kneads dough and the bread rises in the oven. "


def cues_of(topics: str, each_s: float) -> list[Cue]:
    """A cue for each letter: s for the sea, b for bread."""
    said = {"s": SEA.split(". "), "b": BREAD.split(". ")}
    return [
        Cue(index * each_s, (index + 0.9) * each_s, said[topic][0])
        for index, topic in enumerate(topics)
    ]


@pytest.fixture
def two_shots(film: Callable[..., Path], colours: Callable[..., Frame]) -> Path:
    """Eight seconds, with a cut after five."""
    frames = [colours((200, 40, 40), width=64, height=48)] * 50
    return film("shots", frames + [colours((30, 60, 200), width=64, height=48)] * 30)


def spans(products: tuple[Product, ...]) -> Spans:
    return Spans.from_json(products[0].text or "")


def test_scenes_begin_at_the_cuts_and_leave_no_gap(two_shots: Path, perform: Perform) -> None:
    first, second = spans(perform("find_scenes", video=two_shots)).spans
    assert (first.start_s, first.label) == (0, "scene 1")
    assert first.end_s == second.start_s == pytest.approx(5, abs=0.11)
    assert second.end_s == pytest.approx(8, abs=0.1)


def test_a_video_without_a_cut_is_one_scene(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    (only,) = spans(perform("find_scenes", video=film("calm", [texture] * 20))).spans
    assert (only.start_s, only.end_s) == (0, pytest.approx(2, abs=0.05))


def test_a_scene_that_is_too_short_belongs_to_its_neighbour(
    two_shots: Path, perform: Perform
) -> None:
    assert len(spans(perform("find_scenes", video=two_shots, least_s=3.5)).spans) == 1


def test_chapters_begin_where_the_words_change(two_shots: Path, perform: Perform) -> None:
    subtitles = to_srt(cues_of("ssssbbb", 1.1))
    made = perform("video_chapters", video=two_shots, subtitles=subtitles, count=2)
    first, second = spans(made).spans
    assert first.start_s == 0
    assert first.end_s == second.start_s == pytest.approx(4.4)
    assert second.end_s == pytest.approx(8, abs=0.1)
    assert "harbour" in first.label.lower()
    assert "baker" in second.label.lower()


def test_of_equal_borders_the_one_at_a_cut_is_taken() -> None:
    cues = cues_of("sssssssss", 4.0)
    without, near = border_strengths(cues, []), border_strengths(cues, [12.4])
    assert without[2] == pytest.approx(without[6])
    assert near[2] > near[6]
    assert choose_borders(cues, near, 2, 36.0) == [12.0]


def test_the_strongest_border_is_between_the_topics_and_chapters_keep_a_length() -> None:
    cues = cues_of("s" * 10 + "b" * 10 + "s" * 10, 5.0)
    strengths = border_strengths(cues, [])
    assert sorted(np.argsort(strengths)[-2:]) == [9, 19]
    assert choose_borders(cues, strengths, 3, 150.0) == [50.0, 100.0]
    borders = [0.0, *choose_borders(cues, strengths, 12, 150.0), 150.0]
    assert np.diff(borders).min() >= 150 / 24


def test_a_short_video_is_one_chapter_by_itself(two_shots: Path, perform: Perform) -> None:
    made = perform("video_chapters", video=two_shots, subtitles=to_srt(cues_of("sb", 3)))
    (only,) = spans(made).spans
    assert (only.start_s, only.end_s) == (0, pytest.approx(8, abs=0.1))


def test_words_after_the_end_make_no_chapter(two_shots: Path, perform: Perform) -> None:
    late = to_srt([Cue(60.0, 62.0, "late")])
    with pytest.raises(InvalidInput, match="after the end of the video"):
        perform("video_chapters", video=two_shots, subtitles=late)
