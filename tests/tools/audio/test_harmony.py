import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlllm_tools.audio.harmony import Key, choose_key, choose_progressions, voice
from controlllm_tools.media.mood import Mode

C_MAJOR, A_MINOR = Key(0, "major"), Key(9, "minor")


def test_triads_are_built_on_the_degrees_of_the_scale() -> None:
    assert C_MAJOR.tones(C_MAJOR.chord(1)) == (0, 4, 7)
    assert C_MAJOR.tones(C_MAJOR.chord(6)) == (9, 0, 4)
    assert A_MINOR.tones(A_MINOR.chord(4)) == (2, 5, 9)


def test_the_fifth_of_a_minor_key_is_major_and_no_other_chord_is_changed() -> None:
    assert A_MINOR.tones(A_MINOR.chord(5)) == (4, 8, 11)
    assert A_MINOR.tones(A_MINOR.chord(3)) == (0, 4, 7)
    assert A_MINOR.tones(A_MINOR.chord(7)) == (7, 11, 2)


def test_an_added_tone_is_counted_from_the_root() -> None:
    assert C_MAJOR.tones(C_MAJOR.chord(1, added=8)) == (0, 4, 7, 2)
    assert C_MAJOR.tones(C_MAJOR.chord(2, added=6)) == (2, 5, 9, 0)


def test_a_key_says_its_name() -> None:
    assert str(Key(10, "major")) == "B flat major"
    assert str(A_MINOR) == "A minor"


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_every_progression_stays_in_the_key(mode: Mode) -> None:
    for seed in range(30):
        rng = random.Random(seed)
        key = choose_key(mode, rng)
        for degrees in choose_progressions(mode, rng).values():
            assert len(degrees) == 4
            for degree in degrees:
                assert set(key.tones(key.chord(degree))) <= key.scale()


@settings(deadline=None, max_examples=60)
@given(
    tonic=st.integers(0, 11),
    mode=st.sampled_from(["major", "minor"]),
    degrees=st.lists(st.integers(1, 7), min_size=2, max_size=8),
)
def test_voices_hold_the_chord_in_their_range_and_move_little(
    tonic: int, mode: Mode, degrees: list[int]
) -> None:
    key = Key(tonic, mode)
    before: tuple[int, ...] = ()
    placed = []
    for degree in degrees:
        tones = key.tones(key.chord(degree))
        before = voice(tones, before, low=52, high=72)
        placed.append(before)
        assert {pitch % 12 for pitch in before} == set(tones)
        assert all(52 <= pitch <= 72 for pitch in before)
        assert list(before) == sorted(set(before))
    for a, b in pairwise(placed):
        moves = [min(abs(pitch - old) for old in a) for pitch in b]
        assert sum(moves) <= 4 * len(moves)
        assert max(moves) <= 7


def test_common_tones_stay_where_they_are() -> None:
    first = voice((0, 4, 7), (), low=52, high=72)
    assert len(set(first) & set(voice((9, 0, 4), first, low=52, high=72))) == 2
