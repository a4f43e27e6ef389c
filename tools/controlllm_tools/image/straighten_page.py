"""Straighten a photographed or scanned page: perspective, then the tilt of its lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from controlllm_tools.media.images import read_rgb, shrunk, write_png
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import float32, int32, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]
    Corners = NDArray[float32]

_WORKING_SIDE_PX = 800
_LEAST_PAGE, _MOST_PAGE = 0.2, 0.97
"""Share of the picture that a page on a table takes; more is a scan without a table."""
_LEAST_ROOM_PX = 2
_UNLIKE = 8.0
"""In CIELAB, how much more than the ground itself varies something must differ from it."""
_MOST_TILT = 20.0
_NO_TILT = 0.2
"""Degrees below which turning would only blur the letters."""
_CLEARER, _CLEARER_PER_DEGREE = 1.25, 0.3
"""Lines must stand out this much better when turned, the more the further, or nothing is turned."""


class StraightenPage(CpuTool):
    """Finds the four edges of a page, else the angle at which its lines of text are level."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Straighten.

        Returns:
            `page`: PNG; of the page alone when its edges were found, else the whole picture, turned
            by at most 20 degrees, or as it was when it is level already.

        Raises:
            InvalidInput: The picture cannot be read.
        """
        rgb = read_rgb(inputs.file("image"))
        done = []
        corners = page_corners(rgb)
        if corners is not None:
            rgb = _flattened(rgb, corners)
            done.append("page cut out along its edges")
        context.check()
        tilt = tilt_of(rgb, context)
        if abs(tilt) >= _NO_TILT:
            rgb = _turned(rgb, tilt)
            done.append(f"turned by {tilt:.1f} degrees")
        path = write_png(rgb, context.scratch / "page.png")
        caption = " and ".join(done) or "the page was straight already"
        return {"page": Output.of_file(path, caption=caption)}


def page_corners(rgb: Rgb) -> Corners | None:
    """The corners of a page that lies on a ground of another colour.

    Returns:
        Shape (4, 2): x and y from the top left one clockwise; None when there is no such page.
    """
    import cv2
    import numpy as np

    scale = min(1.0, _WORKING_SIDE_PX / max(rgb.shape[:2]))
    small = shrunk(rgb, _WORKING_SIDE_PX)
    found = [_four_corners(part) for part in _page_like(small)]
    pages = [page for page in found if page is not None]
    if not pages:
        return None
    largest = max(pages, key=lambda page: float(cv2.contourArea(page)))
    return _clockwise(largest.reshape(4, 2)) / np.float32(scale)


def _page_like(rgb: Rgb) -> Iterator[NDArray[uint8]]:
    """What may be a page, as 0 and 255: what is unlike the ground, and what is bright."""
    import cv2
    import numpy as np

    # closing takes the letters off the page, so that it is one area
    kernel = np.ones((15, 15), dtype=np.uint8)
    lab = cv2.cvtColor(cv2.GaussianBlur(rgb, (7, 7), 0), cv2.COLOR_RGB2LAB).astype(np.float32)
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    unlike = np.linalg.norm(lab - np.median(border, axis=0), axis=2)
    bright = cv2.cvtColor(cv2.GaussianBlur(rgb, (7, 7), 0), cv2.COLOR_RGB2GRAY)
    level = float(np.quantile(np.linalg.norm(border - np.median(border, axis=0), axis=1), 0.95))
    for levels, bound in ((np.minimum(unlike, 255).astype(np.uint8), level + _UNLIKE), (bright, 0)):
        even = cv2.morphologyEx(levels, cv2.MORPH_CLOSE, kernel)
        way = cv2.THRESH_BINARY if bound else cv2.THRESH_BINARY + cv2.THRESH_OTSU
        yield cv2.threshold(even, bound, 255, way)[1].astype(np.uint8, copy=False)


def _four_corners(part: NDArray[uint8]) -> NDArray[int32] | None:
    """The corners of the largest area, when it has four sides and ground all around it."""
    import cv2
    import numpy as np

    outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    outline = max(outlines, key=cv2.contourArea)
    hull = cv2.convexHull(outline)
    if not _LEAST_PAGE <= cv2.contourArea(hull) / part.size <= _MOST_PAGE:
        return None
    four = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
    if len(four) != 4 or cv2.contourArea(outline) < 0.9 * cv2.contourArea(four):
        return None
    x, y, width, height = cv2.boundingRect(four)
    room = min(x, y, part.shape[1] - x - width, part.shape[0] - y - height)
    return np.asarray(four, dtype=np.int32) if room >= _LEAST_ROOM_PX else None


def tilt_of(rgb: Rgb, context: ToolContext) -> float:
    """Degrees, counter-clockwise, by which turning makes the lines of text level.

    The sums of ink along rows change most abruptly when the rows run along the lines (Postl,
    "Detection of linear oblique structures and skew scan in digitized documents", ICPR 1986).
    """
    import cv2
    import numpy as np

    small = cv2.cvtColor(shrunk(rgb, _WORKING_SIDE_PX), cv2.COLOR_RGB2GRAY)
    if min(small.shape) < 32:
        return 0.0
    ink = cv2.adaptiveThreshold(
        small.astype(np.uint8), 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15
    ).astype(np.uint8, copy=False)
    if not ink.any():
        return 0.0
    best = 0.0
    for reach, step in ((_MOST_TILT, 1.0), (1.0, 0.2), (0.2, 0.05)):
        context.check()
        angles = best + np.arange(-reach, reach + step / 2, step)
        best = float(max(angles, key=lambda angle: _steps(ink, float(angle))))
    least = (_CLEARER + _CLEARER_PER_DEGREE * abs(best)) * _steps(ink, 0.0)
    return best if _steps(ink, best) > least else 0.0


def _steps(ink: NDArray[uint8], angle: float) -> float:
    import cv2
    import numpy as np

    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(ink, turn, (width, height), flags=cv2.INTER_LINEAR)
    rows = turned.sum(axis=1, dtype=np.float64)
    return float((np.diff(rows) ** 2).sum())


def _flattened(rgb: Rgb, corners: Corners) -> Rgb:
    """The page as seen from straight above, as large as its longer edges."""
    import cv2
    import numpy as np

    top, right, bottom, left = (
        math.dist(corners[a], corners[b]) for a, b in ((0, 1), (1, 2), (3, 2), (0, 3))
    )
    width, height = max(8, round(max(top, bottom))), max(8, round(max(left, right)))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    view = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    flat = cv2.warpPerspective(
        rgb, view, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return flat.astype(np.uint8, copy=False)


def _turned(rgb: Rgb, degrees: float) -> Rgb:
    """Turned counter-clockwise, with room for the corners in the colour of the border."""
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    paper = tuple(float(value) for value in np.median(border, axis=0))
    sine, cosine = (abs(f(math.radians(degrees))) for f in (math.sin, math.cos))
    wide = math.ceil(width * cosine + height * sine)
    tall = math.ceil(width * sine + height * cosine)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[:, 2] += ((wide - width) / 2, (tall - height) / 2)
    turned = cv2.warpAffine(rgb, turn, (wide, tall), flags=cv2.INTER_CUBIC, borderValue=paper)
    return turned.astype(np.uint8, copy=False)


def _clockwise(corners: NDArray[int32]) -> Corners:
    """From the top left one on."""
    import numpy as np

    away = corners - corners.mean(axis=0)
    turned = corners[np.argsort(np.arctan2(away[:, 1], away[:, 0]), kind="stable")]
    first = int(np.argmin(turned.sum(axis=1)))
    return np.roll(turned, -first, axis=0).astype(np.float32)
