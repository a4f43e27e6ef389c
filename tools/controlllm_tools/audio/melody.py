"""A sparse melody: a motif of one bar that is answered, varied and brought home.

Each phrase states a rhythm, repeats it and ends on a long note. Pitches are drawn by weight: near
the note before, near an arch over the phrase, chord tones where the beat is strong, steps back
after leaps, and the intervals of the motif where its rhythm returns. A returning phrase (A') keeps
its first half.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from controlllm_tools.audio.form import BEATS, PHRASE_BARS, Bar, Form, Phrase
from controlllm_tools.audio.harmony import Chord, Key
from controlllm_tools.audio.score import Note

Cell = tuple[tuple[float, float], ...]
"""A rhythm of one bar: (beat, length) of each note."""

_CELLS: tuple[tuple[Cell, ...], ...] = (
    (
        ((0, 3), (3, 1)),
        ((0, 2), (2, 2)),
        ((1, 1), (2, 2)),
        ((0, 2), (2, 1), (3, 1)),
    ),
    (
        ((0, 1.5), (1.5, 0.5), (2, 2)),
        ((0, 1), (1, 1), (2, 2)),
        ((0, 2), (2, 0.5), (2.5, 0.5), (3, 1)),
        ((0.5, 0.5), (1, 1), (2, 2)),
    ),
    (
        ((0, 0.5), (0.5, 0.5), (1, 1), (2, 1.5), (3.5, 0.5)),
        ((0, 1), (1, 0.5), (1.5, 0.5), (2, 1), (3, 1)),
        ((0, 1.5), (1.5, 1), (2.5, 1.5)),
        ((0.5, 0.5), (1, 0.5), (1.5, 0.5), (2, 1.5), (3.5, 0.5)),
    ),
)
"""Calm, flowing and lively rhythms."""

_ENDINGS: tuple[Cell, ...] = (((0, 3),), ((0, 1), (1, 2)), ((0, 2.5),))
_STEP_WEIGHTS = {0: 0.4, 1: 1.0, 2: 0.6, 3: 0.3, 4: 0.15}
_ARCH_STEPS = 4
_REACH_STEPS = 3.6
_KEPT_BARS = 2


@dataclass(slots=True)
class MelodyWriter:
    """Writes the lead of a piece.

    Attributes:
        key: Of the piece.
        energy: From 0 to 1; chooses the rhythms.
        lowest: Lowest pitch of the instrument.
        highest: Highest pitch of the instrument.
        centre: Pitch around which the melody begins.
        rng: Makes every choice.
    """

    key: Key
    energy: float
    lowest: int
    highest: int
    centre: int
    rng: random.Random
    _kept: dict[str, list[list[Note]]] = field(default_factory=dict)
    _step: int = 0
    _last_move: int = 0

    def write(self, form: Form) -> list[Note]:
        """The melody over all phrases; an introduction has none."""
        self._step = self._nearest(self.centre, form.close)
        notes = [
            note
            for phrase in form.phrases
            if phrase.kind != "intro"
            for note in self._phrase(phrase)
        ]
        return [*notes, self._closing_note(form)]

    def _phrase(self, phrase: Phrase) -> list[Note]:
        kept = self._kept.get(phrase.kind.rstrip("'"), [])
        cells = self._cells(len(phrase.bars))
        lines: list[list[Note]] = []
        for index, (bar, cell) in enumerate(zip(phrase.bars, cells, strict=True)):
            if index < min(_KEPT_BARS, len(kept)) and not bar.is_last:
                line = [_moved(note, bar.start) for note in kept[index]]
                self._step = self._nearest(line[-1].pitch, bar.chord)
            else:
                motif = lines[0] if lines and cell == cells[0] else []
                line = self._bar(bar, cell, motif, index / PHRASE_BARS)
            lines.append(line)
        self._kept.setdefault(
            phrase.kind,
            [
                [_moved(note, -bar.start) for note in line]
                for bar, line in zip(phrase.bars, lines, strict=True)
            ],
        )
        return [note for line in lines for note in line]

    def _cells(self, count: int) -> list[Cell]:
        """Rhythms in the order motif, answer, motif, ending."""
        lively = _CELLS[min(2, int(self.energy * 3))]
        motif, answer = self.rng.sample(lively, 2)
        cells = [motif, answer, motif, self.rng.choice(_ENDINGS)]
        return cells[:count] if count == PHRASE_BARS else [*cells[: count - 1], cells[-1]]

    def _bar(self, bar: Bar, cell: Cell, motif: list[Note], progress: float) -> list[Note]:
        line: list[Note] = []
        for index, (beat, length) in enumerate(cell):
            strong = beat in {0, 2} or length >= 1.5
            wished = self._wished_move(motif, index)
            at = progress + beat / BEATS / PHRASE_BARS
            self._move(bar.chord, strong=strong, wished=wished, progress=at)
            pitch = self.key.pitch(self._step, bar.chord)
            accent = 6 if beat == 0 else 0
            line.append(Note(bar.start + beat, length * 0.96, pitch, 76 + accent))
        return line

    def _wished_move(self, motif: list[Note], index: int) -> int | None:
        """The direction and size of the motif's own move, in semitones."""
        if 0 < index < len(motif):
            return motif[index].pitch - motif[index - 1].pitch
        return None

    def _move(self, chord: Chord, *, strong: bool, wished: int | None, progress: float) -> None:
        steps = [
            step
            for step in range(self._step - 4, self._step + 5)
            if self.lowest <= self.key.pitch(step, chord) <= self.highest
        ]
        target = self._nearest(self.centre, chord) + _ARCH_STEPS * math.sin(math.pi * progress)
        weights = [
            self._weight(step, chord, strong=strong, wished=wished)
            * math.exp(-abs(step - target) / _REACH_STEPS)
            for step in steps
        ]
        chosen = self.rng.choices(steps, weights)[0]
        self._last_move, self._step = chosen - self._step, chosen

    def _weight(self, step: int, chord: Chord, *, strong: bool, wished: int | None) -> float:
        move = step - self._step
        weight = _STEP_WEIGHTS[abs(move)]
        in_chord = step % 7 in {tone % 7 for tone in chord.steps}
        if strong:
            weight *= 1.0 if in_chord else 0.02
        elif not in_chord and abs(move) != 1:
            weight *= 0.05  # a note outside the chord is come to by step
        if abs(self._last_move) >= 3:
            weight *= 2.5 if move * self._last_move < 0 and abs(move) <= 2 else 0.3
        elif abs(self._last_move) == 2 and abs(move) >= 2 and move * self._last_move > 0:
            weight *= 0.4  # two skips the same way are rare
        if wished is not None:
            weight *= (
                3.0
                if (move > 0) == (wished > 0) and abs(abs(wished) / 1.8 - abs(move)) < 1
                else 1.0
            )
        return weight

    def _closing_note(self, form: Form) -> Note:
        """The tonic nearest to where the melody is."""
        tonics = [
            pitch for pitch in range(self.lowest, self.highest + 1) if pitch % 12 == self.key.tonic
        ]
        here = self.key.pitch(self._step, form.close)
        pitch = min(tonics, key=lambda each: (abs(each - here), each))
        return Note(form.close_at, form.beats - form.close_at, pitch, 78)

    def _nearest(self, pitch: int, chord: Chord) -> int:
        """The step whose pitch is nearest."""
        return min(range(70), key=lambda step: abs(self.key.pitch(step, chord) - pitch))


def _moved(note: Note, beats: float) -> Note:
    return Note(note.start + beats, note.length, note.pitch, note.velocity)
