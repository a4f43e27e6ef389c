"""The notes of a piece, by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from controlllm_tools.audio.form import Form
from controlllm_tools.audio.harmony import Key

Role = Literal["lead", "chords", "figure", "bass", "drums"]

TICKS_PER_BEAT = 480


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One note.

    Attributes:
        start: Beats from the beginning.
        length: Beats.
        pitch: MIDI number; for drums, the instrument.
        velocity: From 1 to 127.
    """

    start: float
    length: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one instrument plays.

    Attributes:
        instrument: Name, as in `controlllm_tools.audio.instruments`.
        notes: In order.
    """

    instrument: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A whole composition.

    Attributes:
        key: Of the piece.
        tempo_bpm: Beats a minute.
        seconds: Length until the last chord has died away.
        form: Its plan.
        parts: By role.
    """

    key: Key
    tempo_bpm: int
    seconds: float
    form: Form
    parts: Mapping[Role, Part]
