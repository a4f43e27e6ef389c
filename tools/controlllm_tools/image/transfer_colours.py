"""Give a picture the colours of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.media.images import read_layer, read_rgb, write_png
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is changed, not when a tool is listed
    from numpy import float32
    from numpy.typing import NDArray

    from controlllm_tools.media.images import Rgb

_STRENGTH = Range(0, 1)
_LARGEST_STRETCH = 3.0
"""A flat picture would get blotches instead of contrast from more."""
_ROWS = 512


class TransferColours(CpuTool):
    """Mean and spread of each channel of CIE Lab are made those of the other picture.

    Source: Reinhard, Ashikhmin, Gooch and Shirley 2001.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Transfer colours.

        Returns:
            `image`: PNG with what the first picture shows in the colours of the second,
            transparent where the first one was.

        Raises:
            InvalidInput: A picture cannot be read, or the strength is out of range.
        """
        import numpy as np

        strength = _STRENGTH.read(inputs, "strength", 1.0)
        pixels, alpha = read_layer(inputs.file("image"))
        own_mean, own_spread = _statistics(pixels)
        context.check()
        mean, spread = _statistics(read_rgb(inputs.file("style")))
        stretch = np.clip(spread / own_spread, 1 / _LARGEST_STRETCH, _LARGEST_STRETCH)
        for top in range(0, pixels.shape[0], _ROWS):
            context.check()
            lab = _lab(pixels[top : top + _ROWS])
            lab += strength * ((lab - own_mean) * stretch + mean - lab)
            pixels[top : top + _ROWS] = _rgb(lab)
            context.progress(min(1.0, (top + _ROWS) / pixels.shape[0]), "colours")
        path = write_png(pixels, context.scratch / "recoloured.png", alpha)
        return {"image": Output.of_file(path, caption="in the colours of the other picture")}


def _statistics(pixels: Rgb) -> tuple[NDArray[float32], NDArray[float32]]:
    """Mean and standard deviation of each channel of Lab, over a quarter million pixels."""
    import numpy as np

    step = max(1, round((pixels.shape[0] * pixels.shape[1] / 250_000) ** 0.5))
    lab = _lab(np.ascontiguousarray(pixels[::step, ::step])).reshape(-1, 3)
    return lab.mean(axis=0), np.maximum(lab.std(axis=0), 0.5)


def _lab(pixels: Rgb) -> NDArray[float32]:
    import cv2
    import numpy as np

    return np.asarray(
        cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), dtype=np.float32
    )


def _rgb(lab: NDArray[float32]) -> Rgb:
    import cv2
    import numpy as np

    lab[:, :, 0] = lab[:, :, 0].clip(0, 100)
    back = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    return np.asarray((back * 255).round().clip(0, 255), dtype=np.uint8)
