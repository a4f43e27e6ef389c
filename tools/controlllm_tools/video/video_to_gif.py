"""Between videos and animated pictures: a GIF of bounded size, and back again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import scaled_size, video_facts
from controlllm_tools.media.probe import probe
from controlllm_tools.media.ranges import Range
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.redrawing import SQUARE

_LENGTH_S, _USUAL_S = Range(0.04, 60), 15.0
_FPS = Range(1, 25)
_LIMIT_MB = Range(0.01, 200)
_MOST_FRAMES = 1_000
_ROUNDS = 5
_WIDTH_PX = Range(32, 1_920)
_AIM = 0.9
"""A little under the limit, so that one more round is seldom needed."""

_LOOPS_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """The part of the video that becomes the animation."""

    path: Path
    facts: MediaFacts
    start_s: float
    seconds: float
    fps: float


class VideoToGif(CpuTool):
    """An animated GIF with a palette of its own, made smaller until it is under a limit."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Choose colours, draw, and draw smaller while the file is too large.

        Returns:
            `animation`: GIF that goes round for ever.

        Raises:
            InvalidInput: The file is no video, a number is out of range, or the limit is too low.
        """
        cut = _cut(inputs)
        limit_mb = _LIMIT_MB.read(inputs, "max_mb", 8.0)
        widest = round(_WIDTH_PX.read(inputs, "width", 480.0))
        target = context.scratch / "animation.gif"
        for _ in range(_ROUNDS):
            width, height = scaled_size(cut.facts, widest)
            size_mb = _draw(cut, (width, height), target, context) / 2**20
            if size_mb <= limit_mb:
                break
            widest = int(width * min(0.9, math.sqrt(_AIM * limit_mb / size_mb)))
            if widest < _WIDTH_PX.least:
                break
        if size_mb > limit_mb:
            msg = (
                f"{cut.seconds:.1f} s do not fit into {limit_mb:g} MB; "
                "allow more, or ask for a shorter part"
            )
            raise InvalidInput(msg)
        caption = f"{cut.seconds:.1f} s at {width}x{height} pixels, {size_mb:.1f} MB"
        if cut.seconds < (cut.facts.duration_s or 0.0) - 0.1:
            caption += f", of {cut.facts.duration_s:.1f} s"
        return {"animation": Output.of_file(target, caption=caption)}


class GifToVideo(CpuTool):
    """An animated picture as a video that every player shows."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Encode, and let a short animation go round.

        Returns:
            `video`: MP4 without sound, at least three seconds long.

        Raises:
            InvalidInput: The file is no animated GIF.
        """
        path = inputs.file("animation")
        kind, facts = probe(path)
        if kind.mime != "image/gif" or not facts.frames:
            msg = f"{path.name} holds {kind.mime} that does not move; give an animated GIF"
            raise InvalidInput(msg)
        once_s = _length_s(path)
        rounds = max(1, math.ceil(_LOOPS_S / once_s))
        target = ffmpeg.convert(
            [ffmpeg.Input(path, ("-ignore_loop", "1", "-stream_loop", str(rounds - 1)))],
            ["-an", "-vf", f"fps=25,{SQUARE}", "-t", f"{once_s * rounds:.3f}",
             *ffmpeg.H264, *ffmpeg.MP4],
            context.scratch / "animation.mp4", context,
        )  # fmt: skip
        return {"video": Output.of_file(target, caption=f"{once_s * rounds:.1f} s without sound")}


def _cut(inputs: Inputs) -> _Cut:
    path = inputs.file("video")
    facts = video_facts(path)
    whole_s = facts.duration_s or 0.0
    start_s = Range(0, max(0.0, whole_s - 0.04)).read(inputs, "start_s", 0.0)
    wanted_s = _LENGTH_S.read(inputs, "duration_s", _USUAL_S)
    seconds = min(wanted_s, whole_s - start_s)
    fps = _FPS.read(inputs, "fps", 12.0)
    fps = min(fps, facts.fps or fps, _MOST_FRAMES / seconds)
    return _Cut(path=path, facts=facts, start_s=start_s, seconds=seconds, fps=fps)


def _draw(cut: _Cut, size: tuple[int, int], target: Path, context: ToolContext) -> int:
    """Two passes, so that no frame waits in memory for its palette; gives the bytes written."""
    source = ffmpeg.Input(cut.path, ("-ss", f"{cut.start_s:.3f}", "-t", f"{cut.seconds:.3f}"))
    small = f"fps={cut.fps:.4f},scale={size[0]}:{size[1]}:flags=lanczos,setsar=1"
    palette = ffmpeg.convert(
        [source],
        ["-an", "-vf", f"{small},palettegen=stats_mode=full", "-frames:v", "1", "-update", "1"],
        context.scratch / "palette.png", context,
    )  # fmt: skip
    graph = f"[0:v:0]{small}[v];[v][1:v:0]paletteuse=dither=bayer:bayer_scale=3:diff_mode=rectangle"
    ffmpeg.convert(
        [source, ffmpeg.Input(palette)],
        ["-an", "-filter_complex", graph, "-loop", "0", "-f", "gif"],
        target, context, duration_s=cut.seconds,
    )  # fmt: skip
    return target.stat().st_size


def _length_s(path: Path) -> float:
    """How long one round of a GIF lasts; browsers show a frame without a time for 0.1 s."""
    from PIL import Image, ImageSequence

    with Image.open(path) as animation:
        steps = (
            frame.info.get("duration", 0) or 100 for frame in ImageSequence.Iterator(animation)
        )
        return max(0.04, sum(steps) / 1_000)
