"""Put clips one after the other, whatever their sizes, rates and sound."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.media.movies import video_facts
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_MOST_CLIPS = 50
_RATE_HZ = 48_000
_FAST_FPS = 27.0


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
        if not 1 <= len(paths) <= _MOST_CLIPS:
            msg = f"{len(paths)} clips cannot be joined; give 1 to {_MOST_CLIPS}"
            raise InvalidInput(msg)
        facts = [video_facts(path) for path in paths]
        seconds = sum(fact.duration_s or 0.0 for fact in facts)
        if seconds > LIMITS.duration_s:
            msg = f"the clips last {seconds:.0f} s together, the limit is {LIMITS.duration_s:.0f} s"
            raise InvalidInput(msg)
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
    first = facts[0]
    width, height = (max(2, (side or 2) // 2 * 2) for side in (first.width_px, first.height_px))
    fps = 30 if (first.fps or 25.0) > _FAST_FPS else 25
    parts = []
    for index, fact in enumerate(facts):
        seconds = max(1, round((fact.duration_s or 0.0) * fps)) / fps
        parts.append(
            f"[{index}:v:0]fps={fps}:start_time=0,"
            f"scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2,"
            f"pad={width}:{height}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p,"
            f"tpad=stop=-1:stop_mode=clone,trim=duration={seconds:.6f},setpts=PTS-STARTPTS[v{index}]"
        )
        source = f"[{index}:a:0]" if fact.channels else f"anullsrc=r={_RATE_HZ}:cl=stereo,"
        parts.append(
            f"{source}aresample={_RATE_HZ}:async=1:first_pts=0,"
            f"aformat=sample_fmts=fltp:channel_layouts=stereo,"
            f"apad,atrim=duration={seconds:.6f},asetpts=PTS-STARTPTS[a{index}]"
        )
    streams = "".join(f"[v{index}][a{index}]" for index in range(len(facts)))
    return ";".join([*parts, f"{streams}concat=n={len(facts)}:v=1:a=1[v][a]"])
