"""Divide a video into its shots: the stretches between hard cuts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import movies
from controlllm_tools.media.ranges import Range
from controlllm_tools.media.spans import Span, Spans
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.cuts import change, find_cuts, histogram

_SMALL_WIDTH_PX = 160
_FASTEST_FPS, _SLOWEST_FPS = 12.5, 2.0
_FRAMES_AIMED_AT = 6_000
_LEAST_S = Range(0, 600)


class FindScenes(CpuTool):
    """Scenes by hard cuts; dissolves and fades are not counted."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Watch the whole video once, small.

        Returns:
            `scenes`: one stretch for each scene, without gaps.

        Raises:
            InvalidInput: The file is no video.
        """
        path = inputs.file("video")
        seconds = movies.video_facts(path).duration_s or 0.0
        least_s = _LEAST_S.read(inputs, "least_s", 0.5)
        kept = [0.0]
        for cut_s in cut_times(path, context):
            if cut_s - kept[-1] >= least_s and seconds - cut_s >= least_s:
                kept.append(cut_s)
        borders = [*kept, seconds]
        scenes = Spans(
            spans=tuple(
                Span(start_s=start_s, end_s=end_s, label=f"scene {number}")
                for number, (start_s, end_s) in enumerate(pairwise(borders), start=1)
            )
        )
        count = len(scenes.spans)
        caption = f"{count} scene{'' if count == 1 else 's'} in {seconds:.1f} s"
        return {"scenes": Output.of_json(scenes.to_json(), name="scenes.json", caption=caption)}


def cut_times(path: Path, context: ToolContext) -> list[float]:
    """Times of the hard cuts in seconds, to the pace at which frames are looked at.

    Raises:
        InvalidInput: The file is no video, or no picture of it can be decoded.
    """
    facts = movies.video_facts(path)
    seconds = facts.duration_s or 1.0
    fps = min(_FASTEST_FPS, max(_SLOWEST_FPS, _FRAMES_AIMED_AT / seconds), facts.fps or 25.0)
    times: list[float] = []
    changes: list[float] = []
    before = None
    for at_s, frame in movies.frames(path, context, fps=fps, max_width_px=_SMALL_WIDTH_PX):
        context.check()
        now = histogram(frame)
        if before is not None:
            changes.append(change(before, now))
        times.append(at_s)
        before = now
        context.progress(min(1.0, at_s / seconds), "looking for cuts")
    if not times:
        msg = f"no picture of {path.name} can be decoded"
        raise InvalidInput(msg)
    return [times[index + 1] for index in find_cuts(changes)]
