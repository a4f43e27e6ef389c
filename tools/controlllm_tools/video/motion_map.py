"""Show on one picture where things move in a video."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import movies
from controlllm_tools.media.images import write_png
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.cuts import change, find_cuts, histogram

if TYPE_CHECKING:  # numpy loads when a video is read, not when a tool is listed
    from numpy import float32, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]
    Speeds = NDArray[float32]
    Grey = NDArray[uint8]

_SMALL_WIDTH_PX, _RESULT_WIDTH_PX = 320, 960
_FASTEST_FPS, _FRAMES_AIMED_AT = 8.0, 600
_STILL = 0.004
"""Speed below which nothing is shown, in widths of the picture a second."""

_FULL_PERCENTILE = 99
_CUT = 0.34
_STRONGEST = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Mean speed of each pixel in widths a second, and the picture in the middle of the time."""

    speed: Speeds
    picture: Grey


class MotionMap(CpuTool):
    """A heat map over the middle frame: the more motion, the hotter its colour."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Add up the motion of all frames, and colour it.

        Returns:
            `map`: PNG; grey where nothing moves, from blue to red where something does.

        Raises:
            InvalidInput: The file is no video, or too short to see motion.
        """
        path = inputs.file("video")
        seen = _watch(path, context)
        moving = float((seen.speed > _STILL).mean())
        facts = movies.video_facts(path)
        size = movies.scaled_size(facts, _RESULT_WIDTH_PX)
        target = write_png(_coloured(seen, size), context.scratch / "motion.png")
        caption = f"motion in {100 * moving:.0f} % of the picture"
        return {"map": Output.of_file(target, caption=caption)}


def _watch(path: Path, context: ToolContext) -> _Seen:
    """Stream the video once, small, and average the optical flow.

    Source: dense inverse search, Kroeger et al. 2016, as in OpenCV. Pairs of frames with a cut
    between them are left out: what changes there does not move.
    """
    import cv2
    import numpy as np

    facts = movies.video_facts(path)
    seconds = facts.duration_s or 1.0
    fps = min(_FASTEST_FPS, max(1.0, _FRAMES_AIMED_AT / seconds), facts.fps or 25.0)
    flow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    width, height = movies.scaled_size(facts, _SMALL_WIDTH_PX)
    speed = np.zeros((height, width), dtype=np.float64)
    picture, pairs = np.zeros((height, width), dtype=np.uint8), 0
    before = None
    for at_s, frame in movies.frames(path, context, fps=fps, max_width_px=_SMALL_WIDTH_PX):
        context.check()
        grey, colours = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), histogram(frame)
        if before is not None and not find_cuts([change(before[1], colours)]):
            moved = flow.calc(before[0], grey, None) * (fps / grey.shape[1])
            speed += np.hypot(moved[..., 0], moved[..., 1])
            pairs += 1
        if at_s <= seconds / 2:
            picture = np.asarray(grey, dtype=np.uint8)
        before = grey, colours
        context.progress(min(1.0, at_s / seconds), "watching")
    if not pairs:
        msg = f"{path.name} is too short to see motion in it"
        raise InvalidInput(msg)
    return _Seen(speed=np.asarray(speed / pairs, dtype=np.float32), picture=picture)


def _coloured(seen: _Seen, size: tuple[int, int]) -> Rgb:
    """Heat over grey; the hottest colour stands for the quickest hundredth of the picture."""
    import cv2
    import numpy as np

    full = max(2 * _STILL, float(np.percentile(seen.speed, _FULL_PERCENTILE)))
    heat = cv2.GaussianBlur(np.clip(seen.speed / full, 0, 1), (0, 0), 2)
    heat = np.clip(cv2.resize(heat, size, interpolation=cv2.INTER_CUBIC), 0, 1)
    speed = cv2.resize(seen.speed, size, interpolation=cv2.INTER_LINEAR)
    grey = cv2.resize(seen.picture, size, interpolation=cv2.INTER_CUBIC).clip(0, 255)
    colours = cv2.applyColorMap((255 * heat).astype(np.uint8), cv2.COLORMAP_TURBO)[..., ::-1]
    share = _STRONGEST * np.clip(speed / _STILL - 1, 0, 1) * (0.35 + 0.65 * heat)
    mixed = grey[..., None] * (1 - share[..., None]) + colours * share[..., None]
    return np.asarray(mixed.round(), dtype=np.uint8)
