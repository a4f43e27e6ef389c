"""Tell the subject of a picture from its ground: shared by what cuts it out and what masks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from controlllm_tools.errors import InvalidInput
from controlllm_tools.image.plain_ground import cut_from_plain, plain_ground
from controlllm_tools.image.subject_guess import (
    GROUND,
    MAYBE_GROUND,
    MAYBE_SUBJECT,
    SUBJECT,
    person_map,
    salient_maps,
)
from controlllm_tools.media.boxes import Box
from controlllm_tools.media.images import shrunk
from controlllm_tools.tool import ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import bool_, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]
    Alpha = NDArray[uint8]
    Trimap = NDArray[uint8]

_WORKING_SIDE_PX = 480
"""GrabCut runs on at most this; a guided filter then finds the outline in the full picture."""
_ROUNDS = 4
_SEED = 11
_AGREEMENT = 0.9
"""How far two guesses must lead to the same cut (intersection over union) to be believed."""
_LEAST_SHARE, _MOST_SHARE = 0.002, 0.9
_LEAST_GUESSED = 0.05
"""A smaller part that stands out is rarely what the picture is of: the eyes of a cat, a lamp."""
_SPECK = 0.1
"""Parts smaller than this share of the largest part are dropped."""
_GAP = 0.03
"""Holes smaller than this share of the subject are filled."""

WAY_OUT = "give boxes around it or a mask of it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What is known of where the subject is; the first that is there counts.

    Attributes:
        mask: Rough mask, shape (height, width), uint8.
        boxes: Rectangles around all of the subject.
        faces: Finds the faces on the picture, the largest first.
        holes: On a plain ground, whether enclosed parts of its colour go as well.
    """

    mask: Alpha | None = None
    boxes: tuple[Box, ...] | None = None
    faces: Callable[[Rgb], tuple[Box, ...]] = lambda _: ()
    holes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreground:
    """The subject.

    Attributes:
        colours: Shape (height, width, 3), uint8, RGB.
        alpha: How far each pixel is subject, shape (height, width), uint8.
        found_by: How it was found, for people.
    """

    colours: Rgb
    alpha: Alpha
    found_by: str


def find_foreground(rgb: Rgb, hints: Hints, context: ToolContext) -> Foreground:
    """Find the subject: by a hint, else by a plain ground, a face, or what stands out.

    Args:
        rgb: Shape (height, width, 3), uint8.
        hints: Where it is.
        context: Of the call.

    Raises:
        InvalidInput: A hint selects nothing or everything, or without one the subject is unclear.
    """
    ground = plain_ground(rgb) if hints.mask is None and hints.boxes is None else None
    if ground is not None:
        colours, alpha = cut_from_plain(rgb, ground, holes=hints.holes)
        _check_share(alpha > 127)
        return Foreground(colours=colours, alpha=alpha, found_by="plain ground")
    small = shrunk(rgb, _WORKING_SIDE_PX)
    if hints.mask is not None:
        found_by, subject = "mask", _cut(small, _from_mask(hints.mask, small), context)
    elif hints.boxes is not None:
        trimap = _from_boxes(hints.boxes, rgb, small)
        found_by, subject = "boxes", _cut(small, trimap, context)
    else:
        found_by, subject = _guessed(rgb, small, hints, context)
    _check_share(subject)
    context.check()
    return Foreground(colours=rgb, alpha=_fine(subject, rgb), found_by=found_by)


def _guessed(
    rgb: Rgb, small: Rgb, hints: Hints, context: ToolContext
) -> tuple[str, NDArray[bool_]]:
    faces = hints.faces(small)
    if faces:
        people = _cut(small, person_map((small.shape[0], small.shape[1]), faces[0]), context)
        for face in faces[1:]:
            people |= _cut(small, person_map((small.shape[0], small.shape[1]), face), context)
        return "face", people
    generous, strict = (_cut(small, trimap, context) for trimap in salient_maps(small))
    either = int((generous | strict).sum())
    agreement = int((generous & strict).sum()) / either if either else 0.0
    if agreement < _AGREEMENT or generous.mean() < _LEAST_GUESSED:
        msg = (
            f"what the subject of this picture of {rgb.shape[1]}x{rgb.shape[0]} pixels is cannot "
            f"be told (guesses agree by {agreement:.0%}, on {generous.mean():.0%} of it); "
            f"{WAY_OUT}"
        )
        raise InvalidInput(msg)
    return "what stands out", generous


