"""Cut a rectangle out of a picture: by numbers, or around what was found on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import open_layer
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # Pillow loads when a picture is cut, not when a tool is listed
    from PIL.Image import Image as Picture


_NUMBERS = frozenset({"left", "top", "width", "height"})


class CropImage(CpuTool):
    """Cut by numbers; what is not given reaches to the edge of the picture.

    Without any number, a half or the square in the middle can be asked for in a word.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Cut a rectangle out.

        Returns:
            `image`: PNG; where the rectangle passes the edge of the picture, it ends there.

        Raises:
            InvalidInput: The picture cannot be read, or the rectangle lies off it.
        """
        picture = open_layer(inputs.file("image"))
        if "part" in inputs and _NUMBERS.isdisjoint(inputs):
            return _cut(picture, _part(inputs.text("part"), *picture.size), context)
        left, top = _pixels(inputs, "left", 0), _pixels(inputs, "top", 0)
        width = _pixels(inputs, "width", picture.width - left)
        height = _pixels(inputs, "height", picture.height - top)
        part = Box(x=left, y=top, width=width, height=height).clipped(*picture.size)
        if width < 1 or height < 1 or part is None:
            msg = (
                f"a rectangle of {width}x{height} pixels at ({left}, {top}) holds nothing of a "
                f"picture of {picture.width}x{picture.height}; give numbers inside it"
            )
            raise InvalidInput(msg)
        return _cut(picture, part, context)


class CropToBox(CpuTool):
    """Cut around the largest box, or around all of them."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Cut around what was found.

        Returns:
            `image`: PNG, with a margin as far as the picture reaches.

        Raises:
            InvalidInput: The picture or the boxes cannot be read, do not belong together, or
                there is no box.
        """
        picture = open_layer(inputs.file("image"))
        boxes = Boxes.from_json(inputs.text("boxes")).fitted(*picture.size).boxes
        if not boxes:
            msg = "there is no box to cut around: nothing was found on the picture"
            raise InvalidInput(msg)
        margin = min(2.0, max(0.0, inputs.number("margin", 0.1)))
        if inputs.text("around", "largest") == "all":
            core = _around(boxes)
        else:
            core = max(boxes, key=lambda box: (box.area, -box.x, -box.y))
        part = _widened(core, margin).clipped(*picture.size)
        return _cut(picture, part or core, context)


def _pixels(inputs: Inputs, port: str, default: int) -> int:
    value = inputs.number(port, default)
    if abs(value) > 1_000_000:
        msg = f"{port} is {value:.0f} pixels, no picture is that large"
        raise InvalidInput(msg)
    return round(value)


def _part(word: str, width: int, height: int) -> Box:
    """A half of a picture, or the largest square in its middle; at least one pixel."""
    if word == "square":
        side = min(width, height)
        return Box(x=(width - side) // 2, y=(height - side) // 2, width=side, height=side)
    half_width, half_height = max(1, width // 2), max(1, height // 2)
    match word:
        case "left":
            return Box(x=0, y=0, width=half_width, height=height)
        case "right":
            return Box(x=width - half_width, y=0, width=half_width, height=height)
        case "top" | "upper":
            return Box(x=0, y=0, width=width, height=half_height)
        case _:
            return Box(x=0, y=height - half_height, width=width, height=half_height)


def _around(boxes: tuple[Box, ...]) -> Box:
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(x=left, y=top, width=right - left, height=bottom - top)


def _widened(box: Box, margin: float) -> Box:
    """The box with a margin on each side, as a share of its longer side."""
    by = round(margin * max(box.width, box.height))
    return Box(x=box.x - by, y=box.y - by, width=box.width + 2 * by, height=box.height + 2 * by)


def _cut(picture: Picture, part: Box, context: ToolContext) -> Outputs:
    path = context.scratch / "cropped.png"
    cut = picture.crop((part.x, part.y, part.right, part.bottom))
    cut.save(path, format="PNG", compress_level=6)
    caption = f"{part.width}x{part.height} pixels, cut at ({part.x}, {part.y})"
    return {"image": Output.of_file(path, caption=caption)}
