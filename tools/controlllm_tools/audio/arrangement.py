"""What the other players do under a melody: held chords, broken chords, bass and light drums."""

from __future__ import annotations

import random
from collections.abc import Sequence

from controlllm_tools.audio.form import BEATS, Bar, Form
from controlllm_tools.audio.harmony import Key, voice
from controlllm_tools.audio.instruments import Instrument
from controlllm_tools.audio.score import Note

_KICK, _RIM, _SNARE, _HAT, _OPEN_HAT, _SHAKER = 36, 37, 38, 42, 46, 70
_SNARE_FROM_ENERGY = 0.78
_CALM_BELOW, _LIVELY_FROM = 0.32, 0.62

_FIGURES: dict[str, tuple[tuple[int, ...], ...]] = {
    "calm": ((0, 1, 2, 1), (0, 2, 1, 3), (0, 1, 2, 3)),
    "flowing": ((0, 2, 1, 2, 3, 2, 1, 2), (0, 1, 2, 3, 4, 3, 2, 1), (0, 2, 4, 2, 3, 2, 1, 2)),
    "lively": ((0, 3, 1, 3, 2, 3, 1, 3), (0, 2, 3, 1, 2, 3, 2, 4), (0, 2, 4, 1, 3, 4, 2, 3)),
}
"""Orders in which a bar breaks its chord up: quarters when calm, else eighths."""


def held_chords(form: Form, key: Key, instrument: Instrument) -> list[Note]:
    """One chord a bar, each voice moving as little as it can."""
    low, high = instrument.lowest + 4, min(instrument.highest, instrument.lowest + 23)
    notes: list[Note] = []
    before: tuple[int, ...] = ()
    for bar in form.bars:
        before = voice(key.tones(bar.chord), before, low=low, high=high)
        notes += [Note(bar.start, bar.beats, pitch, 62) for pitch in before]
    closing = voice(key.tones(form.close), before, low=low, high=high)
    ring = form.beats - form.close_at
    return [*notes, *(Note(form.close_at, ring, pitch, 62) for pitch in closing)]


def broken_chords(
    form: Form, key: Key, instrument: Instrument, *, energy: float, rng: random.Random
) -> list[Note]:
    """An even movement through the chord tones, and an upward roll at the close."""
    pace = "calm" if energy < _CALM_BELOW else "flowing" if energy < _LIVELY_FROM else "lively"
    orders = {kind: rng.choice(_FIGURES[pace]) for kind in ("A", "B", "C", "coda", "intro")}
    # a chord of three tones reaches up to 27 semitones above the lowest root
    low = max(instrument.lowest, min(52, instrument.highest - 27))
    notes: list[Note] = []
    for phrase in form.phrases:
        order = orders[phrase.kind.rstrip("'")]
        for bar in phrase.bars:
            ladder = _ladder(key.tones(bar.chord), low)
            step = BEATS / len(order)
            for index in range(int(bar.beats / step)):
                pitch = ladder[order[index % len(order)]]
                accent = 10 if index == 0 else 4 if index * step % 2 == 0 else 0
                notes.append(Note(bar.start + index * step, step, pitch, 54 + accent))
    roll = _ladder(key.tones(form.close), low)[:5]
    ring = form.beats - form.close_at
    spread = min(0.12 if energy > _CALM_BELOW else 0.2, ring / 8)
    notes += [
        Note(form.close_at + index * spread, ring, pitch, 58 + 3 * index)
        for index, pitch in enumerate(roll)
    ]
    return notes


def bass_line(form: Form, key: Key, instrument: Instrument, *, energy: float) -> list[Note]:
    """Roots, more often the more energy there is, with a fifth or a step towards the next root."""
    bars = form.bars
    roots = [_low(key.tones(bar.chord)[0], instrument) for bar in bars]
    closing = _low(key.tonic, instrument)
    notes: list[Note] = []
    for bar, root, following in zip(bars, roots, [*roots, closing][1:], strict=True):
        fifth = _low(key.tones(bar.chord)[2], instrument)
        if energy < _CALM_BELOW or bar.beats != BEATS:
            notes.append(Note(bar.start, bar.beats, root, 72))
        elif energy < _LIVELY_FROM:
            notes.append(Note(bar.start, 2.5, root, 74))
            notes.append(Note(bar.start + 2.5, 1.5, fifth, 64))
        else:
            approach = _step_towards(following, root, key)
            pitches = (root, root, fifth, root, root, root, fifth, approach)
            notes += [
                Note(bar.start + index / 2, 0.46, pitch, 80 if index % 4 == 0 else 66)
                for index, pitch in enumerate(pitches)
            ]
    return [*notes, Note(form.close_at, form.beats - form.close_at, closing, 74)]


def drum_pattern(form: Form, *, energy: float, rng: random.Random) -> list[Note]:
    """Light percussion: it joins after the introduction and rests in the last bar."""
    notes: list[Note] = []
    for phrase in form.phrases:
        if phrase.kind == "intro":
            continue
        for place, bar in enumerate(phrase.bars):
            if bar.is_last:
                notes.append(Note(bar.start, 1, _KICK, 70))
                continue
            notes += _beat(bar, energy)
            if place == len(phrase.bars) - 1:
                notes += _fill(bar, rng)
    return sorted(notes)


def _beat(bar: Bar, energy: float) -> list[Note]:
    backbeat = _SNARE if energy >= _SNARE_FROM_ENERGY else _RIM
    kicks = (0, 2, 2.5) if energy >= _SNARE_FROM_ENERGY else (0, 2)
    notes = [Note(bar.start + beat, 0.5, _KICK, 78 if beat == 0 else 66) for beat in kicks]
    notes += [Note(bar.start + beat, 0.5, backbeat, 58) for beat in (1, 3)]
    for index in range(BEATS * 2):
        loud = 46 if index % 2 == 0 else 34
        notes.append(Note(bar.start + index / 2, 0.25, _HAT if index % 2 == 0 else _SHAKER, loud))
    return notes


def _fill(bar: Bar, rng: random.Random) -> list[Note]:
    """A few soft notes that lead into the next phrase."""
    beats = rng.choice(((3.5, 3.75), (3.25, 3.5, 3.75), (3.5,)))
    notes = [Note(bar.start + beat, 0.25, _SNARE, 40 + 5 * i) for i, beat in enumerate(beats)]
    return [*notes, Note(bar.start + 3.5, 0.5, _OPEN_HAT, 38)]


def _ladder(tones: Sequence[int], low: int) -> list[int]:
    """The chord tones upwards from the first root at or above a pitch, over two octaves."""
    root = low + (tones[0] - low) % 12
    return sorted({root + (tone - tones[0]) % 12 + octave for tone in tones for octave in (0, 12)})


def _low(pitch_class: int, instrument: Instrument) -> int:
    """The lowest pitch of a class that sounds full."""
    return instrument.lowest + 1 + (pitch_class - instrument.lowest - 1) % 12


def _step_towards(following: int, root: int, key: Key) -> int:
    """The note of the scale just below or above the next root, on the side of this root."""
    if following == root:
        return root
    direction = -1 if following > root else 1
    return next(
        following + direction * distance
        for distance in (1, 2, 3)
        if (following + direction * distance) % 12 in key.scale()
    )
