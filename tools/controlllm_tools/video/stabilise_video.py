"""Take the shake out of a video that was filmed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import frames, scaled_size, video_facts
from controlllm_tools.media.progress import stage
from controlllm_tools.media.ranges import Range
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.camera_path import MotionTracker, Steadying
from controlllm_tools.video.streams import sound_options

if TYPE_CHECKING:  # numpy loads when a video is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

_SMOOTHING_S = Range(0.1, 10)
_MEASURED_WIDTH_PX = 480


class StabiliseVideo(CpuTool):
    """Follows the camera, keeps the slow part of its path, and moves every picture onto that.

    The filters of the vid.stab library do the same, but keep 45 kB of each frame until the end.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Measure the motion of the camera, then move every picture against its shake.

        Returns:
            `video`: MP4 with its sound; the pictures are enlarged so that no border shows.

        Raises:
            InvalidInput: The file is no video, or the smoothing is out of range.
        """
        smoothing_s = _SMOOTHING_S.read(inputs, "smoothing_s", 1.0)
        path = inputs.file("video")
        facts = video_facts(path)
        width, height = scaled_size(facts, facts.width_px or 2)
        fps = facts.fps or 25.0
        tracker = MotionTracker()
        for frame in _frames(path, facts, _MEASURED_WIDTH_PX, stage(context, 0.0, 0.4)):
            tracker.add(frame)
        # a Gaussian of this deviation weighs about the asked length to each side
        steadying = Steadying.of(tracker.path, smoothing_s * fps / 2, width / height)
        moved = steadying.frames(_frames(path, facts, width, stage(context, 0.4, 1.0)))
        sound = ("-map", "1:a:0", *sound_options(path)) if facts.channels else ("-an",)
        target = ffmpeg.encode_frames(
            ffmpeg.Frames(width_px=width, height_px=height, fps=fps, source=moved),
            [ffmpeg.Input(path)],
            ["-map", "0:v:0", *sound, *ffmpeg.H264, *ffmpeg.MP4],
            context.scratch / "stabilised.mp4", context,
        )  # fmt: skip
        enlarged = f"enlarged by {100 * (steadying.zoom - 1):.0f}%"
        caption = f"steadied over {smoothing_s:g} s, {enlarged}, {facts.duration_s or 0.0:.1f} s"
        return {"video": Output.of_file(target, caption=caption)}


def _frames(
    path: Path, facts: MediaFacts, width_px: int, context: ToolContext
) -> Iterator[NDArray[uint8]]:
    """Every frame, with progress."""
    seconds = facts.duration_s or 1.0
    shown = frames(path, context, fps=facts.fps or 25.0, max_width_px=width_px, limit=10**9)
    for at_s, frame in shown:
        context.check()
        context.progress(at_s / seconds, "following the camera")
        yield frame
