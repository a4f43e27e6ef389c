"""Keep one part of a video, or take one out of it, exact to the frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import video_facts
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.redrawing import SQUARE
from controlllm_tools.video.stills import clock

_TIMES = frozenset(("start_s", "end_s", "duration_s"))
_ROUNDING_S = 0.001
"""Times in a file are rounded; a little before a frame, that frame is the first one found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """From one time to another, in seconds, both where a frame begins."""

    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        return self.end_s - self.start_s

    def of(self, path: Path) -> ffmpeg.Input:
        """This stretch of a file; the first frame is the one due at its start."""
        start_s = max(0.0, self.start_s - _ROUNDING_S)
        return ffmpeg.Input(path, ("-ss", f"{start_s:.4f}", "-t", f"{self.seconds:.4f}"))


class TrimVideo(CpuTool):
    """Cuts between any two frames."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Cut.

        Returns:
            `video`: MP4 with H.264 and AAC.

        Raises:
            InvalidInput: The file is no video, the times lie outside it, or nothing would be left.
        """
        path = inputs.file("video")
        facts = video_facts(path)
        part = _part(inputs, facts)
        # without a time there is nothing to take out
        removes = inputs.text("action", "keep") == "remove" and bool(_TIMES & set(inputs))
        kept = _rest(part, facts) if removes else [part]
        seconds = sum(stretch.seconds for stretch in kept)
        target = ffmpeg.convert(
            [stretch.of(path) for stretch in kept],
            [*_options(kept, has_sound=bool(facts.channels)), "-t", f"{seconds:.4f}",
             *ffmpeg.H264, *ffmpeg.AAC, *ffmpeg.MP4],
            context.scratch / "trimmed.mp4", context, duration_s=seconds,
        )  # fmt: skip
        verb = "without" if removes else "from"
        caption = f"{verb} {clock(part.start_s)} to {clock(part.end_s)}, {seconds:.1f} s long"
        return {"video": Output.of_file(target, caption=caption)}


def _part(inputs: Inputs, facts: MediaFacts) -> _Stretch:
    """What the ports say, on the grid of the frames."""
    length, fps = facts.duration_s or 0.0, facts.fps or 25.0
    duration = inputs.number("duration_s", length)
    start = _from_start(inputs.number("start_s", 0.0), length)
    end = _from_start(inputs.number("end_s", length), length)
    if "start_s" not in inputs and "duration_s" in inputs:
        counts_back = "end_s" in inputs or inputs.text("part", "first") == "last"
        start, end = (max(0.0, end - duration), end) if counts_back else (0.0, duration)
    elif "end_s" not in inputs:
        end = start + duration
    if duration <= 0 or start >= length or end <= start:
        msg = (
            f"the video lasts {length:.2f} s; there is nothing from {start:g} s to {end:g} s; "
            "give a start before the end, both inside it"
        )
        raise InvalidInput(msg)
    first, last = round(start * fps), round(min(end, length) * fps)
    return _Stretch(start_s=first / fps, end_s=max(last, first + 1) / fps)


def _from_start(time_s: float, length: float) -> float:
    """Times below zero count from the end."""
    return max(0.0, length + time_s) if time_s < 0 else time_s


def _rest(part: _Stretch, facts: MediaFacts) -> list[_Stretch]:
    """What is left without a part: one stretch or two.

    Raises:
        InvalidInput: The part is all there is.
    """
    length, frame_s = facts.duration_s or 0.0, 1 / (facts.fps or 25.0)
    around = [_Stretch(start_s=0.0, end_s=part.start_s), _Stretch(start_s=part.end_s, end_s=length)]
    left = [stretch for stretch in around if stretch.seconds > frame_s / 2]
    if not left:
        msg = f"nothing of the {length:.2f} s would be left; remove a shorter part"
        raise InvalidInput(msg)
    return left


def _options(kept: list[_Stretch], *, has_sound: bool) -> list[str]:
    """The pictures and the sound of the inputs, one after the other."""
    if len(kept) == 1:
        return ["-map", "0:v:0", "-map", "0:a:0?", "-vf", SQUARE]
    count, parts, labels = len(kept), [], ""
    for index, stretch in enumerate(kept):
        parts.append(f"[{index}:v:0]{SQUARE},setpts=PTS-STARTPTS[v{index}]")
        labels += f"[v{index}]"
        if has_sound:
            fit = f"apad,atrim=end={stretch.seconds:.6f},asetpts=PTS-STARTPTS"
            parts.append(f"[{index}:a:0]{fit}[a{index}]")
            labels += f"[a{index}]"
    ends = "[v][a]" if has_sound else "[v]"
    join = f"{labels}concat=n={count}:v=1:a={int(has_sound)}{ends}"
    maps = ["-map", "[v]", *(["-map", "[a]"] if has_sound else [])]
    return ["-filter_complex", ";".join([*parts, join]), *maps]
