"""Play a recording backwards."""

from __future__ import annotations

from pathlib import Path

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.effects import length_of
from controlllm_tools.media.progress import stage
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_BLOCK = 2**19


class ReverseAudio(CpuTool):
    """The samples in the opposite order, read from disk in blocks."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Turn round.

        Returns:
            `audio`: FLAC of the same length.

        Raises:
            InvalidInput: The file has no sound.
        """
        path = inputs.file("audio")
        seconds = length_of(path)
        forward = ffmpeg.convert(
            [ffmpeg.Input(path)],
            # a file that can be read from its end; the 64-bit form when it is large
            ["-map", "0:a:0", "-vn", "-c:a", "pcm_s16le", "-rf64", "auto", "-f", "wav"],
            context.scratch / "forward.wav", stage(context, 0.0, 0.6), duration_s=seconds,
        )  # fmt: skip
        target = context.scratch / "reversed.flac"
        _turn_round(forward, target, stage(context, 0.6, 1.0))
        forward.unlink()
        return {"audio": Output.of_file(target, caption=f"backwards, {seconds:.1f} s")}


def _turn_round(source: Path, target: Path, context: ToolContext) -> None:
    import soundfile

    with soundfile.SoundFile(source) as forward:
        end = len(forward)
        with soundfile.SoundFile(
            target, "w", forward.samplerate, forward.channels, subtype="PCM_16", format="FLAC"
        ) as out:
            while end > 0:
                context.check()
                start = max(0, end - _BLOCK)
                forward.seek(start)
                out.write(forward.read(end - start, dtype="int16", always_2d=True)[::-1])
                context.progress(1 - start / len(forward), "turning round")
                end = start