def _from_mask(mask: Alpha, small: Rgb) -> Trimap:
    """Trust a rough mask but for a band along its outline."""
    import cv2
    import numpy as np

    height, width = small.shape[:2]
    inside = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA) > 127
    band = max(2, min(height, width) // 40)
    kernel = np.ones((2 * band + 1, 2 * band + 1), dtype=np.uint8)
    core = cv2.erode(inside.astype(np.uint8), kernel).astype(bool)
    near = cv2.dilate(inside.astype(np.uint8), kernel).astype(bool)
    trimap = np.where(near, MAYBE_GROUND, GROUND).astype(np.uint8)
    trimap[inside] = MAYBE_SUBJECT
    trimap[core] = SUBJECT
    return trimap


def _from_boxes(boxes: tuple[Box, ...], rgb: Rgb, small: Rgb) -> Trimap:
    import numpy as np

    scale = small.shape[1] / rgb.shape[1]
    trimap = np.full(small.shape[:2], GROUND, dtype=np.uint8)
    for box in boxes:
        left, top = int(box.x * scale), int(box.y * scale)
        right, bottom = round(box.right * scale), round(box.bottom * scale)
        trimap[top : max(bottom, top + 1), left : max(right, left + 1)] = MAYBE_SUBJECT
    return trimap


def _cut(small: Rgb, trimap: Trimap, context: ToolContext) -> NDArray[bool_]:
    """GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004), then without specks and gaps.

    Raises:
        InvalidInput: The map holds no ground, or no subject.
    """
    import cv2
    import numpy as np

    context.check()
    may_be = (trimap == SUBJECT) | (trimap == MAYBE_SUBJECT)
    if not may_be.any() or may_be.mean() > 1 - _LEAST_SHARE:
        much = "the whole picture" if may_be.any() else "nothing of the picture"
        msg = f"{much} is selected, so there is no subject on a ground to tell apart; {WAY_OUT}"
        raise InvalidInput(msg)
    labels = trimap.copy()
    cv2.setRNGSeed(_SEED)
    ground, model = np.zeros((1, 65)), np.zeros((1, 65))
    nowhere = (0, 0, 0, 0)  # the map is given, so no rectangle is looked at
    turned = np.ascontiguousarray(small[:, :, ::-1])
    cv2.grabCut(turned, labels, nowhere, ground, model, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return _whole((labels == SUBJECT) | (labels == MAYBE_SUBJECT))


def _whole(subject: NDArray[bool_]) -> NDArray[bool_]:
    """Without single pixels, without small parts, and without small gaps."""
    import cv2
    import numpy as np

    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    opened = cv2.morphologyEx(subject.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(opened)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    kept = (areas >= _SPECK * areas.max(initial=0)) & (areas > 0)
    whole = kept[parts]
    _, parts, stats, _ = cv2.connectedComponentsWithStats((~whole).astype(np.uint8))
    gaps = stats[:, cv2.CC_STAT_AREA] < _GAP * whole.sum()
    for edge in (parts[0], parts[-1], parts[:, 0], parts[:, -1]):
        gaps[np.unique(edge)] = False
    gaps[0] = False
    filled: NDArray[bool_] = whole | gaps[parts]
    return filled


def _fine(subject: NDArray[bool_], rgb: Rgb) -> Alpha:
    """The outline in the full picture, by a guided filter (He, Sun and Tang, ECCV 2010)."""
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    scale = width / subject.shape[1]
    rough = cv2.resize(subject.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    side = 2 * max(2, round(1.5 * scale)) + 1

    def mean(values: NDArray[Any]) -> NDArray[Any]:
        return cv2.boxFilter(values, -1, (side, side))

    guide = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    guide_mean, rough_mean = mean(guide), mean(rough)
    slope = (mean(guide * rough) - guide_mean * rough_mean) / (
        mean(guide * guide) - guide_mean**2 + 1e-3
    )
    offset = rough_mean - slope * guide_mean
    soft = np.clip(mean(slope) * guide + mean(offset), 0, 1)
    # what the filter leaves nearly bare or nearly whole is bare or whole
    alpha: Alpha = (np.clip((soft - 0.1) / 0.8, 0, 1) * 255).round().astype(np.uint8)
    return alpha


def _check_share(subject: NDArray[bool_]) -> None:
    share = float(subject.mean())
    if not _LEAST_SHARE <= share <= _MOST_SHARE:
        msg = f"{share:.1%} of the picture would be its subject, which cannot be right; {WAY_OUT}"
        raise InvalidInput(msg)
