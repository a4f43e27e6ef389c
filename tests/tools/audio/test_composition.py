from collections.abc import Callable
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controlllm_tools.audio.composition import compose
from controlllm_tools.audio.instruments import INSTRUMENTS
from controlllm_tools.audio.score import Note, Piece
from controlllm_tools.media.mood import Bass, Chords, Ensemble, Figure, Lead, Mood

Moods = Callable[..., Mood]

moods = st.builds(
    Mood,
    name=st.just("any"),
    tempo_bpm=st.integers(40, 180),
    mode=st.sampled_from(["major", "minor"]),
    energy=st.floats(0, 1),
    valence=st.floats(0, 1),
    brightness=st.floats(0, 1),
    ensemble=st.builds(
        Ensemble,
        lead=st.sampled_from(get_args(Lead)),
        chords=st.sampled_from(get_args(Chords)),
        figure=st.sampled_from(get_args(Figure)),
        bass=st.sampled_from(get_args(Bass)),
        drums=st.booleans(),
    ),
)


@settings(deadline=None, max_examples=60)
@given(mood=moods, seconds=st.floats(1, 150), seed=st.integers(0, 1_000))
def test_every_note_can_be_played_and_lies_in_the_piece(
    mood: Mood, seconds: float, seed: int
) -> None:
    piece = compose(mood, seconds, seed)
    for part in piece.parts.values():
        instrument = INSTRUMENTS[part.instrument]
        assert part.notes == tuple(sorted(part.notes)) or not part.notes
        for note in part.notes:
            assert 0 <= note.start < piece.form.beats
            assert 0 < note.length <= piece.form.beats - note.start + 1e-6
            assert 1 <= note.velocity <= 127
            assert instrument.lowest <= note.pitch <= instrument.highest


@settings(deadline=None, max_examples=60)
@given(mood=moods, seconds=st.floats(1, 150), seed=st.integers(0, 1_000))
def test_all_pitches_belong_to_the_key_and_the_end_is_the_tonic(
    mood: Mood, seconds: float, seed: int
) -> None:
    piece = compose(mood, seconds, seed)
    pitched = [part for role, part in piece.parts.items() if role != "drums"]
    assert {note.pitch % 12 for part in pitched for note in part.notes} <= piece.key.scale()
    assert piece.key.mode == mood.mode
    for role in ("bass", "lead"):
        assert piece.parts[role].notes[-1].pitch % 12 == piece.key.tonic


def lead_of(piece: Piece) -> tuple[Note, ...]:
    return piece.parts["lead"].notes


def test_the_melody_sings(make_mood: Moods) -> None:
    """Mostly steps, few leaps, no note twice at once, and chord tones on the first beats."""
    steps = leaps = strong = chordal = 0
    for seed in range(20):
        piece = compose(make_mood(energy=0.5), 60, seed)
        for a, b in pairwise(lead_of(piece)):
            assert a.start + a.length <= b.start + 0.1
            steps += abs(b.pitch - a.pitch) <= 4
            leaps += abs(b.pitch - a.pitch) > 7
        chords = {round(bar.start): bar.chord for bar in piece.form.bars}
        for note in lead_of(piece):
            if (chord := chords.get(round(note.start))) and abs(note.start % 4) < 0.1:
                strong += 1
                chordal += note.pitch % 12 in piece.key.tones(chord)
    assert steps / (steps + leaps) > 0.9
    assert chordal / strong > 0.9


def test_a_returning_phrase_begins_as_the_first_one_did(make_mood: Moods) -> None:
    piece = compose(make_mood(), 60, 3)
    first, second = (
        next(phrase for phrase in piece.form.phrases if phrase.kind == kind) for kind in ("A", "A'")
    )

    def half(start: float) -> list[int]:
        return [n.pitch for n in lead_of(piece) if start - 0.1 <= n.start < start + 7.9]

    assert half(first.bars[0].start) == half(second.bars[0].start)


def test_more_energy_means_more_notes(make_mood: Moods) -> None:
    counts = [
        sum(len(part.notes) for part in compose(make_mood(energy=energy), 60, 1).parts.values())
        for energy in (0.1, 0.5, 0.9)
    ]
    assert counts[0] < counts[1] < counts[2]


def test_more_brightness_means_a_higher_melody(make_mood: Moods) -> None:
    def mean(brightness: float) -> float:
        pitches = [
            note.pitch
            for seed in range(5)
            for note in lead_of(compose(make_mood(brightness=brightness), 60, seed))
        ]
        return sum(pitches) / len(pitches)

    assert mean(0.0) + 4 < mean(1.0)


def test_the_same_seed_composes_the_same_and_another_seed_something_else(make_mood: Moods) -> None:
    assert compose(make_mood(), 30, 7) == compose(make_mood(), 30, 7)
    assert compose(make_mood(), 30, 7).parts != compose(make_mood(), 30, 8).parts


def test_drums_play_only_where_the_mood_has_them(make_mood: Moods) -> None:
    with_drums = make_mood(energy=0.8, ensemble={
        "lead": "piano", "chords": "strings", "figure": "guitar", "bass": "electric bass",
        "drums": True,
    })  # fmt: skip
    assert compose(with_drums, 30, 0).parts["drums"].notes
    assert "drums" not in compose(make_mood(energy=0.8), 30, 0).parts


@pytest.mark.parametrize("seconds", [1.0, 2.5, 4.0, 600.0])
def test_very_short_and_long_pieces_are_pieces(make_mood: Moods, seconds: float) -> None:
    piece = compose(make_mood(tempo_bpm=60), seconds, 0)
    assert all(part.notes for part in piece.parts.values())
