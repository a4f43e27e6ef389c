"""Keys, chords and voice leading; numbers only, no sound.

Pitches are MIDI numbers. Inside a key, a step counts the degrees of its scale: step 0 is the tonic
above `Key.tonic`, step 7 the tonic an octave higher.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

from controlllm_tools.media.mood import Mode

_SCALES: dict[Mode, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}
_TONICS = (0, 2, 3, 5, 7, 9, 10)
_NAMES = ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")

_VERSES: dict[Mode, tuple[tuple[int, ...], ...]] = {
    "major": ((1, 5, 6, 4), (1, 6, 4, 5), (1, 3, 4, 5), (1, 4, 6, 5), (1, 6, 2, 5)),
    "minor": ((1, 6, 3, 7), (1, 4, 6, 5), (1, 7, 6, 5), (1, 6, 4, 5), (1, 3, 6, 5)),
}
_BRIDGES: dict[Mode, tuple[tuple[int, ...], ...]] = {
    "major": ((6, 4, 1, 5), (4, 5, 3, 6), (2, 5, 3, 6), (4, 1, 2, 5), (6, 3, 4, 5)),
    "minor": ((6, 7, 1, 5), (4, 7, 3, 6), (3, 7, 6, 5), (4, 1, 6, 5), (6, 3, 4, 5)),
}


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord on a degree of the key.

    Attributes:
        degree: From 1 to 7.
        steps: Its tones as steps above the tonic, root first.
    """

    degree: int
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic, as a pitch class from 0 for C, and a mode."""

    tonic: int
    mode: Mode

    def __str__(self) -> str:
        return f"{_NAMES[self.tonic]} {self.mode}"

    def chord(self, degree: int, *, added: int | None = None) -> Chord:
        """The triad on a degree, with another tone so many steps above its root if wanted."""
        root = degree - 1
        steps = (root, root + 2, root + 4)
        return Chord(degree, steps if added is None else (*steps, root + added))

    def pitch(self, step: int, chord: Chord) -> int:
        """The pitch of a step while a chord sounds.

        Over the fifth degree of a minor key the seventh step is raised: the leading tone.
        """
        octave, degree = divmod(step, 7)
        raised = self.mode == "minor" and chord.degree == 5 and degree == 6
        return self.tonic + 12 * octave + _SCALES[self.mode][degree] + int(raised)

    def tones(self, chord: Chord) -> tuple[int, ...]:
        """The pitch classes of a chord, root first."""
        return tuple(self.pitch(step, chord) % 12 for step in chord.steps)

    def scale(self) -> frozenset[int]:
        """The pitch classes of the key, with the leading tone of a minor key."""
        leading = {(self.tonic + 11) % 12} if self.mode == "minor" else set()
        return frozenset((self.tonic + note) % 12 for note in _SCALES[self.mode]) | leading


def choose_key(mode: Mode, rng: random.Random) -> Key:
    """A key that lies well for the instruments."""
    return Key(rng.choice(_TONICS), mode)


def choose_progressions(mode: Mode, rng: random.Random) -> dict[str, tuple[int, ...]]:
    """The degrees of four bars for each kind of phrase: A, and the contrasting B and C."""
    bridges = rng.sample(_BRIDGES[mode], 2)
    return {"A": rng.choice(_VERSES[mode]), "B": bridges[0], "C": bridges[1]}


def voice(
    tones: tuple[int, ...], before: tuple[int, ...], *, low: int, high: int
) -> tuple[int, ...]:
    """Place the tones of a chord so that each voice moves as little as it can.

    Args:
        tones: Pitch classes.
        before: The previous placing, lowest first, or nothing at the start.
        low: Lowest pitch allowed.
        high: Highest pitch allowed; at least an octave and a half above `low`.

    Returns:
        One pitch a tone, lowest first, within two octaves.

    Source: the principle of least motion, with parallel fifths and octaves discouraged, as every
    textbook of harmony since Fux has it.
    """
    places = [[p for p in range(low, high + 1) if p % 12 == tone] for tone in tones]
    placings = {tuple(sorted(each)) for each in itertools.product(*places)}
    spread = [p for p in placings if len(set(p)) == len(p) and p[-1] - p[0] <= 19]
    middle = (low + high) / 2
    return min(
        sorted(spread),
        key=lambda placing: (
            _effort(placing, before) + 0.15 * abs(sum(placing) / len(placing) - middle)
        ),
    )


def _effort(placing: tuple[int, ...], before: tuple[int, ...]) -> float:
    crowded = sum(high - low < 3 for low, high in itertools.pairwise(placing))
    effort = 4.0 * crowded
    if not before:
        return effort
    effort += sum(min(abs(pitch - old) for old in before) for pitch in placing)
    for (old_low, low), (old_high, high) in itertools.combinations(
        zip(before, placing, strict=False), 2
    ):
        parallel = (old_high - old_low) % 12 == (high - low) % 12 and low != old_low
        if parallel and (high - low) % 12 in {0, 7}:
            effort += 3
    return effort
