"""Turn boxes on a picture into a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import open_picture
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # Pillow loads when a mask is drawn, not when a tool is listed
    from PIL.ImageDraw import ImageDraw

_MOST_MARGIN = 2.0


class MaskFromBoxes(CpuTool):
    """Every box becomes a white rectangle or oval on black."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw the boxes as a mask.

        Returns:
            `mask`: PNG of the width and height of the picture, one channel, 255 inside; all black
            without boxes.

        Raises:
            InvalidInput: The picture or the boxes cannot be read, or do not belong together.
        """
        from PIL import Image, ImageDraw

        size = open_picture(inputs.file("image")).size
        boxes = Boxes.from_json(inputs.text("boxes")).fitted(*size).boxes
        margin = min(_MOST_MARGIN, max(0.0, inputs.number("margin", 0.0)))
        mask = Image.new("L", size, 0)
        draw = ImageDraw.Draw(mask)
        for box in boxes:
            context.check()
            _fill(draw, box, round(margin * max(box.width, box.height)), inputs)
        path = context.scratch / "mask.png"
        mask.save(path, format="PNG", compress_level=6)
        share = mask.histogram()[255] / (size[0] * size[1])
        caption = f"mask of {len(boxes)} box{'' if len(boxes) == 1 else 'es'}: {share:.0%} white"
        return {"mask": Output.of_file(path, caption=caption)}


def _fill(draw: ImageDraw, box: Box, by: int, inputs: Inputs) -> None:
    edge = (box.x - by, box.y - by, box.right - 1 + by, box.bottom - 1 + by)
    if inputs.text("shape", "rectangle") == "oval":
        draw.ellipse(edge, fill=255)
    else:
        draw.rectangle(edge, fill=255)
