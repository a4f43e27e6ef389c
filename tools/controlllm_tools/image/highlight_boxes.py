"""Draw labelled rectangles on a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.fonts import font
from controlllm_tools.media.images import open_picture
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # Pillow loads when a picture is drawn, not when a tool is listed
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Colour = tuple[int, int, int]

_PALETTE: tuple[Colour, ...] = (
    (255, 212, 59), (77, 171, 247), (255, 107, 107),
    (105, 219, 124), (218, 119, 242), (255, 146, 43),
)  # fmt: skip
"""Bright colours, so that dark letters can be read on every one of them."""
_INK: Colour = (20, 20, 20)
_MAX_LABEL_CHARS = 40
_CROWD = 12
"""From so many labels on, most of them must find room."""
_MOST_OF_THEM = 0.7


class HighlightBoxes(CpuTool):
    """One colour a label; a dark rim keeps lines and letters visible on any ground.

    Lines run around the outside of a box, and a label stands only where it hides neither another
    box nor another label: on a page full of words, the words themselves stay readable. Where most
    labels of a crowd would find no room, only the boxes are drawn.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw the boxes.

        Returns:
            `image`: PNG of the same width and height.

        Raises:
            InvalidInput: The picture or the boxes cannot be read, or do not belong together.
        """
        from PIL import ImageDraw

        picture = open_picture(inputs.file("image"))
        boxes = Boxes.from_json(inputs.text("boxes")).fitted(*picture.size).boxes
        marker = _Marker(ImageDraw.Draw(picture), picture.size, boxes)
        # the largest first, so that small boxes stay in sight
        for index in sorted(range(len(boxes)), key=lambda i: -boxes[i].area):
            context.check()
            marker.frame(boxes[index])
        marker.labels(context)
        path = context.scratch / "highlighted.png"
        picture.save(path, format="PNG", compress_level=6)
        caption = f"picture with {len(boxes)} box{'' if len(boxes) == 1 else 'es'}"
        return {"image": Output.of_file(path, caption=caption)}


@dataclass(frozen=True, slots=True)
class _Plate:
    """A label that has found its place.

    Attributes:
        text: What it says.
        letters: Their font.
        pad: Pixels around the letters.
        ground: Left, top, right, bottom.
        colour: Of the plate.
    """

    text: str
    letters: FreeTypeFont
    pad: int
    ground: tuple[int, int, int, int]
    colour: Colour


class _Marker:
    """Draws boxes with lines and letters that fit the picture and the box."""

    def __init__(self, draw: ImageDraw, size: tuple[int, int], boxes: tuple[Box, ...]) -> None:
        import numpy as np

        self._draw = draw
        self._size = size
        self._boxes = boxes
        self._unit = max(2, round(min(size) / 240))
        labels = list(dict.fromkeys(box.label for box in boxes))
        self._colours = {label: _PALETTE[i % len(_PALETTE)] for i, label in enumerate(labels)}
        # the ground that labels must not cover: every box, then every label drawn so far
        self._taken = np.array(
            [(b.x, b.y, b.right, b.bottom) for b in boxes], dtype=np.int64
        ).reshape(-1, 4)

    def frame(self, box: Box) -> None:
        line = min(self._unit, max(1, box.height // 12))
        rim = max(1, line // 2)
        edge = (box.x, box.y, box.right - 1, box.bottom - 1)
        self._draw.rectangle(_grown(edge, line + 2 * rim), outline=_INK, width=rim)
        self._draw.rectangle(_grown(edge, line + rim), outline=self._colours[box.label], width=line)
        self._draw.rectangle(_grown(edge, rim), outline=_INK, width=rim)

    def labels(self, context: ToolContext) -> None:
        """Write the labels where there is room, or none when many would have to be left out."""
        plates = []
        for index in range(len(self._boxes)):
            context.check()
            plates.append(self._plate(index))
        wanted = sum(bool(box.label.strip()) for box in self._boxes)
        placed = [plate for plate in plates if plate is not None]
        # a page full of words with a few labels here and there would be a riddle
        if wanted > _CROWD and len(placed) < _MOST_OF_THEM * wanted:
            return
        for plate in placed:
            left, top, right, bottom = plate.ground
            ground = (left, top, right - 1, bottom - 1)
            self._draw.rectangle(ground, fill=plate.colour, outline=_INK)
            at = (left + plate.pad, top + plate.pad)
            self._draw.text(at, plate.text, fill=_INK, font=plate.letters, anchor="lt")

    def _plate(self, index: int) -> _Plate | None:
        """The label of a box where it hides nothing, from now on taken; None without room."""
        box = self._boxes[index]
        text = _shortened(box.label)
        if not text:
            return None
        letters = self._font(box)
        pad = max(2, round(letters.size / 5))
        _, _, width, height = self._draw.textbbox((0, 0), text, font=letters, anchor="lt")
        size = (int(width) + 2 * pad, int(height) + 2 * pad)
        place = next((at for at in self._places(box, size) if self._is_free(at, size, index)), None)
        if place is None:
            return None
        ground = (*place, place[0] + size[0], place[1] + size[1])
        self._take(ground)
        return _Plate(text, letters, pad, ground, self._colours[box.label])

    def _font(self, box: Box) -> FreeTypeFont:
        """Letters that suit the picture, but not larger than the box they speak of."""
        return font(max(11, min(round(min(self._size) / 30), round(box.height * 0.8))))

    def _places(self, box: Box, plate: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Left top corners to try: above the box, below, beside, and inside a large one."""
        wide, high = plate
        gap = 2 * self._unit
        left = max(0, min(box.x - gap, self._size[0] - wide))
        yield left, box.y - gap - high
        yield left, box.bottom + gap
        yield box.right + gap, box.y
        yield box.x - gap - wide, box.y
        if box.height >= 3 * high and box.width >= wide:
            yield box.x, box.y

    def _is_free(self, at: tuple[int, int], plate: tuple[int, int], own: int) -> bool:
        left, top = at
        right, bottom = left + plate[0], top + plate[1]
        if left < 0 or top < 0 or right > self._size[0] or bottom > self._size[1]:
            return False
        taken = self._taken
        hit = (taken[:, 0] < right) & (taken[:, 2] > left)
        hit &= (taken[:, 1] < bottom) & (taken[:, 3] > top)
        hit[own] = False
        return not hit.any()

    def _take(self, ground: tuple[int, int, int, int]) -> None:
        import numpy as np

        self._taken = np.vstack([self._taken, np.array([ground], dtype=np.int64)])


def _grown(edge: tuple[int, int, int, int], by: int) -> tuple[int, int, int, int]:
    return edge[0] - by, edge[1] - by, edge[2] + by, edge[3] + by


def _shortened(label: str) -> str:
    line = " ".join(label.split())
    return line if len(line) <= _MAX_LABEL_CHARS else line[: _MAX_LABEL_CHARS - 1].rstrip() + "…"
