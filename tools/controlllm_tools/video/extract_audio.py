"""Take the sound track out of a video."""

from __future__ import annotations

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class ExtractAudio(CpuTool):
    """Lossless copy of the first sound track, as FLAC."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Decode the sound and write it as 16-bit FLAC at its own rate and channels.

        Raises:
            InvalidInput: The video has no sound.
        """
        video = inputs.file("video")
        facts = sound_facts(video)
        target = ffmpeg.convert(
            [ffmpeg.Input(video)],
            ["-map", "0:a:0", "-vn", "-c:a", "flac", "-sample_fmt", "s16"],
            context.scratch / "sound.flac",
            context,
            duration_s=facts.duration_s,
        )
        caption = f"sound track, {facts.duration_s or 0:.1f} s"
        return {"audio": Output.of_file(target, caption=caption)}
