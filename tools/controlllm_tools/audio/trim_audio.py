"""Keep one stretch of a recording, or take one out of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.audio.silence import heard_between
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.effects import filter_sound, length_of
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_SHORTEST_S = 0.01
_TIMES = frozenset(("start_s", "end_s", "duration_s"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """From one time to another, in seconds."""

    start_s: float
    end_s: float


class TrimAudio(CpuTool):
    """Cuts that are exact to the sample."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Cut.

        Returns:
            `audio`: FLAC at its own rate and channels.

        Raises:
            InvalidInput: The times lie outside the recording, or nothing would be left.
        """
        path = inputs.file("audio")
        length = length_of(path)
        stretch = _stretch(inputs, path, length, context)
        # without a time, silence is what is removed, and the rest is kept
        removes = inputs.text("action", "keep") == "remove" and bool(_TIMES & set(inputs))
        if removes:
            filters, seconds = _without(stretch, length)
        else:
            filters, seconds = [_cut(stretch), "asetpts=PTS-STARTPTS"], _seconds(stretch)
        target = filter_sound(
            path, filters, context.scratch / "trimmed.flac", context, seconds=seconds
        )
        verb = "without" if removes else "from"
        caption = f"{verb} {stretch.start_s:.2f} s to {stretch.end_s:.2f} s, {seconds:.2f} s long"
        return {"audio": Output.of_file(target, caption=caption)}


def _stretch(inputs: Inputs, path: Path, length: float, context: ToolContext) -> _Stretch:
    """What the ports say; without any time, all between the silence at both ends."""
    said = _TIMES & set(inputs)
    if not said:
        start_s, end_s = heard_between(path, context)
        return _Stretch(start_s=start_s, end_s=min(end_s, length))
    duration = inputs.number("duration_s", length)
    if said == {"duration_s"} and inputs.text("part", "first") == "last":
        start, end = max(0.0, length - duration), length
    elif said == {"end_s", "duration_s"}:
        end = _from_start(inputs.number("end_s", length), length)
        start = max(0.0, end - duration)
    else:
        start = _from_start(inputs.number("start_s", 0.0), length)
        end = _from_start(inputs.number("end_s", length), length)
        end = end if "end_s" in said else start + duration
    if duration <= 0 or start >= length or min(end, length) - start < _SHORTEST_S:
        msg = (
            f"{path.name} lasts {length:.2f} s; there is nothing from {start:g} s to {end:g} s; "
            "give a start before the end, both inside it"
        )
        raise InvalidInput(msg)
    return _Stretch(start_s=start, end_s=min(end, length))


def _from_start(time_s: float, length: float) -> float:
    """Times below zero count from the end."""
    return max(0.0, length + time_s) if time_s < 0 else time_s


def _seconds(stretch: _Stretch) -> float:
    return stretch.end_s - stretch.start_s


def _cut(stretch: _Stretch) -> str:
    return f"atrim=start={stretch.start_s:.6f}:end={stretch.end_s:.6f}"


def _without(stretch: _Stretch, length: float) -> tuple[list[str], float]:
    """Filters that leave a stretch out, and the length of the rest.

    Raises:
        InvalidInput: The stretch is all there is.
    """
    left = length - _seconds(stretch)
    if left < _SHORTEST_S:
        msg = f"nothing of the {length:.2f} s would be left; remove a shorter stretch"
        raise InvalidInput(msg)
    before = f"atrim=end={stretch.start_s:.6f}"
    after = f"atrim=start={stretch.end_s:.6f},asetpts=PTS-STARTPTS"
    if stretch.start_s < _SHORTEST_S:
        return [after], left
    if length - stretch.end_s < _SHORTEST_S:
        return [before], left
    return [f"asplit[a][b];[a]{before}[c];[b]{after}[d];[c][d]concat=n=2:v=0:a=1"], left
