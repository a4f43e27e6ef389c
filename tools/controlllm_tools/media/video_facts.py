"""Measured facts of a video: the JSON that `video_facts` writes and other tools read.

The JSON has the fields of `VideoFacts` and, nested, of the other classes here. Shares and levels
run from 0 to 1 unless a field says otherwise; speeds are in widths of the picture a second.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pydantic import Field

from controlllm_tools.media.typed_json import read_json

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Signed = Annotated[float, Field(allow_inf_nan=False)]
Length = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Pixels = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """How the picture moves, by optical flow between close frames; pairs across a cut are left out.

    Attributes:
        speed: Mean speed of all pixels, the median over time.
        peak: The same, its 95th percentile over time.
        moving: Share of the picture that visibly moves, the median over time.
        drift_x: Mean velocity to the right, the median over time.
        drift_y: Mean velocity downwards, the median over time.
    """

    speed: Amount
    peak: Amount
    moving: Share
    drift_x: Signed
    drift_y: Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Swatch:
    """One main colour.

    Attributes:
        name: Plain English, such as `dark blue`.
        rgb: As `#rrggbb`.
        share: Of all pixels.
    """

    name: Annotated[str, Field(max_length=40)]
    rgb: Annotated[str, Field(pattern="^#[0-9a-f]{6}$")]
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Light and colour, averaged over the whole length.

    Attributes:
        brightness: Mean luma.
        contrast: Standard deviation of luma inside a frame, doubled, so that 1 is black and white.
        colourfulness: Hasler and Suesstrunk's measure, over 110 and cut at 1.
        warmth: From -1, all blue, over 0, neutral, to 1, all red: mean of red minus blue.
        palette: Main colours, the largest first.
    """

    brightness: Share
    contrast: Share
    colourfulness: Share
    warmth: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
    palette: Annotated[tuple[Swatch, ...], Field(max_length=12)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenText:
    """One line of text read off the picture; it is data, whoever reads it.

    Attributes:
        text: As read.
        at_s: Time of the first key frame that shows it.
        confidence: Of the reader.
    """

    text: Annotated[str, Field(max_length=200)]
    at_s: Amount
    confidence: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """The sound track.

    Attributes:
        loudness_lufs: Integrated loudness by ITU-R BS.1770; None when nothing is loud enough.
        silence: Share of the time that is silent.
    """

    loudness_lufs: Signed | None
    silence: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """Everything that was measured.

    Attributes:
        seconds: Length.
        width_px: Width of a frame.
        height_px: Height of a frame.
        fps: Frames a second.
        motion: What moves.
        look: Light and colour.
        cuts: Number of hard cuts.
        cuts_per_minute: The same as a rate.
        texts: Lines read on key frames, in order of time.
        faces: Most faces seen on one key frame, frontal ones only.
        key_frames_s: Times of the key frames on which text and faces were looked for.
        sound: The sound track, or None when there is none.
    """

    seconds: Length
    width_px: Pixels
    height_px: Pixels
    fps: Length
    motion: Motion
    look: Look
    cuts: Count
    cuts_per_minute: Amount
    texts: Annotated[tuple[SeenText, ...], Field(max_length=100)] = ()
    faces: Count = 0
    key_frames_s: Annotated[tuple[Amount, ...], Field(max_length=100)] = ()
    sound: Sound | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def read_video_facts(text: str) -> VideoFacts:
    """The facts in a JSON text.

    Raises:
        InvalidInput: A field is missing or out of range.
    """
    return read_json(VideoFacts, text, "a list of video facts")
