"""Choose among boxes by label, size or place, and count them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_ORDERS: dict[str, Callable[[Box], float]] = {
    "largest": lambda box: -box.area,
    "smallest": lambda box: box.area,
    "leftmost": lambda box: box.x + box.width / 2,
    "rightmost": lambda box: -(box.x + box.width / 2),
    "topmost": lambda box: box.y + box.height / 2,
    "bottommost": lambda box: -(box.y + box.height / 2),
    "surest": lambda box: -box.score,
}
"""What comes first, the least first."""
_SAME = {
    "biggest": "largest", "left": "leftmost", "right": "rightmost",
    "top": "topmost", "bottom": "bottommost",
}  # fmt: skip


class SelectBoxes(CpuTool):
    """Keep the boxes that are meant; the others are left out."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Choose.

        Returns:
            `boxes`: those that fit every wish, in the order of `which`, else in their own; none
            when none fits.

        Raises:
            InvalidInput: The boxes cannot be read, or a number is out of range.
        """
        context.check()
        given = Boxes.from_json(inputs.text("boxes"))
        label = inputs.text("label").strip()
        fitting = [box for box in _labelled(given.boxes, label) if _is_large(box, given, inputs)]
        which = inputs.text("which", "all")
        order = _ORDERS.get(_SAME.get(which, which))
        limit = _limit(inputs, len(fitting) if order is None else 1)
        chosen = fitting if order is None else sorted(fitting, key=order)
        kept = replace(given, boxes=tuple(chosen[:limit]))
        caption = f"{len(kept.boxes)} of {len(given.boxes)} boxes"
        if label and not kept.boxes:
            caption += f"; none is called {label[:40]!r}"
        return {"boxes": Output.of_json(kept.to_json(), name="selected.json", caption=caption)}


class CountBoxes(CpuTool):
    """How many were found."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Count.

        Returns:
            `count`: a whole number, 0 and up.

        Raises:
            InvalidInput: The boxes cannot be read.
        """
        context.check()
        label = inputs.text("label").strip()
        boxes = _labelled(Boxes.from_json(inputs.text("boxes")).boxes, label)
        names = sorted({box.label for box in boxes if box.label})
        what = f" ({', '.join(names[:3])})" if 0 < len(names) <= 3 else ""
        return {"count": Output.of_json(len(boxes), caption=f"{len(boxes)} found{what}"[:200])}


def _labelled(boxes: Sequence[Box], label: str) -> tuple[Box, ...]:
    """Boxes whose label holds the words, in any case; all of them without words."""
    wanted = label.casefold()
    return tuple(box for box in boxes if wanted in box.label.casefold())


def _is_large(box: Box, given: Boxes, inputs: Inputs) -> bool:
    least = inputs.number("smallest", 0.0)
    if not 0 <= least <= 1:
        msg = f"smallest must be a share of the picture from 0 to 1, got {least:g}"
        raise InvalidInput(msg)
    return box.area >= least * given.width_px * given.height_px


def _limit(inputs: Inputs, default: int) -> int:
    limit = inputs.number("limit", default)
    if "limit" in inputs and not 1 <= limit <= 10_000:
        msg = f"limit must be between 1 and 10,000 boxes, got {limit:g}"
        raise InvalidInput(msg)
    return round(limit)
