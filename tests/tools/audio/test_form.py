import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlllm_tools.audio.form import Form, plan_form
from controlllm_tools.audio.harmony import Key

KEY = Key(0, "major")


def plan(seconds: float, tempo_bpm: int, seed: int = 0) -> Form:
    return plan_form(seconds, tempo_bpm, KEY, random.Random(seed))


@settings(deadline=None, max_examples=200)
@given(seconds=st.floats(1, 600), tempo_bpm=st.integers(40, 180), seed=st.integers(0, 50))
def test_bars_follow_each_other_and_the_last_chord_rings_to_the_end(
    seconds: float, tempo_bpm: int, seed: int
) -> None:
    form = plan(seconds, tempo_bpm, seed)
    assert form.beats == pytest.approx(seconds * tempo_bpm / 60)
    for bar, following in pairwise(form.bars):
        assert bar.start + bar.beats == following.start
    if form.bars:
        assert form.bars[0].start == 0
        assert form.bars[-1].start + form.bars[-1].beats == form.close_at
        assert [bar.is_last for bar in form.bars].count(True) == 1
    assert 0 <= form.close_at < form.beats
    ring = form.beats - form.close_at
    # two beats at least, where there are so many; at most what it takes to ring and a bar
    assert ring >= min(2.0, form.beats) - 1e-6
    assert ring <= max(2.0, 1.6 * tempo_bpm / 60) + 4


def test_a_piece_comes_home_by_the_fifth() -> None:
    form = plan(60, 100)
    assert [bar.chord.degree for bar in form.bars[-2:]] == [4, 5]
    assert form.close.degree == 1


def test_a_minute_has_an_introduction_a_theme_its_return_and_a_contrast() -> None:
    kinds = [phrase.kind for phrase in plan(60, 100).phrases]
    assert kinds[:4] == ["intro", "A", "A'", "B"]
    assert kinds[-1] in {"A'", "coda"}


def test_half_a_minute_has_no_contrast_and_a_few_seconds_have_no_introduction() -> None:
    assert [phrase.kind for phrase in plan(14, 80).phrases] == ["A"]
    assert plan(1, 60).phrases == ()


def test_returning_phrases_have_the_same_chords() -> None:
    phrases = plan(120, 100).phrases
    first = next(phrase for phrase in phrases if phrase.kind == "A")
    second = next(phrase for phrase in phrases if phrase.kind == "A'")
    assert [bar.chord for bar in first.bars] == [bar.chord for bar in second.bars]
