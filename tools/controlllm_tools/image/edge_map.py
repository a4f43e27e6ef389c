"""Draw the edges of a picture as white lines on black."""

from __future__ import annotations

from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_FEWEST, _MOST = 0.03, 0.27
"""Share of all pixels whose gradient may start a line, at detail 0 and at detail 1."""
_WEAKEST = 60.0
"""Gradients below this, a step of some fifteen grey levels, are noise on any picture."""
_LOW_TO_HIGH = 0.4


class EdgeMap(CpuTool):
    """Canny edge detection (Canny 1986); its thresholds follow the gradients of the picture.

    The upper threshold is the quantile of the gradient magnitude that leaves the wanted share of
    pixels, the lower one stands in Canny's ratio to it. So more detail only ever adds lines.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Find edges.

        Returns:
            `edges`: PNG of the same width and height, one channel, 255 on an edge, else 0.

        Raises:
            InvalidInput: The picture cannot be read.
        """
        import cv2
        import numpy as np

        detail = min(1.0, max(0.0, inputs.number("detail", 0.5)))
        grey = cv2.cvtColor(read_rgb(inputs.file("image")), cv2.COLOR_RGB2GRAY)
        context.check()
        smooth = cv2.GaussianBlur(grey, (3, 3), 0)
        across = cv2.Sobel(smooth, cv2.CV_16S, 1, 0)
        down = cv2.Sobel(smooth, cv2.CV_16S, 0, 1)
        # the same measure of magnitude that Canny uses by default
        magnitude = np.abs(across.astype(np.int32)) + np.abs(down.astype(np.int32))
        share = _FEWEST + (_MOST - _FEWEST) * detail
        high = max(_WEAKEST, float(np.quantile(magnitude, 1 - share)))
        edges = cv2.Canny(across, down, _LOW_TO_HIGH * high, high)
        drawn = float((edges > 0).mean())
        path = write_png(edges, context.scratch / "edges.png")
        return {"edges": Output.of_file(path, caption=f"edge map, {drawn:.0%} of it lines")}
