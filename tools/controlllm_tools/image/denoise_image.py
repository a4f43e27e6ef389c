"""Take the grain out of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.media.images import read_layer, write_png
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is cleaned, not when a tool is listed
    from numpy import float32
    from numpy.typing import NDArray

    from controlllm_tools.media.images import Rgb

_STRENGTH = Range(0, 5)
_PATCH_PX, _SEARCH_PX = 5, 15
_MARGIN_PX = (_PATCH_PX + _SEARCH_PX) // 2
_STRIP_PX = 128
_FILTER_TO_NOISE = 0.55
"""The filter's own parameter against the measured noise; measured on photos with known noise."""
_LEAST_NOISE = 1.5
"""Standard deviation in grey levels below which a picture counts as clean: changing to Lab and back
costs about as much."""
_MOST_NOISE = 60.0


class DenoiseImage(CpuTool):
    """Non-local means (Buades, Coll and Morel 2005), as strong as the noise that is measured.

    The picture is cleaned in strips that overlap by as much as the filter looks at, so that the
    result has no seams and a large picture can be stopped half way.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Remove noise.

        Returns:
            `image`: PNG of the same width and height, transparent where it was.

        Raises:
            InvalidInput: The picture cannot be read, or the strength is out of range.
        """
        strength = _STRENGTH.read(inputs, "strength", 1.0)
        pixels, alpha = read_layer(inputs.file("image"))
        noise = noise_level(pixels)
        clean = pixels
        if noise >= _LEAST_NOISE and strength > 0:
            clean = _cleaned(pixels, _FILTER_TO_NOISE * strength * min(noise, _MOST_NOISE), context)
        path = write_png(clean, context.scratch / "clean.png", alpha)
        caption = f"noise of {noise:.1f} grey levels, now {noise_level(clean):.1f}"
        return {"image": Output.of_file(path, caption=caption)}


def noise_level(pixels: Rgb) -> float:
    """Standard deviation of the noise in grey levels, where the picture itself is smooth.

    Immerkaer 1996: the difference of two Laplacians sees noise, but neither ramps nor edges; the
    median over blocks leaves out those full of texture.
    """
    import cv2
    import numpy as np

    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    levels = []
    for channel in range(3):
        seen = pixels[:, :, channel]
        # what is cut off at black or white has no noise left to measure
        open_ended = (seen > 4) & (seen < 251)
        response = np.abs(cv2.filter2D(seen.astype(np.float32), -1, kernel)).astype(np.float32)
        levels.append(_quiet(response, open_ended.astype(np.float32)))
    return float(np.mean(levels))


def _quiet(response: NDArray[float32], counts: NDArray[float32]) -> float:
    import cv2
    import numpy as np

    height, width = response.shape
    blocks = (max(1, width // 16), max(1, height // 16))
    seen = cv2.resize(counts, blocks, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(response * counts, blocks, interpolation=cv2.INTER_AREA)
    usable = seen > 0.5
    if not usable.any():
        return 0.0
    # the mean of |x| of a normal x is sigma * sqrt(2 / pi), and the kernel has a norm of 6
    level = np.quantile(mean[usable] / seen[usable], 0.3)
    return float(level * np.sqrt(np.pi / 2) / 6)


def _cleaned(pixels: Rgb, power: float, context: ToolContext) -> Rgb:
    import cv2
    import numpy as np

    height = pixels.shape[0]
    clean = np.empty_like(pixels)
    for top in range(0, height, _STRIP_PX):
        context.check()
        first, last = max(0, top - _MARGIN_PX), min(height, top + _STRIP_PX + _MARGIN_PX)
        strip = cv2.fastNlMeansDenoisingColored(
            np.ascontiguousarray(pixels[first:last]), None, power, power, _PATCH_PX, _SEARCH_PX
        )
        rows = min(_STRIP_PX, height - top)
        clean[top : top + rows] = strip[top - first : top - first + rows]
        context.progress((top + rows) / height, "denoising")
    return clean
