"""Bring a recording to a loudness that platforms ask for."""

from __future__ import annotations

from controlllm_tools.media.effects import filter_sound
from controlllm_tools.media.mastering import Level, master
from controlllm_tools.media.progress import stage
from controlllm_tools.media.ranges import Range
from controlllm_tools.media.sound import loudness_lufs
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class NormaliseLoudness(CpuTool):
    """Integrated loudness by ITU-R BS.1770-4 at a target, true peaks below a ceiling."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Measure, and correct until it fits.

        Returns:
            `audio`: FLAC of the same length.

        Raises:
            InvalidInput: The recording is silent, or a level is out of range.
        """
        level = Level(
            # people say -16 as well as 16 LUFS
            lufs=-Range(5.0, 60.0).check("lufs", abs(inputs.number("lufs", -16.0))),
            peak_dbtp=-Range(0.0, 20.0).check("peak_dbtp", abs(inputs.number("peak_dbtp", -1.5))),
        )
        path = inputs.file("audio")
        before = loudness_lufs(path, context)
        # its sound alone: a picture of the cover is none of ours
        sound = filter_sound(path, (), context.scratch / "sound.flac", stage(context, 0.0, 0.2))
        target = context.scratch / "normalised.flac"
        master(sound, target, level, stage(context, 0.2, 0.95))
        sound.unlink()
        after = loudness_lufs(target, context)
        caption = f"{after:.1f} LUFS, was {before:.1f} LUFS"
        return {"audio": Output.of_file(target, caption=caption)}
