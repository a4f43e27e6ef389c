"""Make a flat or tinted photo look right without being told what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.media.images import read_layer, write_png
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is enhanced, not when a tool is listed
    from numpy import float32, uint8
    from numpy.typing import NDArray

    from controlllm_tools.media.images import Rgb

_STRENGTH = Range(0, 1)
_NORM = 6
"""Minkowski norm of the shades of grey; 1 is grey world, infinity is white patch."""
_SURE_TINT, _SUBJECT_TINT = 1.25, 1.8
"""Strongest against weakest colour of the light: up to the first it is a tint of the camera, from
the second on it is what the picture shows, such as a sunset, and stays."""
_TAILS = (0.5, 99.5)
"""Percentiles of lightness that become almost black and almost white."""
_DARKEST, _BRIGHTEST = 6.0, 250.0
_LARGEST_STRETCH = 3.0
_TILES = 8
_CLIP = 1.6
"""How much more often a shade may stand in a tile than on average before it is cut."""
_LOCAL_SHARE = 0.5
_FAINT = 24.0
"""Grey levels added before lightness is compared: almost black has no colour to speak of."""
_MOST_GROWTH = 1.5
_ROWS = 512


class EnhanceImage(CpuTool):
    """White balance by shades of grey, then levels, then local contrast on lightness alone.

    Sources: Finlayson and Trezzi 2004 (shades of grey); Zuiderveld 1994 (contrast limited adaptive
    histogram equalisation).
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Enhance a picture.

        Returns:
            `image`: PNG of the same width and height, transparent where it was.

        Raises:
            InvalidInput: The picture cannot be read, or the strength is out of range.
        """
        strength = _STRENGTH.read(inputs, "strength", 0.7)
        pixels, alpha = read_layer(inputs.file("image"))
        gains = _gains(pixels, strength)
        context.check()
        context.progress(0.2, "white balance")
        balanced = _times(pixels, gains)
        context.check()
        context.progress(0.5, "contrast")
        better = _with_contrast(balanced, strength)
        path = write_png(better, context.scratch / "enhanced.png", alpha)
        names = ("red", "green", "blue")
        told = ", ".join(f"{name} x {gain:.2f}" for name, gain in zip(names, gains, strict=True))
        return {"image": Output.of_file(path, caption=f"enhanced: {told}, more contrast")}


def _gains(pixels: Rgb, strength: float) -> NDArray[float32]:
    """Factors on red, green and blue that make the mean of the picture grey."""
    import numpy as np

    step = max(1, round((pixels.shape[0] * pixels.shape[1] / 250_000) ** 0.5))
    # blown out pixels have lost their tint and say nothing about it
    seen = pixels[::step, ::step].reshape(-1, 3).astype(np.float64)
    seen = seen[(seen.max(axis=1) < 252) & (seen.max(axis=1) > 8)]
    if not len(seen):
        return np.ones(3, dtype=np.float32)
    light = (seen**_NORM).mean(axis=0) ** (1 / _NORM)
    tint = float(light.max() / light.min().clip(1))
    trust = min(1.0, max(0.0, (_SUBJECT_TINT - tint) / (_SUBJECT_TINT - _SURE_TINT)))
    softened = 1 + strength * trust * (light.mean() / light.clip(1) - 1)
    return np.asarray(softened / (softened @ (0.299, 0.587, 0.114)), dtype=np.float32)


def _times(pixels: Rgb, gains: NDArray[float32]) -> Rgb:
    import cv2
    import numpy as np

    shades = np.arange(256, dtype=np.float32)[:, None] * gains
    table = shades.round().clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table.reshape(1, 256, 3)), dtype=np.uint8)


def _with_contrast(pixels: Rgb, strength: float) -> Rgb:
    import cv2
    import numpy as np

    lab = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB), dtype=np.uint8)
    before = np.ascontiguousarray(lab[:, :, 0])
    levels = cv2.LUT(before, _levels(before, strength))
    local = cv2.createCLAHE(clipLimit=_CLIP, tileGridSize=(_TILES, _TILES)).apply(levels)
    share = _LOCAL_SHARE * strength
    after = cv2.addWeighted(levels, 1 - share, local, share, 0)
    for top in range(0, lab.shape[0], _ROWS):
        rows = slice(top, top + _ROWS)
        # colour grows with lightness, or lifted shadows would look washed out
        growth = (after[rows] + np.float32(_FAINT)) / (before[rows] + np.float32(_FAINT))
        growth = growth.clip(1, _MOST_GROWTH)[:, :, None]
        colour = 128 + (lab[rows, :, 1:] - np.float32(128)) * growth
        lab[rows, :, 1:] = colour.round().clip(0, 255)
    lab[:, :, 0] = after
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), dtype=np.uint8)


def _levels(lightness: NDArray[uint8], strength: float) -> NDArray[uint8]:
    """A table that spreads the shades in use over all shades there are."""
    import numpy as np

    low, high = (float(each) for each in np.percentile(lightness, _TAILS))
    shades = np.arange(256, dtype=np.float64)
    if high - low < 1:
        return shades.astype(np.uint8)  # one plain colour: nothing to spread
    stretch = min(_LARGEST_STRETCH, (_BRIGHTEST - _DARKEST) / (high - low))
    # where the stretch is held back, what is left of the room is shared by both ends
    spare = (_BRIGHTEST - _DARKEST - stretch * (high - low)) / 2
    spread = _DARKEST + spare + stretch * (shades - low)
    stretched = spread if stretch > 1 else shades
    mixed: NDArray[uint8] = (
        (shades + strength * (stretched - shades)).round().clip(0, 255).astype(np.uint8)
    )
    return mixed
