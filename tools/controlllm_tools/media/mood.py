"""A mood as numbers that music can be made from; the JSON that `choose_mood` writes.

Valence, how pleasant, and energy, how aroused, span the circumplex of affect (Russell 1980);
the other fields say what that means for music.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from controlllm_tools.media.typed_json import read_json

Mode = Literal["major", "minor"]
Lead = Literal["flute", "clarinet", "oboe", "violin", "piano", "vibraphone", "celesta", "trumpet"]
Chords = Literal["strings", "warm pad", "organ", "horns", "choir"]
Figure = Literal["harp", "piano", "guitar", "marimba", "music box", "electric piano"]
Bass = Literal["double bass", "cello", "electric bass"]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

SLOWEST_BPM = 40
FASTEST_BPM = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """Who plays.

    Attributes:
        lead: Plays the melody.
        chords: Holds the chords.
        figure: Breaks the chords up.
        bass: Plays the roots.
        drums: Whether there is percussion.
    """

    lead: Lead
    chords: Chords
    figure: Figure
    bass: Bass
    drums: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """A mood.

    Attributes:
        name: One or two words for people.
        tempo_bpm: Beats a minute.
        mode: Of the scale.
        energy: From 0, at rest, to 1, in full swing.
        valence: From 0, sad, to 1, glad.
        brightness: Of the sound: how high the instruments play, from 0 to 1.
        ensemble: Suggested instruments.
    """

    name: Annotated[str, Field(min_length=1, max_length=40)]
    tempo_bpm: Annotated[int, Field(ge=SLOWEST_BPM, le=FASTEST_BPM)]
    mode: Mode
    energy: Share
    valence: Share
    brightness: Share
    ensemble: Ensemble

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def read_mood(text: str) -> Mood:
    """The mood in a JSON text.

    Raises:
        InvalidInput: A field is missing or out of range.
    """
    return read_json(Mood, text, "a mood")
