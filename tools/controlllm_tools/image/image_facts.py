"""Measure a picture: size, light, colour, sharpness, noise."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from controlllm_tools.media.images import read_layer
from controlllm_tools.media.look import LookMeter
from controlllm_tools.media.video_facts import Look
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import float32, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]

_LOOK_SIDE_PX = 320
_SHARPNESS_SIDE_PX = 1_000
_LEAST_SIDE_PX = 16
CRISP, BLURRED = 0.55, 0.4
"""Bounds of sharpness: photos lie above the first, and blurred by two pixels below the second."""
_DARKEST, _BRIGHTEST = 5, 250
_BINS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What was measured; shares and levels run from 0 to 1.

    Attributes:
        width_px: Width.
        height_px: Height.
        orientation: `landscape`, `portrait` or `square`.
        transparent: Share of the picture that can be seen through.
        look: Brightness, contrast, colourfulness, warmth and main colours.
        sharpness: How much detail a blur would take away, on at most 1,000 pixels a side: above
            0.55 is crisp, below 0.4 is blurred, 0 has no detail at all.
        noise: Standard deviation of noise, in steps of 255.
        too_dark: Share of pixels that are black or nearly so.
        too_bright: Share of pixels that are white or nearly so.
        histogram: Share of pixels in 16 equal steps of luma, from dark to bright.
    """

    width_px: int
    height_px: int
    orientation: str
    transparent: float
    look: Look
    sharpness: float
    noise: float
    too_dark: float
    too_bright: float
    histogram: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self) | {"megapixels": round(self.width_px * self.height_px / 1e6, 2)}


class MeasureImage(CpuTool):
    """Facts by measuring the pixels; nothing is guessed."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Measure.

        Returns:
            `facts`: JSON of `ImageFacts`.

        Raises:
            InvalidInput: The picture cannot be read.
        """
        rgb, alpha = read_layer(inputs.file("image"))
        context.check()
        facts = measure(rgb, alpha)
        focus = (
            "crisp"
            if facts.sharpness > CRISP
            else "soft"
            if facts.sharpness > BLURRED
            else "blurred"
        )
        caption = (
            f"{facts.width_px}x{facts.height_px} pixels, brightness {facts.look.brightness:.2f}, "
            f"contrast {facts.look.contrast:.2f}, {focus}, noise {facts.noise:.1f} of 255"
        )
        return {"facts": Output.of_json(facts.to_json(), name="facts.json", caption=caption)}


def measure(rgb: Rgb, alpha: NDArray[uint8] | None) -> ImageFacts:
    """Facts of a picture that is in memory.

    Args:
        rgb: Shape (height, width, 3), uint8.
        alpha: Opacity, shape (height, width), uint8, or None where all of it is opaque.
    """
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    counts, _ = np.histogram(luma, bins=_BINS, range=(0, 256))
    meter = LookMeter(1)
    meter.add(_at_most(rgb, _LOOK_SIDE_PX))
    return ImageFacts(
        width_px=width,
        height_px=height,
        orientation=orientation(width, height),
        transparent=0.0 if alpha is None else round(float((alpha < 128).mean()), 4),
        look=meter.look(),
        sharpness=round(_sharpness(_at_most(luma, _SHARPNESS_SIDE_PX)), 4),
        noise=round(_noise(luma), 2),
        too_dark=round(float((luma <= _DARKEST).mean()), 4),
        too_bright=round(float((luma >= _BRIGHTEST).mean()), 4),
        histogram=tuple(round(float(share), 4) for share in counts / luma.size),
    )


def orientation(width_px: int, height_px: int) -> str:
    """`landscape`, `portrait`, or `square` within five per cent."""
    ratio = width_px / height_px
    return "square" if 0.95 < ratio < 1.05 else "landscape" if ratio > 1 else "portrait"


def _at_most(pixels: Any, side_px: int) -> Any:  # noqa: ANN401 - any array of pixels
    import cv2

    scale = min(1.0, side_px / max(pixels.shape[:2]))
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _sharpness(luma: NDArray[float32]) -> float:
    """One minus the perceptual blur metric of Crete, Dolmiere, Ladret and Nicolas (SPIE 2007)."""
    from skimage.measure import blur_effect

    if min(luma.shape) < _LEAST_SIDE_PX or float(luma.var()) < 1:
        return 0.0
    # it comes without types
    blur = float(blur_effect(luma))  # type: ignore[no-untyped-call]
    return min(1.0, max(0.0, 1 - blur))


def _noise(luma: NDArray[float32]) -> float:
    """Fast noise variance estimation (Immerkaer 1996), on the evener half of the picture."""
    import cv2
    import numpy as np

    if min(luma.shape) < 8:
        return 0.0
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    rest = np.abs(cv2.filter2D(luma, cv2.CV_32F, kernel))[1:-1, 1:-1]
    across = cv2.Sobel(luma, cv2.CV_32F, 1, 0)[1:-1, 1:-1]
    down = cv2.Sobel(luma, cv2.CV_32F, 0, 1)[1:-1, 1:-1]
    slope = cv2.boxFilter(np.abs(across) + np.abs(down), -1, (5, 5))
    even = slope <= np.median(slope)
    return float(rest[even].mean()) * math.sqrt(math.pi / 2) / 6
