"""Rectangles on a picture: the value behind the resource types `boxes`, `boxes.faces`, ...

As JSON: `{"width_px", "height_px", "boxes": [{"x", "y", "width", "height", "label", "score"}]}`,
in pixels from the top left corner of the picture they were found on.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.typed_json import read_json

_SHAPE_TOLERANCE = 0.02


def _to_whole(value: object) -> object:
    """Finders of other makers write fractions of a pixel; ours are whole."""
    return round(value) if isinstance(value, float) and abs(value) < 1e9 else value


Pixels = Annotated[int, BeforeValidator(_to_whole)]
Extent = Annotated[Pixels, Field(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One rectangle.

    Attributes:
        x: Left edge, in pixels.
        y: Top edge, in pixels.
        width: In pixels, at least 1.
        height: In pixels, at least 1.
        label: What is inside; may be empty.
        score: How sure the finder is, 0 to 1.
    """

    x: Pixels
    y: Pixels
    width: Extent
    height: Extent
    label: Annotated[str, Field(max_length=1_000)] = ""
    score: Annotated[float, Field(ge=0, le=1)] = 1.0

    @property
    def area(self) -> int:
        """Square pixels."""
        return self.width * self.height

    @property
    def right(self) -> int:
        """First pixel column to the right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First pixel row below the box."""
        return self.y + self.height

    def overlap(self, other: Box) -> float:
        """How much of the smaller box lies in the other one, 0 to 1."""
        across = min(self.right, other.right) - max(self.x, other.x)
        down = min(self.bottom, other.bottom) - max(self.y, other.y)
        if across <= 0 or down <= 0:
            return 0.0
        return across * down / min(self.area, other.area)

    def clipped(self, width_px: int, height_px: int) -> Box | None:
        """The part that lies on a picture of that size; None when there is none."""
        left, top = max(0, self.x), max(0, self.y)
        right, bottom = min(width_px, self.right), min(height_px, self.bottom)
        if right <= left or bottom <= top:
            return None
        return replace(self, x=left, y=top, width=right - left, height=bottom - top)


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Rectangles, and the size of the picture they belong to."""

    width_px: Extent
    height_px: Extent
    boxes: Annotated[tuple[Box, ...], Field(max_length=10_000)]

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read the JSON form; boxes are cut at the edges of the picture.

        Raises:
            InvalidInput: A field is missing or of another kind, or a box lies off the picture.
        """
        read = read_json(cls, text, "a list of boxes on a picture")
        boxes = []
        for index, box in enumerate(read.boxes):
            clipped = box.clipped(read.width_px, read.height_px)
            if clipped is None:
                size = f"{read.width_px}x{read.height_px}"
                msg = f"boxes.{index} lies off the picture of {size} pixels"
                raise InvalidInput(msg)
            boxes.append(clipped)
        return replace(read, boxes=tuple(boxes))

    def to_json(self) -> dict[str, Any]:
        """Plain data; its JSON is what `from_json` reads."""
        return {
            "width_px": self.width_px,
            "height_px": self.height_px,
            "boxes": [asdict(box) for box in self.boxes],
        }

    def fitted(self, width_px: int, height_px: int) -> Self:
        """The same rectangles on a larger or smaller version of their picture.

        Raises:
            InvalidInput: That picture has another shape, so these boxes belong to another one.
        """
        across, down = width_px / self.width_px, height_px / self.height_px
        if abs(across - down) > _SHAPE_TOLERANCE * max(across, down):
            msg = (
                f"the boxes belong to a picture of {self.width_px}x{self.height_px} pixels, "
                f"this one has {width_px}x{height_px}; find the boxes on this picture"
            )
            raise InvalidInput(msg)
        if (width_px, height_px) == (self.width_px, self.height_px):
            return self
        scaled = (_scaled(box, across, down).clipped(width_px, height_px) for box in self.boxes)
        kept = tuple(box for box in scaled if box is not None)
        return replace(self, width_px=width_px, height_px=height_px, boxes=kept)


def _scaled(box: Box, across: float, down: float) -> Box:
    left, top = round(box.x * across), round(box.y * down)
    right, bottom = round(box.right * across), round(box.bottom * down)
    return replace(box, x=left, y=top, width=max(1, right - left), height=max(1, bottom - top))
