"""Draw the edges of a picture as white lines on black."""

from __future__ import annotations

from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class EdgeMap(CpuTool):
    """Canny edge detection (Canny 1986) with thresholds around the median brightness."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Find edges.

        Returns:
            `edges`: PNG of the same width and height, one channel, 255 on an edge, else 0.

        Raises:
            InvalidInput: The picture cannot be read.
        """
        import cv2
        import numpy as np

        detail = min(0.9, max(0.05, inputs.number("detail", 0.33)))
        grey = cv2.cvtColor(read_rgb(inputs.file("image")), cv2.COLOR_RGB2GRAY)
        middle = float(np.median(grey))
        low, high = max(10.0, (1 - detail) * middle), min(245.0, (1 + detail) * middle)
        edges = cv2.Canny(cv2.GaussianBlur(grey, (3, 3), 0), low, max(high, low + 20))
        share = float((edges > 0).mean())
        path = write_png(edges, context.scratch / "edges.png")
        return {"edges": Output.of_file(path, caption=f"edge map, {share:.0%} of it lines")}
