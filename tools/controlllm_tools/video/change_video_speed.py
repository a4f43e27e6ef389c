"""Play a video faster or slower; the sound keeps its pitch."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.redrawing import SQUARE

_FACTOR = Range(0.1, 30)
_RATE_HZ = 48_000
_SLOWER = frozenset({"slower", "slow"})


class ChangeVideoSpeed(CpuTool):
    """Another speed at the same rate of frames: some are left out, or shown again."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Change the speed of pictures and sound.

        Returns:
            `video`: MP4, as long as the source divided by the factor.

        Raises:
            InvalidInput: The file is no video, or the factor is out of range.
        """
        slower = inputs.text("direction") in _SLOWER
        factor = _FACTOR.read(inputs, "factor", 2.0)
        if slower and factor > 1:
            factor = 1 / factor  # "slow it down by a factor of 2" means half the speed
        path = inputs.file("video")
        facts = video_facts(path)
        fps = facts.fps or 25.0
        frames = max(1, round((facts.duration_s or 0.0) * fps / factor))
        seconds = frames / fps
        if seconds > LIMITS.duration_s:
            msg = f"the result would last {seconds:.0f} s, the limit is {LIMITS.duration_s:.0f} s"
            raise InvalidInput(msg)
        sound = ["-an"]
        if facts.channels:
            fit = f"aresample={_RATE_HZ}:async=1:first_pts=0,{tempo(factor)},apad"
            sound = ["-map", "0:a:0", "-af", f"{fit},atrim=end={seconds:.4f}", *ffmpeg.AAC]
        target = ffmpeg.convert(
            [ffmpeg.Input(path)],
            ["-map", "0:v:0", *sound,
             "-vf", f"{SQUARE},setpts=(PTS-STARTPTS)/{factor:g},fps={fps:.6f}",
             "-t", f"{seconds:.4f}", *ffmpeg.H264, *ffmpeg.MP4],
            context.scratch / "speed.mp4", context, duration_s=seconds,
        )  # fmt: skip
        caption = f"{factor:g} times as fast, {seconds:.1f} s"
        return {"video": Output.of_file(target, name="speed.mp4", caption=caption)}


def tempo(factor: float) -> str:
    """The filter that changes the tempo of sound by a factor and keeps its pitch: Rubber Band."""
    return f"rubberband=tempo={factor:.8f}:transients=mixed"
