"""The main colours of many pixels, with names that people use."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from controlllm_tools.media.video_facts import Swatch

if TYPE_CHECKING:  # numpy loads when pictures are read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

_ROUNDS = 30
_CLUSTER_SEED = 11

_GREYS = ((16, "black"), (40, "dark grey"), (64, "grey"), (86, "light grey"), (101, "white"))
_HUES = (
    (20, "pink"), (45, "red"), (72, "orange"), (105, "yellow"), (160, "green"), (215, "teal"),
    (308, "blue"), (332, "purple"), (350, "pink"), (361, "red"),
)  # fmt: skip


def palette(pixels: NDArray[uint8], colours: int = 5) -> tuple[Swatch, ...]:
    """Cluster pixels in CIELAB by k-means (Lloyd 1982).

    Args:
        pixels: RGB, shape (n, 3).
        colours: Most colours to return; fewer when there are fewer.

    Returns:
        The mean colours, the largest share first.
    """
    import cv2
    import numpy as np

    if len(pixels) == 1:
        # OpenCV would take one row of three values for three samples
        pixels = np.repeat(pixels, 2, axis=0)
    lab = cv2.cvtColor(pixels[None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
    kinds = len(np.unique(pixels // 8, axis=0))
    cv2.setRNGSeed(_CLUSTER_SEED)
    stop = (cv2.TERM_CRITERIA_MAX_ITER + cv2.TERM_CRITERIA_EPS, _ROUNDS, 0.5)
    clusters = min(colours, kinds)
    nearest: Any = np.zeros((len(lab), 1), dtype=np.int32)
    _, nearest, centres = cv2.kmeans(lab, clusters, nearest, stop, 2, cv2.KMEANS_PP_CENTERS)
    rgb = cv2.cvtColor(centres[None], cv2.COLOR_LAB2RGB)[0]
    shares = np.bincount(nearest.ravel(), minlength=len(centres)) / len(lab)
    order = np.argsort(-shares, kind="stable")
    return tuple(
        Swatch(
            name=colour_name(*(float(value) for value in centres[index])),
            rgb="#" + "".join(f"{round(255 * min(1.0, max(0.0, v))):02x}" for v in rgb[index]),
            share=round(float(shares[index]), 3),
        )
        for index in order
        if shares[index] > 0
    )


def colour_name(lightness: float, green_red: float, blue_yellow: float) -> str:
    """The plain English name of a CIELAB colour (L from 0 to 100)."""
    chroma = math.hypot(green_red, blue_yellow)
    if chroma < max(10.0, 28 - 1.5 * lightness):
        return next(name for limit, name in _GREYS if lightness < limit)
    hue = math.degrees(math.atan2(blue_yellow, green_red)) % 360
    name = next(name for limit, name in _HUES if hue < limit)
    if name in {"orange", "yellow", "red"} and 30 <= hue < 100:
        if chroma < 30 and lightness > 65:
            return "beige"
        if lightness < (60 if hue < 85 else 45) and chroma < 62:
            return "dark brown" if lightness < 30 else "brown"
    if name in {"red", "pink"} and chroma < 28:
        return "dull pink" if lightness > 32 else "dark brown"
    if name == "red" and lightness > 66:
        return "pink"
    if lightness < 32:
        return f"dark {name}"
    return f"light {name}" if lightness > 78 and name != "yellow" else name
