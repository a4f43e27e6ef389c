"""Cut out of a picture exactly what a mask selects."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_layer, write_png
from controlllm_tools.media.masks import read_mask
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class CutOutByMask(CpuTool):
    """White of the mask stays, black becomes transparent, grey half so."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Cut out.

        Returns:
            `cutout`: RGBA PNG of the same width and height; what was transparent stays so.

        Raises:
            InvalidInput: A file cannot be read, the mask belongs to another picture, or it
                selects nothing.
        """
        import numpy as np

        rgb, seen = read_layer(inputs.file("image"))
        context.check()
        alpha = read_mask(inputs.file("mask"), rgb.shape[1], rgb.shape[0])
        if not alpha.any():
            msg = "the mask is all black, so nothing would be left; select something white"
            raise InvalidInput(msg)
        if inputs.flag("invert", default=False):
            alpha = 255 - alpha
        if seen is not None:
            alpha = np.minimum(alpha, seen)
        path = write_png(rgb, context.scratch / "cutout.png", alpha)
        caption = f"cut-out: {float(alpha.mean()) / 255:.0%} of the picture"
        return {"cutout": Output.of_file(path, caption=caption)}
