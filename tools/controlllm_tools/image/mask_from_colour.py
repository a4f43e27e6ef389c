"""Find what has a colour on a picture: as a mask, or as boxes around each region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.image.colour_range import USUAL_TOLERANCE, pixels_of, wanted_colour
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

    Mask = NDArray[uint8]

_MOST_REGIONS = 100


class MaskFromColour(CpuTool):
    """Select by colour; single pixels are smoothed away."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Select.

        Returns:
            `mask`: PNG of the same width and height, one channel, 255 where the colour is; all
            black when it is nowhere.

        Raises:
            InvalidInput: The picture cannot be read, or a parameter is out of range.
        """
        colour, mask = _selected(inputs, context, "green")
        path = write_png(mask, context.scratch / "mask.png")
        caption = f"mask of {colour}: {float(mask.mean()) / 255:.1%} of the picture"
        return {"mask": Output.of_file(path, caption=caption)}


class FindColourRegions(CpuTool):
    """Connected parts of one colour; what a narrow gap parts is one region."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Find regions.

        Returns:
            `boxes`: one box a region, the largest region first, at most 100, labelled with the
            colour; the score is the share of the box that has it.

        Raises:
            InvalidInput: The picture cannot be read, or a parameter is out of range.
        """
        least = inputs.number("smallest", 0.001)
        if not 0 <= least <= 1:
            msg = f"smallest must be a share of the picture from 0 to 1, got {least:g}"
            raise InvalidInput(msg)
        colour, mask = _selected(inputs, context, "red")
        height, width = mask.shape
        found = sorted(_regions(mask, colour, least), key=lambda each: (-each[0], each[1].x))
        boxes = Boxes(
            width_px=width,
            height_px=height,
            boxes=tuple(box for _, box in found[:_MOST_REGIONS]),
        )
        count = len(boxes.boxes)
        caption = f"{count} {colour} region{'' if count == 1 else 's'}"
        return {"boxes": Output.of_json(boxes.to_json(), name="regions.json", caption=caption)}


def _selected(inputs: Inputs, context: ToolContext, default: str) -> tuple[str, Mask]:
    """The name of the wanted colour, and where it is, shape (height, width), 0 or 255."""
    import cv2
    import numpy as np

    rgb = read_rgb(inputs.file("image"))
    context.check()
    colour = wanted_colour(inputs, default)
    tolerance = inputs.number("tolerance", USUAL_TOLERANCE)
    mask = (pixels_of(rgb, colour, tolerance) * 255).astype(np.uint8)
    if min(mask.shape) > 8:
        mask = cv2.medianBlur(mask, 3).astype(np.uint8, copy=False)
    return colour, mask


def _regions(mask: Mask, colour: str, least: float) -> Iterator[tuple[int, Box]]:
    """Area in pixels and box of each region that is at least a share of the picture."""
    import cv2
    import numpy as np

    gap = max(1, round(min(mask.shape) / 300))
    kernel = np.ones((2 * gap + 1, 2 * gap + 1), dtype=np.uint8)
    # a border of nothing, so that closing does not draw regions to the edge
    padded = cv2.copyMakeBorder(mask, 2 * gap, 2 * gap, 2 * gap, 2 * gap, cv2.BORDER_CONSTANT)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    closed = closed[2 * gap : -2 * gap, 2 * gap : -2 * gap]
    count, parts, stats, _ = cv2.connectedComponentsWithStats(closed)
    areas = np.bincount(parts.ravel(), weights=(mask > 0).ravel(), minlength=count)
    for number in range(1, count):
        x, y, width, height = (int(value) for value in stats[number, :4])
        area = int(areas[number])
        if area < max(1.0, least * mask.size):
            continue
        score = round(area / (width * height), 3)
        yield area, Box(x=x, y=y, width=width, height=height, label=colour, score=score)
