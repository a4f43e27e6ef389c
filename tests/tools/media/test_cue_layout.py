"""Subtitles hold every word, in short lines that do not last long and do not overlap."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.media.cue_layout import CueLayout
from controlllm_tools.media.spans import Span
from controlllm_tools.media.subtitles import read_subtitles, to_srt

SAID = st.lists(
    st.tuples(
        st.sampled_from(["a", "harbour", "I", "extraordinarily"]),
        st.floats(0, 1.5),
        st.floats(0, 2),
    ),
    min_size=1,
    max_size=60,
)


def timed(said: list[tuple[str, float, float]]) -> list[Span]:
    now, words = 0.0, []
    for text, lasts_s, pause_s in said:
        words.append(Span(start_s=now, end_s=now + lasts_s, label=text))
        now += lasts_s + pause_s
    return words


@given(SAID, st.sampled_from([(42, 2, 6.0), (20, 1, 3.0), (16, 3, 2.0)]))
def test_cues_hold_every_word_within_the_limits(
    said: list[tuple[str, float, float]], limits: tuple[int, int, float]
) -> None:
    characters, lines, longest_s = limits
    layout = CueLayout(line_characters=characters, lines=lines, longest_s=longest_s)
    cues = layout.cues(timed(said))
    assert " ".join(cue.text for cue in cues).split() == [text for text, _, _ in said]
    for cue in cues:
        assert len(cue.text.splitlines()) <= lines
        assert all(len(line) <= characters for line in cue.text.splitlines())
        assert 0 < cue.end_s - cue.start_s <= longest_s + 0.002
    for cue, following in pairwise(cues):
        assert cue.end_s <= following.start_s + 0.002
    assert len(read_subtitles(to_srt(cues))) == len(cues)


def test_a_cue_ends_at_a_pause_and_with_its_run() -> None:
    words = timed([("one", 0.4, 0.1), ("two", 0.4, 1.0), ("three", 0.4, 0.1), ("four", 0.4, 0)])
    assert [cue.text for cue in CueLayout().cues(words)] == ["one two", "three four"]
    assert [cue.text for cue in CueLayout().cues(words[:1], words[1:2])] == ["one", "two"]


def test_a_short_cue_stays_for_a_second_unless_the_next_one_comes() -> None:
    first, second = CueLayout().cues(timed([("one", 0.2, 0.75), ("two", 0.2, 0)]))
    assert (first.start_s, first.end_s) == (0, pytest.approx(0.95))
    assert second.end_s - second.start_s == pytest.approx(1.0)
