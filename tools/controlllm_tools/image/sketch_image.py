"""Draw a picture with a pencil: soft grey strokes, in colour if wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is drawn, not when a tool is listed
    from numpy import float32
    from numpy.typing import NDArray

    from controlllm_tools.media.images import Rgb

_STROKE = Range(0.1, 10)
_STROKE_SHARE = 0.012
"""Width of a stroke against the shorter side of the picture, at `stroke` 1."""
_DARKNESS = 1.6
"""Power that brings the strokes from a faint grey to that of a soft pencil."""
_PAPER = 0.35
"""Share of white paper in the colours of a coloured pencil."""


class SketchImage(CpuTool):
    """Colour dodge: lightness divided by its own blur leaves paper with strokes at the edges."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Sketch a picture.

        Returns:
            `sketch`: PNG of the same width and height; one channel with `pencil` grey.

        Raises:
            InvalidInput: The picture cannot be read, or a number is out of range.
        """
        import cv2
        import numpy as np

        stroke = _STROKE.read(inputs, "stroke", 1.0)
        pixels = read_rgb(inputs.file("image"))
        radius_px = max(1.0, stroke * _STROKE_SHARE * min(pixels.shape[:2]))
        grey = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (3, 3), 0)
        context.check()
        around = cv2.GaussianBlur(grey, (0, 0), radius_px)
        light = (grey.astype(np.float32) + 1) / (around.astype(np.float32) + 1)
        drawn = np.asarray(np.minimum(light, 1) ** _DARKNESS, dtype=np.float32)
        if inputs.text("pencil", "grey") in {"coloured", "colored", "colour", "color"}:
            drawn = _coloured(pixels, drawn)
        path = write_png((255 * drawn).round().astype(np.uint8), context.scratch / "sketch.png")
        return {"sketch": Output.of_file(path, caption="pencil sketch")}


def _coloured(pixels: Rgb, drawn: NDArray[float32]) -> NDArray[float32]:
    """Paper tinted by the picture under the strokes, shape (height, width, 3), 0 to 1."""
    import cv2
    import numpy as np

    tint = cv2.GaussianBlur(pixels, (5, 5), 0).astype(np.float32) / 255
    pale = _PAPER + (1 - _PAPER) * tint
    return np.asarray(pale * drawn[:, :, None], dtype=np.float32)
