"""Compose a piece for a mood: pure, and the same for the same mood, length and seed."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from controlllm_tools.audio.arrangement import (
    bass_line,
    broken_chords,
    drum_pattern,
    held_chords,
)
from controlllm_tools.audio.form import PHRASE_BARS, Form, plan_form
from controlllm_tools.audio.harmony import choose_key
from controlllm_tools.audio.instruments import INSTRUMENTS
from controlllm_tools.audio.melody import MelodyWriter
from controlllm_tools.audio.score import Note, Part, Piece, Role
from controlllm_tools.media.mood import Mood
from controlllm_tools.resources import digest_of

_LOWEST_CENTRE, _CENTRE_RANGE = 66, 11
_VELOCITY_SPREAD = 4
_TIMING_SPREAD_S = 0.006
_LATEST_S = 0.015
_PHRASE_LEVELS = {"intro": 0.86, "A": 0.94, "A'": 1.0, "B": 1.06, "C": 1.06, "coda": 0.96}


def compose(mood: Mood, seconds: float, seed: int) -> Piece:
    """Write a piece.

    Args:
        mood: Tempo, mode, energy, register and instruments.
        seconds: Its exact length, the last chord's ringing included.
        seed: Another seed makes another piece of the same mood.
    """
    rng = random.Random(f"{seed}/{digest_of(mood.to_json())}")  # noqa: S311 - art, not secrets
    key = choose_key(mood.mode, rng)
    form = plan_form(seconds, mood.tempo_bpm, key, rng)
    ensemble = mood.ensemble
    lead = INSTRUMENTS[ensemble.lead]
    writer = MelodyWriter(
        key=key,
        energy=mood.energy,
        lowest=lead.lowest,
        highest=lead.highest,
        centre=_LOWEST_CENTRE + round(_CENTRE_RANGE * mood.brightness),
        rng=rng,
    )
    figure = INSTRUMENTS[ensemble.figure]
    written: dict[Role, tuple[str, list[Note]]] = {
        "lead": (ensemble.lead, writer.write(form)),
        "chords": (ensemble.chords, held_chords(form, key, INSTRUMENTS[ensemble.chords])),
        "figure": (ensemble.figure, broken_chords(form, key, figure, energy=mood.energy, rng=rng)),
        "bass": (
            ensemble.bass,
            bass_line(form, key, INSTRUMENTS[ensemble.bass], energy=mood.energy),
        ),
    }
    if ensemble.drums:
        written["drums"] = ("drums", drum_pattern(form, energy=mood.energy, rng=rng))
    parts: dict[Role, Part] = {
        role: Part(instrument=name, notes=tuple(_played(notes, form, mood.tempo_bpm, rng)))
        for role, (name, notes) in written.items()
    }
    return Piece(key=key, tempo_bpm=mood.tempo_bpm, seconds=seconds, form=form, parts=parts)


def _played(notes: Iterable[Note], form: Form, tempo_bpm: int, rng: random.Random) -> list[Note]:
    """Notes as people play them: phrases swell, and no two notes are quite alike."""
    played = []
    for note in sorted(notes):
        drift_s = min(_LATEST_S, max(-_LATEST_S, rng.gauss(0, _TIMING_SPREAD_S)))
        start = max(0.0, note.start + drift_s * tempo_bpm / 60)
        level = note.velocity * _swell(note.start, form) + rng.gauss(0, _VELOCITY_SPREAD)
        length = min(note.length, form.beats - start)
        played.append(
            replace(note, start=start, length=length, velocity=max(1, min(127, round(level))))
        )
    return sorted(played)


def _swell(beat: float, form: Form) -> float:
    """How loud a moment is: each kind of phrase has its level and rises towards its third bar."""
    for phrase in form.phrases:
        first, last = phrase.bars[0], phrase.bars[-1]
        if first.start <= beat < last.start + last.beats:
            progress = (beat - first.start) / (PHRASE_BARS * 4)
            return _PHRASE_LEVELS[phrase.kind] * (0.95 + 0.1 * min(progress, 1.4 - progress))
    return _PHRASE_LEVELS["A"]
