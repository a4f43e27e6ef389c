"""Light and colour, averaged over small frames of a video or measured on one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.media.palette import palette
from controlllm_tools.media.video_facts import Look

if TYPE_CHECKING:  # numpy loads when pictures are read, not when a tool is listed
    from numpy import float32, uint8
    from numpy.typing import NDArray

_PALETTE_STEP_PX = 3
_MOST_COLOURFUL = 110.0


class LookMeter:
    """Sums up light and colour frame by frame; some pixels are kept for the palette.

    Source of the colourfulness: Hasler and Suesstrunk, Measuring colourfulness in natural images,
    2003; 109 is what they call extremely colourful.
    """

    def __init__(self, expected_frames: int, *, palette_frames: int = 48) -> None:
        self._every = max(1, expected_frames // palette_frames)
        self._rows: list[tuple[float, float, float, float]] = []
        self._pixels: list[NDArray[uint8]] = []

    def add(self, frame: NDArray[uint8]) -> None:
        """Take the next small RGB frame."""
        import numpy as np

        if len(self._rows) % self._every == 0:
            self._pixels.append(frame[::_PALETTE_STEP_PX, ::_PALETTE_STEP_PX].reshape(-1, 3).copy())
        rgb = frame.astype(np.float32)
        luma = rgb @ np.array([0.299, 0.587, 0.114], dtype=np.float32) / 255
        warmth = float((rgb[..., 0] - rgb[..., 2]).mean()) / 255
        self._rows.append(
            (float(luma.mean()), min(1.0, 2 * float(luma.std())), _colourfulness(rgb), warmth)
        )

    def look(self) -> Look:
        """What was measured; at least one frame was added."""
        import numpy as np

        brightness, contrast, colourfulness, warmth = np.array(self._rows).mean(axis=0)
        return Look(
            brightness=round(float(brightness), 3),
            contrast=round(float(contrast), 3),
            colourfulness=round(float(colourfulness), 3),
            warmth=round(float(warmth), 3),
            palette=palette(np.concatenate(self._pixels)),
        )


def _colourfulness(rgb: NDArray[float32]) -> float:
    import numpy as np

    red_green = rgb[..., 0] - rgb[..., 1]
    yellow_blue = (rgb[..., 0] + rgb[..., 1]) / 2 - rgb[..., 2]
    spread = np.hypot(red_green.std(), yellow_blue.std())
    centre = np.hypot(red_green.mean(), yellow_blue.mean())
    return min(1.0, float(spread + 0.3 * centre) / _MOST_COLOURFUL)
