"""Turn the pictures of a video, or mirror them."""

from __future__ import annotations

import math

from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.redrawing import even, redrawn

_DEGREES = Range(-360, 360)
_QUARTERS: dict[float, str] = {
    0: "null",
    90: "transpose=clock",
    180: "hflip,vflip",
    270: "transpose=cclock",
}
_AGAINST_THE_CLOCK = {"counterclockwise", "anticlockwise", "left"}


class RotateVideo(CpuTool):
    """Pictures turned by any angle; a quarter turn loses nothing."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Turn.

        Returns:
            `video`: MP4 with its sound; at slanted angles the frame grows, with black corners.

        Raises:
            InvalidInput: The file is no video, or the angle is over 360 degrees.
        """
        degrees = _DEGREES.read(inputs, "degrees", 90.0)
        if inputs.text("direction", "clockwise") in _AGAINST_THE_CLOCK:
            degrees = -degrees
        path = inputs.file("video")
        facts = video_facts(path)
        degrees %= 360
        filters = _QUARTERS.get(degrees) or _slanted(
            degrees, facts.width_px or 2, facts.height_px or 2
        )
        target = redrawn(path, filters, context.scratch / "rotated.mp4", context)
        return {"video": Output.of_file(target, caption=f"turned by {degrees:g} degrees clockwise")}


class FlipVideo(CpuTool):
    """Pictures as in a mirror, or upside down."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Mirror.

        Returns:
            `video`: MP4 with its sound.

        Raises:
            InvalidInput: The file is no video.
        """
        direction = inputs.text("direction", "horizontally")
        filters = "hflip" if direction == "horizontally" else "vflip"
        path = inputs.file("video")
        target = redrawn(path, filters, context.scratch / "flipped.mp4", context)
        return {"video": Output.of_file(target, caption=f"mirrored {direction}")}


def _slanted(degrees: float, width: int, height: int) -> str:
    """A turn into a frame that holds all corners."""
    angle = math.radians(degrees)
    across, down = abs(math.cos(angle)), abs(math.sin(angle))
    wide, high = even(width * across + height * down), even(width * down + height * across)
    return f"rotate={angle:.6f}:ow={wide}:oh={high}:c=black"
