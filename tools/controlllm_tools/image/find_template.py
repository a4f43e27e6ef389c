"""Find where a small picture appears on a larger one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_layer, read_rgb, shrunk
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import float32, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]

_LONGEST_SIDE_PX = 600
"""A larger picture is searched scaled down; the template with it."""
_SMALLEST_SIDE_PX = 8
_SCALES = (
    1.0, 0.95, 1.05, 0.9, 1.1, 0.85, 1.17, 0.8, 1.25, 0.75, 1.33, 0.67, 1.5, 0.58, 1.7, 0.5, 2.0,
)  # fmt: skip
_USUAL_THRESHOLD = 0.8
_SAME_PLACE = 0.3
_MOST_PEAKS = 200
_LEAST_DEVIATION = 2.0
_OPAQUE = 200


@dataclass(frozen=True, slots=True)
class _Template:
    """What is looked for, and how much of each of its pixels counts."""

    rgb: Rgb
    alpha: NDArray[uint8] | None

    def scaled(self, factor: float) -> _Template:
        import cv2

        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        height, width = (max(1, round(side * factor)) for side in self.rgb.shape[:2])
        rgb: NDArray[Any] = cv2.resize(self.rgb, (width, height), interpolation=way)
        if self.alpha is None:
            return _Template(rgb.astype("uint8", copy=False), None)
        alpha: NDArray[Any] = cv2.resize(self.alpha, (width, height), interpolation=way)
        return _Template(rgb.astype("uint8", copy=False), alpha.astype("uint8", copy=False))


class FindTemplate(CpuTool):
    """Normalised cross-correlation in colour (Lewis 1995), at sizes from half to double.

    Finds the same thing again, such as a logo or a button, not another thing of its kind, and not
    one that is turned.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Look for the template.

        Returns:
            `boxes`: where it is, the surest first, the score being the correlation; none when it
            is nowhere.

        Raises:
            InvalidInput: A picture cannot be read, the template is larger than the picture or of
                one plain colour, or the threshold is out of range.
        """
        threshold = inputs.number("threshold", _USUAL_THRESHOLD)
        if not 0.3 <= threshold <= 1:
            msg = f"threshold must lie between 0.3 and 1, got {threshold:g}"
            raise InvalidInput(msg)
        picture = read_rgb(inputs.file("image"))
        template = _Template(*read_layer(inputs.file("template")))
        _check(picture, template)
        label = inputs.text("label").strip() or "match"
        found = _once_each(list(_found(picture, template, threshold, context)))
        height, width = picture.shape[:2]
        named = (box.clipped(width, height) for box in found)
        boxes = Boxes(
            width_px=width,
            height_px=height,
            boxes=tuple(replace(box, label=label[:100]) for box in named if box is not None),
        )
        count = len(boxes.boxes)
        caption = f"found {count} time{'' if count == 1 else 's'}" if count else "not found"
        return {"boxes": Output.of_json(boxes.to_json(), name="matches.json", caption=caption)}


def _check(picture: Rgb, template: _Template) -> None:
    (tall, wide), (height, width) = template.rgb.shape[:2], picture.shape[:2]
    if tall * min(_SCALES) > height or wide * min(_SCALES) > width:
        msg = (
            f"the picture to look for has {wide}x{tall} pixels, the one to search only "
            f"{width}x{height}; give the large one as `image` and the small one as `template`"
        )
        raise InvalidInput(msg)
    seen = template.rgb.reshape(-1, 3)
    if template.alpha is not None:
        seen = seen[template.alpha.ravel() > 127]
    if not len(seen) or float(seen.std(axis=0).max()) < _LEAST_DEVIATION:
        msg = "the picture to look for is of one plain colour; give a part that has some detail"
        raise InvalidInput(msg)


def _found(
    picture: Rgb, template: _Template, threshold: float, context: ToolContext
) -> Iterator[Box]:

    shrink = min(1.0, _LONGEST_SIDE_PX / max(picture.shape[:2]))
    # a template of few pixels has nothing to tell it apart by
    shrink = min(1.0, max(shrink, 2 * _SMALLEST_SIDE_PX / min(template.rgb.shape[:2])))
    small = shrunk(picture, round(shrink * max(picture.shape[:2])))
    for number, scale in enumerate(_SCALES):
        context.check()
        context.progress(number / len(_SCALES), "searching")
        sized = template.scaled(scale * shrink)
        tall, wide = sized.rgb.shape[:2]
        if tall > small.shape[0] or wide > small.shape[1] or min(tall, wide) < _SMALLEST_SIDE_PX:
            continue
        for x, y, score in _peaks(_correlation(small, sized), threshold):
            yield Box(
                x=round(x / shrink),
                y=round(y / shrink),
                width=max(1, round(wide / shrink)),
                height=max(1, round(tall / shrink)),
                score=round(score, 3),
            )


def _correlation(picture: Rgb, template: _Template) -> NDArray[float32]:
    import cv2
    import numpy as np

    mask = template.alpha
    if mask is not None:
        # OpenCV counts a pixel wholly or not at all; a mixed one shows the old ground
        mask = np.repeat((mask > _OPAQUE).astype(np.uint8)[:, :, None], 3, axis=2)
    fit = cv2.matchTemplate(picture, template.rgb, cv2.TM_CCOEFF_NORMED, mask=mask)
    # where the picture is plain there is nothing to compare, and the quotient is not a number
    fit = np.nan_to_num(fit, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    fit[fit > 1.001] = 0.0
    return np.minimum(fit, 1.0)


def _peaks(fit: NDArray[float32], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Local maxima of at least the threshold: column, row and value, the highest first."""
    import cv2
    import numpy as np

    highest = cv2.dilate(fit, np.ones((5, 5), dtype=np.uint8))
    rows, columns = np.nonzero((fit >= threshold) & (fit >= highest))
    order = np.argsort(-fit[rows, columns], kind="stable")[:_MOST_PEAKS]
    for at in order:
        yield int(columns[at]), int(rows[at]), float(fit[rows[at], columns[at]])


def _once_each(found: list[Box]) -> list[Box]:
    kept: list[Box] = []
    for box in sorted(found, key=lambda b: (-b.score, b.y, b.x, -b.area)):
        if all(box.overlap(other) < _SAME_PLACE for other in kept):
            kept.append(box)
    return kept
