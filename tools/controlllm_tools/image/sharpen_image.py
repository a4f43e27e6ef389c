"""Make the edges of a picture crisper."""

from __future__ import annotations

from controlllm_tools.media.images import read_layer, write_png
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_STRENGTH = Range(0, 5)
_RADIUS_PX = Range(0.3, 50)
_NOISE, _DETAIL = 1.0, 3.0
"""By how many grey levels a place differs from its blur: noise alone, and detail for sure."""


class SharpenImage(CpuTool):
    """Unsharp masking: what a blurred copy lacks is added, on lightness alone."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Sharpen a picture.

        Returns:
            `image`: PNG of the same width and height, transparent where it was.

        Raises:
            InvalidInput: The picture cannot be read, or a number is out of range.
        """
        import cv2
        import numpy as np

        strength = _STRENGTH.read(inputs, "strength", 1.0)
        radius_px = _RADIUS_PX.read(inputs, "radius_px", 1.5)
        pixels, alpha = read_layer(inputs.file("image"))
        lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
        light = lab[:, :, 0].astype(np.float32)
        context.check()
        lacking = light - cv2.GaussianBlur(light, (0, 0), radius_px)
        # noise on calm ground is not to be made stronger
        lively = cv2.GaussianBlur(np.abs(lacking), (0, 0), 1.5 * radius_px)
        lacking *= np.clip((lively - _NOISE) / (_DETAIL - _NOISE), 0, 1)
        lab[:, :, 0] = (light + strength * lacking).round().clip(0, 255).astype(np.uint8)
        sharper = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
        path = write_png(sharper, context.scratch / "sharpened.png", alpha)
        caption = f"sharpened by {strength:g} at a radius of {radius_px:g} pixels"
        return {"image": Output.of_file(path, caption=caption)}
