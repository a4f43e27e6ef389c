"""Fill the selected part of a picture with what is around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_layer, read_rgb, write_png
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is filled, not when a tool is listed
    from controlllm_tools.media.images import Alpha, Rgb

_GROW_PX = Range(0, 200)
_REACH_PX = Range(1, 50)
_SHAPE_TOLERANCE = 0.02
_AROUND_PX = 64
"""What is further away from the selected part has no say in how it is filled."""


class InpaintImage(CpuTool):
    """Fast marching (Telea 2004), or fluid dynamics (Bertalmio, Bertozzi and Sapiro 2001)."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Fill the selected part.

        Returns:
            `image`: PNG of the same width and height; as it was outside the selected part.

        Raises:
            InvalidInput: A picture cannot be read, the mask belongs to another picture or selects
                all of this one, or a number is out of range.
        """
        import cv2

        pixels, alpha = read_layer(inputs.file("image"))
        grow_px = round(_GROW_PX.read(inputs, "grow_px", 3))
        reach_px = _REACH_PX.read(inputs, "reach_px", 5)
        mask = _grown(_selected(read_rgb(inputs.file("mask")), pixels), grow_px)
        share = float((mask > 0).mean())
        if share == 1:
            msg = "the mask selects the whole picture, nothing is left to fill it with"
            raise InvalidInput(msg)
        context.check()
        if share > 0:
            context.progress(0.2, "filling")
            smooth = inputs.text("method", "telea") == "smooth"
            part = _around(mask)
            method = cv2.INPAINT_NS if smooth else cv2.INPAINT_TELEA
            pixels[part] = cv2.inpaint(pixels[part].copy(), mask[part].copy(), reach_px, method)
        path = write_png(pixels, context.scratch / "filled.png", alpha)
        return {"image": Output.of_file(path, caption=f"{share:.1%} of the picture filled")}


def _selected(mask: Rgb, pixels: Rgb) -> Alpha:
    """White where the mask is bright, as large as the picture.

    Raises:
        InvalidInput: The mask has another shape than the picture.
    """
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    across, down = width / mask.shape[1], height / mask.shape[0]
    if abs(across - down) > _SHAPE_TOLERANCE * max(across, down):
        msg = (
            f"the mask of {mask.shape[1]}x{mask.shape[0]} pixels belongs to another picture, this "
            f"one has {width}x{height}; make the mask from this picture"
        )
        raise InvalidInput(msg)
    bright = np.where(mask.mean(axis=2) > 127, 255, 0).astype(np.uint8)
    fitted = cv2.resize(bright, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(fitted, dtype=np.uint8)


def _grown(mask: Alpha, by_px: int) -> Alpha:
    """A little larger: the soft rim of a thing would otherwise be smeared into the filling."""
    import cv2
    import numpy as np

    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by_px + 1, 2 * by_px + 1))
    return np.asarray(cv2.dilate(mask, disc), dtype=np.uint8)


def _around(mask: Alpha) -> tuple[slice, slice]:
    """Rows and columns that hold everything selected, with room around."""
    import numpy as np

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        slice(max(0, int(rows[0]) - _AROUND_PX), int(rows[-1]) + _AROUND_PX + 1),
        slice(max(0, int(columns[0]) - _AROUND_PX), int(columns[-1]) + _AROUND_PX + 1),
    )
