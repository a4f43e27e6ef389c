"""Frames of a video, streamed: no more than one frame is held at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.probe import probe
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import ToolContext

if TYPE_CHECKING:  # numpy loads when a frame is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]


def video_facts(path: Path) -> MediaFacts:
    """Facts of a file that must have pictures and a length.

    Raises:
        InvalidInput: The file is no video, is broken, or is over a limit.
    """
    kind, facts = probe(path)
    if kind.family != "video" or not facts.width_px or not facts.height_px:
        msg = f"{path.name} holds {kind.mime}, not a video"
        raise InvalidInput(msg)
    if not facts.duration_s:
        msg = f"{path.name} does not say how long it is; re-encode it first"
        raise InvalidInput(msg)
    return facts


def frames(
    path: Path,
    context: ToolContext,
    *,
    fps: float,
    max_width_px: int,
    limit: int = 100_000,
) -> Iterator[tuple[float, Rgb]]:
    """Decode frames at a steady rate, scaled down to a width.

    Args:
        path: The video.
        context: Of the call; cancelling it ends the decoder.
        fps: Frames to take a second.
        max_width_px: Wider videos are scaled down to this width.
        limit: Most frames to take.

    Yields:
        Time in seconds, and RGB uint8 of shape (height, width, 3).

    Raises:
        InvalidInput: The file is no video.
    """
    import numpy as np

    facts = video_facts(path)
    width, height = scaled_size(facts, max_width_px)
    options = [
        "-an", "-vf", f"fps={fps:.6f}:round=up,scale={width}:{height}:flags=area",
        "-f", "rawvideo", "-pix_fmt", "rgb24",
    ]  # fmt: skip
    size = width * height * 3
    with ffmpeg.raw_stream([ffmpeg.Input(path)], options, context) as stream:
        for index in range(limit):
            raw = stream.read(size)
            if len(raw) < size:
                return
            yield index / fps, np.frombuffer(raw, dtype=np.uint8).reshape(height, width, 3)


def scaled_size(facts: MediaFacts, max_width_px: int) -> tuple[int, int]:
    """Even width and height that keep the shape and do not pass the width."""
    width, height = facts.width_px or 2, facts.height_px or 2
    scale = min(1.0, max_width_px / width)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)
