"""Hard cuts, by the change of colours between neighbouring frames.

Each quarter of the picture has its own histogram, so that two shots with the same colours in other
places still differ. The threshold adapts to how restless the surroundings are, as in the shot
detectors that Boreczky and Rowe compare (1996). Dissolves and fades are not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy loads when a video is read, not when a tool is listed
    from numpy import float32, uint8
    from numpy.typing import NDArray

    Histogram = NDArray[float32]

_BINS = (12, 3, 4)
_LEAST_CHANGE = 0.34
_TIMES_THE_SURROUNDINGS = 2.2
_SURROUNDINGS = 6


def histogram(frame: NDArray[uint8]) -> Histogram:
    """Shares of hue, saturation and value in each quarter of a small RGB frame.

    Returns:
        Shape (4, bins), each row with the sum 1.
    """
    import cv2
    import numpy as np

    hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
    height, width = hsv.shape[0] // 2, hsv.shape[1] // 2
    rows = []
    for quarter in (hsv[:height, :width], hsv[:height, width:], hsv[height:, :width],
                    hsv[height:, width:]):  # fmt: skip
        counts = cv2.calcHist([quarter], [0, 1, 2], None, _BINS, [0, 180, 0, 256, 0, 256])
        rows.append(counts.ravel() / max(1.0, float(counts.sum())))
    return np.stack(rows).astype(np.float32)


def change(before: Histogram, after: Histogram) -> float:
    """Share of the pixels whose colour class changed, from 0 to 1 (total variation distance)."""
    import numpy as np

    return float(np.abs(after - before).sum(axis=1).mean() / 2)


def find_cuts(changes: Sequence[float]) -> tuple[int, ...]:
    """The positions in a row of changes that are cuts.

    A cut stands out twofold: much of the picture changes at once, and much more than just before
    and after. Position i is the change between frame i and frame i + 1.
    """
    found: list[int] = []
    for index, value in enumerate(changes):
        around = [
            *changes[max(0, index - _SURROUNDINGS) : index],
            *changes[index + 1 : index + 1 + _SURROUNDINGS],
        ]
        calm = sorted(around)[len(around) // 2] if around else 0.0
        if value >= max(_LEAST_CHANGE, _TIMES_THE_SURROUNDINGS * calm):
            found.append(index)
    return tuple(found)
