"""One pass of a filter over the pictures of a video; its sound comes along as it is."""

from __future__ import annotations

from pathlib import Path

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import video_facts
from controlllm_tools.tool import ToolContext
from controlllm_tools.video.streams import sound_options

SQUARE = "scale=trunc(iw*sar/2)*2:trunc(ih/2)*2,setsar=1"
"""Filter that makes pixels square and sizes even, as H.264 wants them; most videos pass as are."""


def redrawn(path: Path, filters: str, target: Path, context: ToolContext) -> Path:
    """Write a video whose pictures went through a filter.

    Args:
        path: The video.
        filters: ffmpeg filters; they see square pixels and must leave sizes even.
        target: MP4 to write, below the scratch folder.
        context: Of the call.

    Returns:
        The target: H.264 at the rate of the source; the sound is copied when it is AAC.

    Raises:
        InvalidInput: The file is no video.
    """
    facts = video_facts(path)
    return ffmpeg.convert(
        [ffmpeg.Input(path)],
        ["-map", "0:v:0", "-map", "0:a:0?", "-vf", f"{SQUARE},{filters}",
         *ffmpeg.H264, *sound_options(path), *ffmpeg.MP4],
        target, context, duration_s=facts.duration_s,
    )  # fmt: skip


def even(side_px: float) -> int:
    """The nearest even number of pixels, at least two."""
    return max(2, round(side_px / 2) * 2)
