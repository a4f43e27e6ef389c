"""Turn a photo into a cartoon: flat colours with dark outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.media.images import read_layer, write_png
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is drawn, not when a tool is listed
    from numpy import float32
    from numpy.typing import NDArray

    from controlllm_tools.media.images import Rgb

_SHADES = Range(2, 32)
_LINES = Range(0, 1)
_CALM_PX = 720
"""Colours are flattened on a copy whose shorter side has at most this many pixels."""
_ROUNDS = 6
_SOFTNESS = 4.0
"""How suddenly one shade becomes the next; a hard step would draw contour lines into the sky."""
_MORE_COLOUR = 1.25


class CartoonImage(CpuTool):
    """Real-time video abstraction (Winnemoeller, Olsen and Gooch 2006).

    Repeated bilateral filtering flattens what is alike, lightness is brought to a few shades with
    soft steps, and a difference of Gaussians draws the lines.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw a cartoon.

        Returns:
            `image`: PNG of the same width and height, transparent where it was.

        Raises:
            InvalidInput: The picture cannot be read, or a number is out of range.
        """
        import cv2
        import numpy as np

        shades = round(_SHADES.read(inputs, "shades", 8))
        lines = _LINES.read(inputs, "lines", 0.7)
        pixels, alpha = read_layer(inputs.file("image"))
        height, width = pixels.shape[:2]
        flat = _flattened(pixels, context)
        light = flat.astype(np.float32) / 255
        lab = np.asarray(cv2.cvtColor(light, cv2.COLOR_RGB2LAB), dtype=np.float32)
        ink = _ink(lab, lines)
        lab[:, :, 0] = _in_shades(lab[:, :, 0], shades)
        lab[:, :, 1:] *= _MORE_COLOUR
        cartoon = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB).clip(0, 1) * ink[:, :, None]
        large = cv2.resize(cartoon, (width, height), interpolation=cv2.INTER_LINEAR)
        drawn = (255 * large).round().clip(0, 255).astype(np.uint8)
        path = write_png(drawn, context.scratch / "cartoon.png", alpha)
        return {"image": Output.of_file(path, caption=f"cartoon in {shades} shades")}


def _flattened(pixels: Rgb, context: ToolContext) -> Rgb:
    """A copy of at most `_CALM_PX` without texture."""
    import cv2
    import numpy as np

    scale = min(1.0, _CALM_PX / min(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    flat = pixels if scale == 1 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    for turn in range(_ROUNDS):
        context.check()
        flat = cv2.bilateralFilter(flat, 9, 28, 5)
        context.progress((turn + 1) / (_ROUNDS + 1), "flattening")
    return np.asarray(flat, dtype=np.uint8)


def _in_shades(lightness: NDArray[float32], shades: int) -> NDArray[float32]:
    """Lightness, 0 to 100: level within a shade, steep from one to the next."""
    import numpy as np

    step = 100 / shades
    border = np.round(lightness / step) * step
    away = (lightness - border) / step
    drawn: NDArray[float32] = border + step / 2 * np.tanh(_SOFTNESS * away) / np.tanh(_SOFTNESS / 2)
    return drawn.clip(0, 100).astype(np.float32)


def _ink(lab: NDArray[float32], lines: float) -> NDArray[float32]:
    """1 on paper, towards 0 in a line: where it is darker or of another colour than around."""
    import cv2
    import numpy as np

    less = cv2.GaussianBlur(lab, (0, 0), 1.6) - cv2.GaussianBlur(lab, (0, 0), 1.0)
    dark = np.clip((less[:, :, 0] - 0.6) / 2.5, 0, 1)
    other = np.clip((np.abs(less[:, :, 1:]).sum(axis=2) - 2.5) / 6, 0, 1)
    return np.asarray(1 - lines * np.maximum(dark, other), dtype=np.float32)
