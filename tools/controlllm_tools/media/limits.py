"""What is too large to touch; checked on headers, before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Caps for one file.

    Attributes:
        size_bytes: Length of the file.
        image_pixels: Width times height of a still picture.
        image_frames: Frames of an animated picture.
        video_pixels: Width times height of one video frame.
        video_frames: Frames of a video, by its duration and rate.
        duration_s: Length of sound or video.
        streams: Tracks in a container.
        text_bytes: Length of a text file.
        pages: Pages of a document.
    """

    size_bytes: int = 4 * 2**30
    image_pixels: int = 50_000_000
    image_frames: int = 2_000
    video_pixels: int = 7_680 * 4_320
    video_frames: int = 2_000_000
    duration_s: float = 6 * 3_600.0
    streams: int = 16
    text_bytes: int = 16 * 2**20
    pages: int = 5_000


LIMITS = Limits()
