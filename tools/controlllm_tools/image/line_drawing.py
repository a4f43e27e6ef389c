"""Draw the outlines of a picture: as fine ink lines, or as a few thick strokes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is drawn, not when a tool is listed
    from numpy import float32, int32, uint8
    from numpy.typing import NDArray

    from controlllm_tools.media.images import Rgb

    Grey = NDArray[uint8]

_DETAIL = Range(0, 1)
_WIDER = 1.6
"""Ratio of the two blurs; their difference is close to a Laplacian (Marr and Hildreth 1980)."""
_STEEPNESS = 60.0
_ROUNDS = 2
_SCRIBBLE_PX = 512
"""Strokes are found on a copy whose longer side has this many pixels."""
_STROKE_PX = 4
"""Width of a stroke on that copy."""
_MOST_DRAWN = 0.5
"""A stroke of which a larger share runs beside another stroke is left out."""


class LineDrawing(CpuTool):
    """Extended difference of Gaussians (Winnemoeller, Kyprianidis and Olsen 2012)."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw the lines.

        Returns:
            `drawing`: PNG of the same width and height, one channel: dark lines with smooth edges
            on white.

        Raises:
            InvalidInput: The picture cannot be read, or the detail is out of range.
        """
        import cv2
        import numpy as np

        detail = _DETAIL.read(inputs, "detail", 0.5)
        grey = cv2.cvtColor(_calmed(read_rgb(inputs.file("image"))), cv2.COLOR_RGB2GRAY)
        context.check()
        context.progress(0.5, "lines")
        light = grey.astype(np.float32) / 255
        finest_px = max(0.8, min(grey.shape) / 480)
        narrow = cv2.GaussianBlur(light, (0, 0), finest_px)
        wide = cv2.GaussianBlur(light, (0, 0), _WIDER * finest_px)
        # the dark side of an edge falls below its surroundings; a calm ground does not
        least = 0.016 - 0.014 * detail
        ink = np.clip((wide - narrow - least) * _STEEPNESS, 0, 1)
        lines = _without_specks((255 * (1 - ink)).round().astype(np.uint8))
        path = write_png(lines, context.scratch / "lines.png")
        drawn = float((lines < 128).mean())
        return {"drawing": Output.of_file(path, caption=f"line drawing, {drawn:.0%} of it ink")}


class ScribbleMap(CpuTool):
    """The longest outlines of a much simplified picture, as a hand would scribble them."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw the strokes.

        Returns:
            `scribble`: PNG of the same width and height, one channel, 255 on a stroke, else 0.

        Raises:
            InvalidInput: The picture cannot be read, or the detail is out of range.
        """
        import cv2
        import numpy as np

        detail = _DETAIL.read(inputs, "detail", 0.5)
        pixels = read_rgb(inputs.file("image"))
        height, width = pixels.shape[:2]
        scale = min(1.0, _SCRIBBLE_PX / max(height, width))
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        context.check()
        strokes = _strokes(np.asarray(small, dtype=np.uint8), detail)
        large = cv2.resize(strokes, (width, height), interpolation=cv2.INTER_CUBIC)
        scribble = np.where(large > 127, 255, 0).astype(np.uint8)
        path = write_png(scribble, context.scratch / "scribble.png")
        drawn = float((scribble > 0).mean())
        return {"scribble": Output.of_file(path, caption=f"scribble, {drawn:.0%} of it strokes")}


def _calmed(pixels: Rgb) -> Rgb:
    """Without the texture that would turn into hatching; edges stay."""
    import cv2
    import numpy as np

    calm: Rgb = pixels
    for _ in range(_ROUNDS):
        calm = np.asarray(cv2.bilateralFilter(calm, 9, 35, 4), dtype=np.uint8)
    return calm


def _without_specks(lines: Grey) -> Grey:
    """White where ink forms a spot too small to be a line."""
    import cv2
    import numpy as np

    _, labels, stats, _ = cv2.connectedComponentsWithStats((lines < 160).astype(np.uint8))
    least = max(6, min(lines.shape) // 30)
    longest = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    speck = longest < least
    speck[0] = False
    cleaned = lines.copy()
    cleaned[speck[labels]] = 255
    return cleaned


def _strokes(small: Rgb, detail: float) -> Grey:
    """White strokes on black, of one width; the shorter ones only with more detail."""
    import cv2
    import numpy as np

    calm = cv2.pyrMeanShiftFiltering(small, 14, 34 - 16 * detail)
    grey = np.asarray(cv2.GaussianBlur(calm, (0, 0), 1.5), dtype=np.uint8)
    gradient = _strongest_gradient(grey)
    high = max(40.0, float(np.quantile(gradient, 0.95 - 0.08 * detail)))
    contours, _ = cv2.findContours(_thin(grey, high), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    # a contour runs along both sides of a thin line
    least_px = (0.36 - 0.24 * detail) * max(small.shape[:2])
    long = [each for each in contours if cv2.arcLength(each, False) >= least_px]  # noqa: FBT003
    canvas = np.zeros(small.shape[:2], dtype=np.uint8)
    for contour in sorted(long, key=len, reverse=True):
        if _is_new(np.asarray(contour, dtype=np.int32), canvas):
            eased = cv2.approxPolyDP(contour, 1.5, False)  # noqa: FBT003 - an argument of OpenCV
            cv2.polylines(canvas, [eased], False, 255, _STROKE_PX, cv2.LINE_AA)  # noqa: FBT003
    return canvas


def _is_new(contour: NDArray[int32], canvas: Grey) -> bool:
    """Whether most of a contour runs where nothing was drawn near by."""
    import cv2
    import numpy as np

    room = np.ones((2 * _STROKE_PX + 1, 2 * _STROKE_PX + 1), dtype=np.uint8)
    near = cv2.dilate(canvas, room)
    return float((near[contour[:, 0, 1], contour[:, 0, 0]] > 127).mean()) < _MOST_DRAWN


def _strongest_gradient(pixels: Rgb) -> NDArray[float32]:
    import cv2
    import numpy as np

    across = cv2.Sobel(pixels, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(pixels, cv2.CV_32F, 0, 1)
    strongest: NDArray[float32] = (np.abs(across) + np.abs(down)).max(axis=2)
    return strongest


def _thin(pixels: Rgb, high: float) -> Grey:
    """Edges of all three colours, so that equally light things part as well."""
    import cv2
    import numpy as np

    edges = np.zeros(pixels.shape[:2], dtype=np.uint8)
    for channel in range(3):
        found = cv2.Canny(np.ascontiguousarray(pixels[:, :, channel]), 0.4 * high, high)
        edges |= np.asarray(found, dtype=np.uint8)
    return edges
