"""Find faces on a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import ToolFailed, ToolUnavailable
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_rgb
from controlllm_tools.tool import Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # OpenCV loads in `load`, not when the tool is listed
    import cv2
    from numpy import uint8
    from numpy.typing import NDArray

    Grey = NDArray[uint8]
    Rgb = NDArray[uint8]

_LONGEST_SIDE_PX = 1_600
"""Larger pictures are scaled down to this: the time grows with the area, faces do not get lost."""
_SMALLEST_FACE_PX = 24
_LEAST_SCORE = 0.5
_SAME_FACE = 0.4
"""Of two boxes of which the smaller lies in the larger by more than this share, one is a face."""


@dataclass(frozen=True, slots=True)
class _View:
    """One trained cascade, and how sure its last stage is.

    Attributes:
        file: In OpenCV's own data folder.
        doubtful: The last stage's sum at which a find is as likely right as wrong.
        spread: How much more of it makes a find clearly better.
        mirrored: Look at the mirror image: profiles were trained facing one way.
    """

    file: str
    doubtful: float
    spread: float
    mirrored: bool = False

    def score(self, stage_sum: float) -> float:
        """A logistic squeeze of the sum into 0 to 1."""
        return 1 / (1 + math.exp(-(stage_sum - self.doubtful) / self.spread))


# Set on the 100 faces that scikit-image ships from LFW: their sums run from 106.9 to 110.0 in the
# frontal cascade (median 108.6) and from 0.1 to 3.1 in the profile cascade (median 1.8).
_VIEWS = (
    _View("haarcascade_frontalface_alt.xml", doubtful=106.8, spread=0.9),
    _View("haarcascade_profileface.xml", doubtful=0.5, spread=0.9),
    _View("haarcascade_profileface.xml", doubtful=0.5, spread=0.9, mirrored=True),
)


class DetectFaces:
    """Boosted Haar cascades (Viola and Jones 2001; Lienhart and Maydt 2002), as OpenCV ships them.

    Finds upright human faces of 24 pixels and more, from the front and, less surely, from the side.
    """

    def __init__(self) -> None:
        self._cascades: dict[str, cv2.CascadeClassifier] = {}

    def load(self, device: str) -> None:
        """Read the cascades; they run on the CPU whatever the device.

        Raises:
            ToolUnavailable: The installed OpenCV came without them, as version 5 does.
        """
        import cv2

        del device
        folder = Path(cv2.__file__).parent / "data"
        for file in {view.file for view in _VIEWS}:
            cascade = cv2.CascadeClassifier(str(folder / file))
            if cascade.empty():
                msg = f"OpenCV came without {file}; pip install 'opencv-python-headless>=4.14,<5'"
                raise ToolUnavailable(msg)
            self._cascades[file] = cascade

    def unload(self) -> None:
        """Free the cascades."""
        self._cascades.clear()

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Find faces.

        Returns:
            `faces`: boxes labelled `face`, the largest first; none when no face was found.

        Raises:
            InvalidInput: The picture cannot be read.
        """
        faces = self.find(read_rgb(inputs.file("image")), context)
        count = len(faces.boxes)
        caption = f"{count} face{'' if count == 1 else 's'}" if count else "no faces found"
        return {"faces": Output.of_json(faces.to_json(), name="faces.json", caption=caption)}

    def find(self, pixels: Rgb, context: ToolContext) -> Boxes:
        """The faces on a picture that is in memory, the largest first.

        Args:
            pixels: Shape (height, width, 3), uint8, RGB.
            context: Of the call.

        Raises:
            ToolFailed: The tool was not loaded.
        """
        import cv2

        if not self._cascades:
            msg = "detect_faces was called before it was loaded"
            raise ToolFailed(msg)
        height, width = pixels.shape[:2]
        scale = min(1.0, _LONGEST_SIDE_PX / max(width, height))
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        grey = cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)).astype("uint8", copy=False)
        found: list[Box] = []
        for view in _VIEWS:
            context.check()
            found += self._look(view, grey)
        seen = Boxes(width_px=grey.shape[1], height_px=grey.shape[0], boxes=merged(found))
        return seen.fitted(width, height)

    def _look(self, view: _View, grey: Grey) -> Iterator[Box]:
        import cv2

        width = grey.shape[1]
        found, _, sums = self._cascades[view.file].detectMultiScale3(
            cv2.flip(grey, 1) if view.mirrored else grey,
            scaleFactor=1.1,
            minNeighbors=4,
            minSize=(_SMALLEST_FACE_PX, _SMALLEST_FACE_PX),
            outputRejectLevels=True,
        )
        for (x, y, w, h), stage_sum in zip(found, sums, strict=True):
            left = width - int(x) - int(w) if view.mirrored else int(x)
            score = round(view.score(float(stage_sum)), 3)
            if score >= _LEAST_SCORE:
                yield Box(x=left, y=int(y), width=int(w), height=int(h), label="face", score=score)


def merged(found: Sequence[Box]) -> tuple[Box, ...]:
    """One box a face, the surest of those that overlap; the largest face first."""
    kept: list[Box] = []
    for box in sorted(found, key=lambda b: (-b.score, b.x, b.y)):
        if all(box.overlap(other) < _SAME_FACE for other in kept):
            kept.append(box)
    return tuple(sorted(kept, key=lambda b: (-b.area, b.x, b.y)))
