"""Take the sound away from a video."""

from __future__ import annotations

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import video_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.streams import picture_options


class MuteVideo(CpuTool):
    """The pictures alone."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Leave every sound track out.

        Returns:
            `video`: MP4 without sound; H.264 in an MP4 is copied, else encoded again.

        Raises:
            InvalidInput: The file is no video.
        """
        path = inputs.file("video")
        seconds = video_facts(path).duration_s or 0.0
        target = ffmpeg.convert(
            [ffmpeg.Input(path)],
            ["-map", "0:v:0", "-an", *picture_options(path), *ffmpeg.MP4],
            context.scratch / "muted.mp4", context, duration_s=seconds,
        )  # fmt: skip
        return {"video": Output.of_file(target, caption=f"video without sound, {seconds:.1f} s")}
