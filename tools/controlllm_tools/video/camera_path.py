"""The path of a camera through a video, and what takes the shake out of it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # numpy loads when a video is read, not when a tool is listed
    from numpy import float64, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]
    Path = NDArray[float64]

_POINTS = 200
_LEAST_POINTS = 12
_LEAST_AGREEING = 0.4
"""Where fewer of the points move alike, the picture was cut or all of it changed."""
_NUMBERS = 4
_MOST_ZOOM = 1.3
_WINDOW = 3.0
"""A Gaussian is cut off after this many standard deviations."""


class MotionTracker:
    """Measures how the whole picture moves from frame to frame, four numbers a frame.

    Source: corners of Shi and Tomasi 1994, followed by the pyramids of Lucas and Kanade (Bouguet
    2000); the shift, turn and growth that most of them share by RANSAC.
    """

    def __init__(self) -> None:
        self._before: NDArray[uint8] | None = None
        self._motions = array("d")

    def add(self, frame: Rgb) -> None:
        """Take the next small RGB frame."""
        import cv2

        grey: Any = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        motion = (0.0, 0.0, 0.0, 0.0) if self._before is None else _motion(self._before, grey)
        self._motions.extend(motion)
        self._before = grey

    @property
    def path(self) -> Path:
        """Where the picture is at each frame: right and down in widths, turn, and log of growth."""
        import numpy as np

        return np.cumsum(np.array(self._motions).reshape(-1, _NUMBERS), axis=0)


def _motion(before: NDArray[uint8], after: NDArray[uint8]) -> tuple[float, ...]:
    import cv2
    import numpy as np

    still = (0.0, 0.0, 0.0, 0.0)
    points: Any = cv2.goodFeaturesToTrack(before, _POINTS, 0.01, before.shape[1] / 40)
    if points is None or len(points) < _LEAST_POINTS:
        return still
    none: Any = None  # OpenCV's type hints want an array where it takes None for "make a new one"
    moved, found, _ = cv2.calcOpticalFlowPyrLK(before, after, points, none)
    kept = found.ravel() == 1
    if kept.sum() < _LEAST_POINTS:
        return still
    # about the middle of the picture, so that a turn does not also count as a shift
    middle = np.array(before.shape[::-1]) / 2
    matrix, agreeing = cv2.estimateAffinePartial2D(
        points[kept].reshape(-1, 2) - middle, moved[kept].reshape(-1, 2) - middle,
        ransacReprojThreshold=1.5,
    )  # fmt: skip
    if matrix is None or agreeing.mean() < _LEAST_AGREEING:
        return still
    growth = np.hypot(matrix[0, 0], matrix[1, 0])
    turn = np.arctan2(matrix[1, 0], matrix[0, 0])
    right, down = matrix[:, 2] / before.shape[1]
    return float(right), float(down), float(turn), float(np.log(growth))


@dataclass(frozen=True)
class Steadying:
    """How to move each frame, so that only the slow part of the path is left.

    Attributes:
        moves: By frames and four numbers, as in a path.
        zoom: Growth of every frame, so that no border shows; at most 1.3.
    """

    moves: Path
    zoom: float

    @classmethod
    def of(cls, path: Path, smoothing_frames: float, shape: float) -> Steadying:
        """The difference between a path and its Gaussian mean.

        Args:
            path: As measured.
            smoothing_frames: Standard deviation of the Gaussian.
            shape: Width over height.
        """
        from scipy.ndimage import gaussian_filter1d

        slow = gaussian_filter1d(path, smoothing_frames, axis=0, mode="nearest", truncate=_WINDOW)
        moves = slow - path
        return cls(moves, min(_MOST_ZOOM, _zoom(moves, shape)))

    def frames(self, frames: Iterable[Rgb]) -> Iterable[bytes]:
        """Every frame moved against its shake."""
        import cv2

        for index, frame in enumerate(frames):
            height, width = frame.shape[:2]
            matrix = self._matrix(min(index, len(self.moves) - 1), width, height)
            moved = cv2.warpAffine(
                frame, matrix, (width, height),
                flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101,
            )  # fmt: skip
            yield moved.tobytes()

    def _matrix(self, index: int, width: int, height: int) -> Path:
        import numpy as np

        right, down, turn, growth = self.moves[index]
        scale = np.exp(growth) * self.zoom
        turned = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        middle = np.array([(width - 1) / 2, (height - 1) / 2])
        shift = middle - turned @ middle + np.array([right, down]) * width * self.zoom
        return np.column_stack([turned, shift])


def _zoom(moves: Path, shape: float) -> float:
    """The least growth at which every corner of every frame lies inside the moved picture."""
    import numpy as np

    half = np.array([0.5, 0.5 / shape])
    most = 1.0
    cos, sin = np.cos(moves[:, 2]), np.sin(moves[:, 2])
    for sign in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        x, y = (half * sign - moves[:, :2]).T / np.exp(moves[:, 3])
        back = np.abs(np.stack([cos * x + sin * y, cos * y - sin * x], axis=1)) / half
        most = max(most, float(back.max()))
    return most
