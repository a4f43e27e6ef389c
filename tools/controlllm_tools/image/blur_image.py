"""Blur a picture, or only what was found on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_layer, write_png
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is blurred, not when a tool is listed
    from controlllm_tools.media.images import Alpha, Rgb

_STRENGTH = Range(0, 1)
_WIDEST = 0.05
"""Radius at strength 1, as a share of the shorter side of the picture."""
_MOSAIC = 6
"""Squares across the shorter side of a pixelated box: too few to know a face again."""
_HIDING = 0.2
"""Radius that hides a face, as a share of the shorter side of its box."""
_MARGIN = 0.1
"""Space around a box, which finders draw tight, as a share of its longer side."""


class BlurImage(CpuTool):
    """Gaussian blur whose radius follows the size of the picture."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Blur all of a picture.

        Returns:
            `image`: PNG of the same width and height.

        Raises:
            InvalidInput: The picture cannot be read, or the strength is out of range.
        """
        strength = _STRENGTH.read(inputs, "strength", 0.3)
        pixels, alpha = read_layer(inputs.file("image"))
        radius_px = strength * _WIDEST * min(pixels.shape[:2])
        context.check()
        soft, soft_alpha = _blurred(pixels, alpha, radius_px)
        path = write_png(soft, context.scratch / "blurred.png", soft_alpha)
        caption = f"blurred with a radius of {radius_px:.1f} pixels"
        return {"image": Output.of_file(path, caption=caption)}


class BlurBoxes(CpuTool):
    """An oval for a face, a rectangle for anything else; what is around stays sharp."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Hide what is inside the boxes.

        Returns:
            `image`: PNG of the same width and height; as it was outside the boxes and their
            margin.

        Raises:
            InvalidInput: The picture or the boxes cannot be read, or do not belong together.
        """
        pixels, alpha = read_layer(inputs.file("image"))
        height, width = pixels.shape[:2]
        boxes = Boxes.from_json(inputs.text("boxes")).fitted(width, height).boxes
        style = inputs.text("style", "blur")
        for done, box in enumerate(boxes):
            context.check()
            context.progress(done / len(boxes), "hiding")
            _hide(pixels, box, style)
        path = write_png(pixels, context.scratch / "hidden.png", alpha)
        caption = f"{len(boxes)} part{'' if len(boxes) == 1 else 's'} of the picture hidden"
        return {"image": Output.of_file(path, caption=caption)}


def _blurred(pixels: Rgb, alpha: Alpha | None, radius_px: float) -> tuple[Rgb, Alpha | None]:
    """Blurred colours, each weighted by how much of it is seen: no hidden colour bleeds out."""
    import cv2
    import numpy as np

    if radius_px < 0.1:
        return pixels, alpha
    if alpha is None:
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), radius_px), dtype=np.uint8), None
    weight = alpha.astype(np.float32) / 255
    seen = cv2.GaussianBlur(weight, (0, 0), radius_px)
    colours = cv2.GaussianBlur(pixels * weight[:, :, None], (0, 0), radius_px)
    soft = (colours / np.maximum(seen, 1 / 512)[:, :, None]).round().clip(0, 255).astype(np.uint8)
    return soft, (seen * 255).round().astype(np.uint8)


def _hide(pixels: Rgb, box: Box, style: str) -> None:
    """Change the pixels of one box in place."""
    import cv2
    import numpy as np

    by = round(_MARGIN * max(box.width, box.height))
    grown = Box(x=box.x - by, y=box.y - by, width=box.width + 2 * by, height=box.height + 2 * by)
    area = grown.clipped(pixels.shape[1], pixels.shape[0]) or box
    part = pixels[area.y : area.bottom, area.x : area.right]
    if style == "black":
        hidden = np.zeros_like(part)
    elif style == "pixelate":
        hidden = _mosaic(part)
    else:
        radius_px = max(2.0, _HIDING * min(box.width, box.height))
        # the mosaic first: a blur alone can be sharpened again
        soft = cv2.GaussianBlur(_mosaic(part), (0, 0), radius_px, borderType=cv2.BORDER_REPLICATE)
        hidden = np.asarray(soft, dtype=np.uint8)
    part[:] = np.where(_shape(area, box.label)[:, :, None] > 0, hidden, part)


def _mosaic(part: Rgb) -> Rgb:
    import cv2
    import numpy as np

    height, width = part.shape[:2]
    square = max(1.0, min(height, width) / _MOSAIC)
    few = (max(1, round(width / square)), max(1, round(height / square)))
    small = cv2.resize(part, few, interpolation=cv2.INTER_AREA)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(large, dtype=np.uint8)


def _shape(area: Box, label: str) -> Alpha:
    """White where a box is to be hidden, shape (height, width), uint8."""
    import cv2
    import numpy as np

    shape = np.full((area.height, area.width), 255, dtype=np.uint8)
    if label == "face":
        shape[:] = 0
        middle = (area.width // 2, area.height // 2)
        half = (area.width // 2, area.height // 2)
        cv2.ellipse(shape, middle, half, 0, 0, 360, 255, -1)
    return shape
