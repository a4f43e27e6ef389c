"""Find circles, triangles and rectangles on a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_rgb, shrunk
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import bool_, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]
    Grey = NDArray[uint8]
    Contour = NDArray[Any]

_LONGEST_SIDE_PX = 1_000
_USUAL_SMALLEST = 0.001
_FILLS = {"triangle": 0.9, "rectangle": 0.92, "circle": 0.9, "ellipse": 0.94}
"""How much of the least figure of a kind that encloses it a shape must fill."""
_SQUARE = 1.08
_SAME_SHAPE = 0.7
_MOST = 500
_ROUND = 0.85
"""How perfect a circle of edges must be for the Hough transform."""


class FindShapes(CpuTool):
    """Areas enclosed by edges, and circles by the Hough transform.

    An area is a circle, an ellipse, a triangle or a rectangle when it fills the least such figure
    that encloses it. Circles are also voted for by the gradients along them (Yuen, Princen,
    Illingworth and Kittler, Alvey 1989), which finds coins and wheels.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Find shapes.

        Returns:
            `boxes`: around each shape, labelled with its kind, the largest first; the score is how
            well it fits its kind.

        Raises:
            InvalidInput: The picture cannot be read, or `smallest` is out of range.
        """
        least = inputs.number("smallest", _USUAL_SMALLEST)
        if not 0 <= least <= 1:
            msg = f"smallest must be a share of the picture from 0 to 1, got {least:g}"
            raise InvalidInput(msg)
        wanted = inputs.text("shape", "any")
        rgb = read_rgb(inputs.file("image"))
        small = shrunk(rgb, _LONGEST_SIDE_PX)
        found = list(_areas(small, least))
        context.check()
        if wanted in {"any", "circle"}:
            found += _circles(small, least)
        kept = [box for box in _once_each(found) if _is_wanted(box.label, wanted)]
        seen = Boxes(width_px=small.shape[1], height_px=small.shape[0], boxes=tuple(kept[:_MOST]))
        boxes = seen.fitted(rgb.shape[1], rgb.shape[0])
        return {"boxes": Output.of_json(boxes.to_json(), name="shapes.json", caption=_said(boxes))}


def _is_wanted(label: str, wanted: str) -> bool:
    return wanted in {"any", label} or (wanted, label) == ("rectangle", "square")


def _said(boxes: Boxes) -> str:
    labels = [box.label for box in boxes.boxes]
    counts = {label: labels.count(label) for label in dict.fromkeys(labels)}
    said = [f"{n} {label}{'' if n == 1 else 's'}" for label, n in counts.items()]
    return ", ".join(said) or "no shapes found"


def _areas(rgb: Rgb, least: float) -> Iterator[Box]:
    """Areas that edges enclose, as far as they are of a kind."""
    import cv2
    import numpy as np

    open_ground = (~_edges(rgb)).astype(np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(open_ground, connectivity=4)
    height, width = parts.shape
    for number in range(1, count):
        x, y, wide, tall, _ = (int(value) for value in stats[number])
        at_border = x == 0 or y == 0 or x + wide == width or y + tall == height
        if at_border or min(wide, tall) < 6 or wide * tall < least * parts.size:
            continue
        # room around it for the edge itself, which belongs to the shape
        part = np.pad((parts[y : y + tall, x : x + wide] == number).astype(np.uint8), 2)
        part = cv2.dilate(part, np.ones((3, 3), dtype=np.uint8))
        outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        kind = _kind(max(outlines, key=cv2.contourArea))
        if kind is not None:
            label, score = kind
            yield Box(
                x=x - 1, y=y - 1, width=wide + 2, height=tall + 2,
                label=label, score=round(score, 3),
            )  # fmt: skip


def _edges(rgb: Rgb) -> NDArray[bool_]:
    """Where any channel steps, closed over gaps of a pixel."""
    import cv2
    import numpy as np

    smooth = cv2.GaussianBlur(rgb, (3, 3), 0)
    lines = [cv2.Canny(np.ascontiguousarray(smooth[..., c]), 40, 110) > 0 for c in range(3)]
    joined = (lines[0] | lines[1] | lines[2]).astype(np.uint8)
    closed = cv2.morphologyEx(joined, cv2.MORPH_CLOSE, np.ones((3, 3), dtype=np.uint8))
    edges: NDArray[bool_] = closed > 0
    return edges


def _kind(outline: Contour) -> tuple[str, float] | None:
    """What an outline is, and how much of the least enclosing figure it fills; None for neither."""
    import cv2
    import numpy as np

    area = float(cv2.contourArea(outline))
    (_, radius), (_, sides, _) = cv2.minEnclosingCircle(outline), cv2.minAreaRect(outline)
    three, _ = cv2.minEnclosingTriangle(outline)
    fills = {
        "triangle": area / max(float(three), 1.0),
        "rectangle": area / max(sides[0] * sides[1], 1.0),
        "circle": area / max(np.pi * radius**2, 1.0),
        # an ellipse fills this share of the rectangle around it
        "ellipse": 1 - abs(area / max(sides[0] * sides[1] * np.pi / 4, 1.0) - 1),
    }
    hull = float(cv2.contourArea(cv2.convexHull(outline)))
    if area < 0.92 * hull:
        return None
    fitting = {label: fill for label, fill in fills.items() if fill >= _FILLS[label]}
    if not fitting:
        return None
    # a circle is an ellipse too: the first that fits is the most special one
    label = next(iter(fitting))
    if label == "rectangle" and max(sides) <= _SQUARE * min(sides):
        label = "square"
    return label, min(1.0, next(iter(fitting.values())))


def _circles(rgb: Rgb, least: float) -> Iterator[Box]:
    import cv2
    import numpy as np

    grey = cv2.medianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), 5)
    height, width = grey.shape
    smallest = max(6, round((least * height * width / 4) ** 0.5))
    found = cv2.HoughCircles(
        grey, cv2.HOUGH_GRADIENT_ALT, dp=1.5, minDist=1.5 * smallest,
        param1=250, param2=_ROUND, minRadius=smallest, maxRadius=min(height, width) // 2,
    )  # fmt: skip
    if found is None:
        return
    for x, y, radius in np.reshape(found, (-1, np.shape(found)[-1]))[:_MOST, :3].tolist():
        side = max(1, round(2 * radius))
        box = Box(
            x=round(x - radius), y=round(y - radius), width=side, height=side,
            label="circle", score=_ROUND,
        ).clipped(width, height)  # fmt: skip
        if box is not None:
            yield box


def _once_each(found: list[Box]) -> list[Box]:
    """Without those that are nearly the same as a surer one; the largest first."""
    kept: list[Box] = []
    for box in sorted(found, key=lambda b: (-b.score, -b.area, b.y, b.x)):
        if all(_likeness(box, other) < _SAME_SHAPE for other in kept):
            kept.append(box)
    return sorted(kept, key=lambda b: (-b.area, b.y, b.x))


def _likeness(one: Box, other: Box) -> float:
    shared = one.overlap(other) * min(one.area, other.area)
    return shared / (one.area + other.area - shared)
