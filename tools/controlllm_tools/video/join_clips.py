"""Put clips one after the other, whatever their sizes, rates and sound."""

from __future__ import annotations

from controlllm_tools.media import ffmpeg
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.fitting import Form, clip_facts


class JoinClips(CpuTool):
    """One video from many, at the size of the first."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Fit every clip to the first one's frame and join them.

        Returns:
            `video`: MP4 with H.264 at 25 or 30 frames a second and AAC. Clips of another shape get
            black borders; clips without sound are silent.

        Raises:
            InvalidInput: A file is no video, or there are too many, or they are too long together.
        """
        paths = inputs.files("clips")
        facts = clip_facts(paths)
        seconds = sum(fact.duration_s or 0.0 for fact in facts)
        target = ffmpeg.convert(
            [ffmpeg.Input(path) for path in paths],
            ["-filter_complex", _graph(facts), "-map", "[v]", "-map", "[a]", *ffmpeg.H264,
             *ffmpeg.AAC, *ffmpeg.MP4],
            context.scratch / "joined.mp4", context, duration_s=seconds,
        )  # fmt: skip
        caption = f"{len(paths)} {'clip' if len(paths) == 1 else 'clips'} in a row, {seconds:.1f} s"
        return {"video": Output.of_file(target, name="joined.mp4", caption=caption)}


def _graph(facts: list[MediaFacts]) -> str:
    """Bring each clip to one frame, rate and exact length, then join pictures and sound."""
    form = Form.of(facts[0])
    parts = []
    for index, fact in enumerate(facts):
        parts += [f"{form.pictures(index, fact)}[v{index}]", f"{form.sound(index, fact)}[a{index}]"]
    streams = "".join(f"[v{index}][a{index}]" for index in range(len(facts)))
    return ";".join([*parts, f"{streams}concat=n={len(facts)}:v=1:a=1[v][a]"])
