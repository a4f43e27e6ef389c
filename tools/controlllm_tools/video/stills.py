"""One frame of a video at a point in time, by seeking: the rest is not decoded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import scaled_size, video_facts
from controlllm_tools.tool import ToolContext

if TYPE_CHECKING:  # numpy loads when a frame is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]

_ROUNDING_S = 0.0015
_JPEG_QUALITY = 90


def still(path: Path, at_s: float, context: ToolContext, *, max_width_px: int) -> Rgb | None:
    """The frame that is shown at a time.

    Args:
        path: The video.
        at_s: Seconds from the start.
        context: Of the call.
        max_width_px: Wider videos are scaled down to this width.

    Returns:
        RGB uint8 of shape (height, width, 3), or None when the pictures end before that time.

    Raises:
        InvalidInput: The file is no video.
    """
    import numpy as np

    facts = video_facts(path)
    width, height = scaled_size(facts, max_width_px)
    # seeking finds the first frame that starts at a time or later; the one shown started before
    start_s = at_s - 1 / (facts.fps or 25.0) + _ROUNDING_S
    source = ffmpeg.Input(path, ("-ss", f"{max(0.0, start_s):.4f}"))
    options = [
        "-an", "-frames:v", "1", "-vf", f"scale={width}:{height}:flags=area",
        "-f", "rawvideo", "-pix_fmt", "rgb24",
    ]  # fmt: skip
    size = width * height * 3
    with ffmpeg.raw_stream([source], options, context) as stream:
        raw = stream.read(size)
    if len(raw) < size:
        return None
    return np.frombuffer(raw, dtype=np.uint8).reshape(height, width, 3)


def write_jpeg(frame: Rgb, path: Path) -> Path:
    """Write a frame as JPEG of good quality."""
    from PIL import Image

    Image.fromarray(frame).save(path, format="JPEG", quality=_JPEG_QUALITY, optimize=True)
    return path


def clock(seconds: float) -> str:
    """A time as people write it: `0:03.2`, `12:05.0`, `1:02:03.4`."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"
