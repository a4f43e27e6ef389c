"""What can be recognised on single frames of a video: lines of text, and faces."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controlllm_tools.errors import ToolUnavailable
from controlllm_tools.media.recogniser import open_recogniser
from controlllm_tools.resources import printable

if TYPE_CHECKING:  # numpy loads when a video is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

_DETECTION_SIDE_PX = 480
_LEAST_CONFIDENCE = 0.9
_LEAST_CHARACTERS = 3
_LONGEST_LINE = 200
_SMALLEST_FACE = 1 / 14
_LEAST_NEIGHBOURS = 7


class TextReader:
    """Reads printed text with the PP-OCR models that come inside the rapidocr package."""

    def __init__(self) -> None:
        """Make the recogniser.

        Raises:
            ToolUnavailable: The installed rapidocr does not carry the models.
        """
        self._recogniser: Any = open_recogniser(Det__limit_side_len=_DETECTION_SIDE_PX)

    def lines(self, frame: NDArray[uint8]) -> tuple[tuple[str, float], ...]:
        """Lines on an RGB frame from top to bottom, with confidence; unsure ones are left out."""
        import cv2

        found = self._recogniser(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        if found.txts is None:
            return ()
        lines = (
            (printable(text, _LONGEST_LINE), float(score))
            for text, score in zip(found.txts, found.scores, strict=True)
        )
        return tuple((text, round(score, 3)) for text, score in lines if _is_sure(text, score))


class FaceFinder:
    """Finds frontal faces by a cascade of Haar features (Viola and Jones 2001), as in OpenCV."""

    def __init__(self) -> None:
        import cv2

        model = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_alt2.xml"
        if not model.is_file():
            msg = "OpenCV came without its cascades; pip install 'opencv-python-headless<5'"
            raise ToolUnavailable(msg)
        self._cascade = cv2.CascadeClassifier(str(model))

    def count(self, frame: NDArray[uint8]) -> int:
        """Number of faces on an RGB frame."""
        import cv2

        grey = cv2.equalizeHist(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
        least = max(24, round(min(grey.shape) * _SMALLEST_FACE))
        found = self._cascade.detectMultiScale(
            grey, scaleFactor=1.1, minNeighbors=_LEAST_NEIGHBOURS, minSize=(least, least)
        )
        return len(found)


def same_words(text: str) -> str:
    """What two readings of one line have in common: its letters and digits."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _is_sure(text: str, score: float) -> bool:
    return score >= _LEAST_CONFIDENCE and len(same_words(text)) >= _LEAST_CHARACTERS
