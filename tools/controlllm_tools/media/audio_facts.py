"""Measured facts of a sound: the JSON that `audio_facts` writes and other tools read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pydantic import Field

from controlllm_tools.media.typed_json import read_json

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Signed = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """The beat of music.

    Attributes:
        bpm: Beats a minute.
        confidence: How regular the beat is; below 0.25 it is a guess, as it is in speech.
    """

    bpm: Amount
    confidence: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The key of music.

    Attributes:
        name: Such as `A minor`.
        confidence: How well its notes fit the key.
    """

    name: Annotated[str, Field(max_length=20)]
    confidence: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFacts:
    """Everything that was measured.

    Attributes:
        seconds: Length.
        sample_rate_hz: Samples a second, per channel.
        channels: Number of channels.
        loudness_lufs: Integrated loudness by ITU-R BS.1770; None when nothing is loud enough.
        peak_dbtp: Highest true peak; None for digital silence.
        silence: Share of the time that is silent, against the loud parts of this sound.
        tempo: The beat; None when there is none.
        key: The key; None when no notes are heard.
    """

    seconds: Amount
    sample_rate_hz: Count
    channels: Count
    loudness_lufs: Signed | None
    peak_dbtp: Signed | None
    silence: Share
    tempo: Tempo | None = None
    key: Key | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def read_audio_facts(text: str) -> AudioFacts:
    """The facts in a JSON text.

    Raises:
        InvalidInput: A field is missing or out of range.
    """
    return read_json(AudioFacts, text, "a list of audio facts")
