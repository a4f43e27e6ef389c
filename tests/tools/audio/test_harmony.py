import random

import pytest

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


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", range(12))
def test_voices_hold_the_chord_in_their_range_and_move_little(tonic: int, mode: Mode) -> None:
    """Tried for every chord after every placing that any progression can lead to."""
    key = Key(tonic, mode)
    placings: set[tuple[int, ...]] = set()
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        before = waiting.pop()
        for degree in range(1, 8):
            tones = key.tones(key.chord(degree))
            placed = voice(tones, before, low=52, high=72)
            assert {pitch % 12 for pitch in placed} == set(tones)
            assert all(52 <= pitch <= 72 for pitch in placed)
            assert list(placed) == sorted(set(placed))
            moves = [min(abs(pitch - old) for old in before) for pitch in placed if before]
            assert sum(moves) <= 10
            assert max(moves, default=0) <= 8
            if placed not in placings:
                placings.add(placed)
                waiting.append(placed)
    assert len(placings) >= 7


def test_common_tones_stay_where_they_are() -> None:
    first = voice((0, 4, 7), (), low=52, high=72)
    assert len(set(first) & set(voice((9, 0, 4), first, low=52, high=72))) == 2
