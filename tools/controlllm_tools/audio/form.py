"""The plan of a piece: bars with chords, and the moment of the last chord.

A piece has an introduction when there is room, then phrases of four bars (A A' B A'', with C in
the place of B every second time), and closes with a cadence on the tonic. The last chord rings
until the end, so that a piece has exactly the length that was asked for at exactly its tempo.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from controlllm_tools.audio.harmony import Chord, Key, choose_progressions

BEATS = 4
"""Beats of a bar."""

PHRASE_BARS = 4
"""Bars of a full phrase."""

_RING_S = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar.

    Attributes:
        start: Beats from the beginning.
        beats: Length; the last bar of a piece may be broader than four beats.
        chord: What sounds.
        is_last: Whether the last chord of the piece follows.
    """

    start: float
    beats: float
    chord: Chord
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Bars that belong together; `kind` is `intro`, `A`, `A'`, `B`, `C` or `coda`."""

    kind: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The plan.

    Attributes:
        phrases: In order; none when there is only time for the last chord.
        close: The last chord, on the tonic.
        close_at: Beats from the beginning to the last chord.
        beats: Beats from the beginning to the end.
    """

    phrases: tuple[Phrase, ...]
    close: Chord
    close_at: float
    beats: float

    @property
    def bars(self) -> tuple[Bar, ...]:
        """All bars in order."""
        return tuple(bar for phrase in self.phrases for bar in phrase.bars)


def plan_form(seconds: float, tempo_bpm: int, key: Key, rng: random.Random) -> Form:
    """Lay out a piece of a length.

    Args:
        seconds: Length from the first note to silence.
        tempo_bpm: Beats a minute, kept throughout.
        key: Of the chords.
        rng: Chooses the progressions and the colour of the chords.
    """
    beats = seconds * tempo_bpm / 60
    ring = max(2.0, min(_RING_S * tempo_bpm / 60, beats / 4))
    count = max(0, int((beats - ring) / BEATS))
    left = beats - ring - count * BEATS
    broad = 2.0 if count > 1 and left >= 2.0 else 0.0
    progressions = choose_progressions(key.mode, rng)
    added = rng.choice((None, 8, 6)) if key.mode == "major" else rng.choice((None, 8))
    phrases: list[Phrase] = []
    first = 0
    for kind, length in _outline(count):
        bars = []
        for place in range(length):
            to_go = count - first - place
            degree = _degree(kind, place, to_go, progressions)
            chord = key.chord(degree, added=None if degree == 5 else added)
            bars.append(
                Bar(
                    start=float((first + place) * BEATS),
                    beats=BEATS + (broad if to_go == 1 else 0.0),
                    chord=chord,
                    is_last=to_go == 1,
                )
            )
        phrases.append(Phrase(kind, tuple(bars)))
        first += length
    close_at = count * BEATS + broad
    return Form(phrases=tuple(phrases), close=key.chord(1), close_at=close_at, beats=beats)


def _outline(count: int) -> list[tuple[str, int]]:
    """The kinds of the phrases and their numbers of bars."""
    intro = 4 if count >= 20 else 2 if count >= 10 else 0
    full, coda = divmod(count - intro, PHRASE_BARS)
    kinds = [("A", "A'", "C" if index // 4 % 2 else "B", "A'")[index % 4] for index in range(full)]
    if full > 1:
        kinds[-1] = "A'"
    outline = [("intro", intro), *((kind, PHRASE_BARS) for kind in kinds), ("coda", coda)]
    return [(kind, length) for kind, length in outline if length]


def _degree(kind: str, place: int, to_go: int, progressions: dict[str, tuple[int, ...]]) -> int:
    """The degree of a bar's chord; the last two bars prepare the close."""
    if to_go <= 2:
        return (5, 4)[to_go - 1]
    if kind == "intro":
        return (1, 4)[place % 2]
    if kind == "coda":
        return 1
    return progressions[kind[0]][place]
