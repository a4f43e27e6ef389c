"""How much and where a picture moves, by dense optical flow between close frames."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from controlllm_tools.media.video_facts import Motion

if TYPE_CHECKING:  # numpy loads when a video is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

_VISIBLE_SPEED = 0.015


class MotionMeter:
    """Measures flow frame by frame and keeps four numbers a pair.

    Source: dense inverse search, Kroeger et al. 2016, as in OpenCV.
    """

    def __init__(self, fps: float) -> None:
        import cv2

        # OpenCV's type hints want an array where it takes None for "make a new one"
        self._flow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._fps = fps
        self._before: NDArray[uint8] | None = None
        self._pairs: list[tuple[float, float, float, float]] = []

    def add(self, frame: NDArray[uint8]) -> None:
        """Take the next small RGB frame."""
        import cv2
        import numpy as np

        grey: Any = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        if self._before is not None:
            flow = self._flow.calc(self._before, grey, None) * (self._fps / grey.shape[1])
            speed = np.hypot(flow[..., 0], flow[..., 1])
            self._pairs.append(
                (
                    float(speed.mean()),
                    float((speed > _VISIBLE_SPEED).mean()),
                    float(flow[..., 0].mean()),
                    float(flow[..., 1].mean()),
                )
            )
        self._before = grey

    def motion(self, cuts: Collection[int] = ()) -> Motion:
        """What was measured; pairs at the positions of `cuts` are left out."""
        import numpy as np

        pairs = [pair for index, pair in enumerate(self._pairs) if index not in cuts]
        speed, moving, right, down = np.array(pairs or [(0.0, 0.0, 0.0, 0.0)]).T
        return Motion(
            speed=round(float(np.median(speed)), 4),
            peak=round(float(np.percentile(speed, 95)), 4),
            moving=round(float(np.median(moving)), 3),
            drift_x=round(float(np.median(right)), 4),
            drift_y=round(float(np.median(down)), 4),
        )
