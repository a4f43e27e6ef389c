"""Put several pictures onto one: as a collage, or in one row or column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import open_picture
from controlllm_tools.media.lettering import Look, strip
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # Pillow loads when pictures are arranged, not when a tool is listed
    from PIL.Image import Image as Picture

_MOST_PICTURES = 200
_WIDTH_PX = Range(100, 8_000)
_GAP_PX = Range(0, 500)
_USUAL_WIDTH_PX = 1_600
_SHAPE = 4 / 3
"""Width to height that a collage comes as close to as its pictures allow."""
_SIDE_PX = 1_600
"""Largest common height of a row, or width of a column."""
_MOST_PX = 16_000_000
"""All pictures of a row or column together."""
_LABEL_SHARE = 0.045
_DOWN = frozenset({"below", "under", "vertically", "column"})
_GROUNDS = {"white": (255, 255, 255), "black": (0, 0, 0)}


class Collage(CpuTool):
    """Rows of pictures that keep their shapes and fill the whole width, without cutting any off.

    Pictures are held in the size they will have, so that a hundred large ones go through.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Make a collage.

        Returns:
            `collage`: PNG of the wanted width; its height follows from the pictures.

        Raises:
            InvalidInput: A picture cannot be read, there are too many, or a number is out of range.
        """
        from PIL import Image

        files = _files(inputs)
        width_px = round(_WIDTH_PX.read(inputs, "width", _USUAL_WIDTH_PX))
        gap_px = round(_GAP_PX.read(inputs, "gap", max(2, width_px // 160)))
        pictures = _small(files, 2 * width_px * width_px // len(files), context)
        shapes = [picture.width / picture.height for picture in pictures]
        rows = _best_rows(shapes, width_px, gap_px)
        heights = [_height(shapes[a:b], width_px, gap_px) for a, b in rows]
        ground = _GROUNDS[inputs.text("background", "white")]
        whole = Image.new("RGB", (width_px, sum(heights) + gap_px * (len(rows) + 1)), ground)
        top = gap_px
        for (first, last), height in zip(rows, heights, strict=True):
            context.check()
            _paste_row(whole, pictures[first:last], (top, height), gap_px)
            top += height + gap_px
        path = context.scratch / "collage.png"
        whole.save(path, format="PNG", compress_level=6)
        caption = f"{len(files)} pictures in {len(rows)} row{'' if len(rows) == 1 else 's'}"
        return {"collage": Output.of_file(path, caption=caption)}


class SideBySide(CpuTool):
    """Pictures of one height in a row, or of one width in a column, to compare them."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Put pictures next to each other.

        Returns:
            `image`: PNG with the pictures in the order given, each with its label below it.

        Raises:
            InvalidInput: A picture cannot be read, there are too many, or there is not one
                label for each.
        """
        from PIL import Image

        files = _files(inputs)
        labels = _labels(inputs.text("labels"), len(files))
        gap_px = round(_GAP_PX.read(inputs, "gap", 10))
        down = inputs.text("direction", "beside") in _DOWN
        pictures = _small(files, LIMITS.image_pixels // len(files), context)
        parts = [
            _labelled(*each) for each in zip(_matched(pictures, down=down), labels, strict=True)
        ]
        context.check()
        width, height = _extent(parts, gap_px, down=down)
        whole = Image.new("RGB", (width, height), _GROUNDS[inputs.text("background", "white")])
        at = 0
        for part in parts:
            whole.paste(part, (0, at) if down else (at, 0))
            at += gap_px + (part.height if down else part.width)
        path = context.scratch / "side-by-side.png"
        whole.save(path, format="PNG", compress_level=6)
        caption = f"{len(parts)} pictures {'below' if down else 'next to'} each other"
        return {"image": Output.of_file(path, caption=caption)}


def _files(inputs: Inputs) -> tuple[Path, ...]:
    files = inputs.files("images")
    if len(files) > _MOST_PICTURES:
        msg = f"give at most {_MOST_PICTURES} pictures, got {len(files)}"
        raise InvalidInput(msg)
    return files


def _small(files: Sequence[Path], most_px: int, context: ToolContext) -> list[Picture]:
    """The pictures, each scaled down to so many pixels if it has more."""
    pictures = []
    for number, file in enumerate(files):
        context.check()
        picture = open_picture(file)
        factor = math.sqrt(most_px / (picture.width * picture.height))
        if factor < 1:
            picture = _resized(picture, picture.width * factor, picture.height * factor)
        pictures.append(picture)
        context.progress(0.8 * (number + 1) / len(files), "reading")
    return pictures


def _resized(picture: Picture, width: float, height: float) -> Picture:
    from PIL import Image

    size = (max(1, round(width)), max(1, round(height)))
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)


def _best_rows(shapes: Sequence[float], width_px: int, gap_px: int) -> list[tuple[int, int]]:
    """First and last picture of each row, for the number of rows that gives the best shape."""
    tried = [rows_of(shapes, count) for count in range(1, len(shapes) + 1)]

    def off(rows: list[tuple[int, int]]) -> float:
        height = sum(_height(shapes[a:b], width_px, gap_px) + gap_px for a, b in rows)
        return abs(math.log(width_px / height / _SHAPE))

    return min(tried, key=off)


def rows_of(shapes: Sequence[float], count: int) -> list[tuple[int, int]]:
    """Cut a list into so many runs of about the same sum, in order, none of them empty."""
    reached = [0.0, *accumulate(shapes)]
    cuts = [0]
    for row in range(1, count):
        goal = reached[-1] * row / count
        choices = range(cuts[-1] + 1, len(shapes) - (count - row) + 1)
        cuts.append(min(choices, key=lambda at: abs(reached[at] - goal)))
    return list(zip(cuts, [*cuts[1:], len(shapes)], strict=True))


def _height(shapes: Sequence[float], width_px: int, gap_px: int) -> int:
    """Height of a row that fills the width; a row of narrow pictures gets no higher than wide."""
    room = width_px - gap_px * (len(shapes) + 1)
    return max(1, min(width_px, round(room / sum(shapes))))


def _paste_row(
    whole: Picture, pictures: Sequence[Picture], place: tuple[int, int], gap_px: int
) -> None:
    """Put pictures beside each other at a top pixel and with a height, in the middle."""
    top, height = place
    shapes = [picture.width / picture.height for picture in pictures]
    used = height * sum(shapes) + gap_px * (len(pictures) + 1)
    left = gap_px + max(0.0, (whole.width - used) / 2)
    for picture, shape in zip(pictures, shapes, strict=True):
        # from rounded edge to rounded edge, so that rounding does not add up along the row
        first, last = round(left), round(left + height * shape)
        whole.paste(_resized(picture, last - first, height), (first, top))
        left += height * shape + gap_px


def _labels(text: str, count: int) -> list[str]:
    """One label a picture, from lines, or else from what commas part; none when nothing is said."""
    if not text.strip():
        return [""] * count
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    labels = lines if len(lines) > 1 else [each.strip() for each in text.split(",")]
    if len(labels) != count:
        msg = f"{len(labels)} labels for {count} pictures; give one for each, parted by commas"
        raise InvalidInput(msg)
    return labels


def _matched(pictures: Sequence[Picture], *, down: bool) -> list[Picture]:
    """The pictures in one height, or one width when they stand in a column."""
    side = min(_SIDE_PX, max(each.width if down else each.height for each in pictures))
    sizes = []
    for each in pictures:
        factor = side / (each.width if down else each.height)
        sizes.append((each.width * factor, each.height * factor))
    whole = sum(width * height for width, height in sizes)
    # one very flat picture would become very wide
    fit = min(1.0, math.sqrt(_MOST_PX / whole))
    return [
        _resized(each, size[0] * fit, size[1] * fit)
        for each, size in zip(pictures, sizes, strict=True)
    ]


def _labelled(picture: Picture, label: str) -> Picture:
    from PIL import Image

    if not label:
        return picture
    words = strip(label, picture.width, Look(size_px=max(12, round(_LABEL_SHARE * picture.height))))
    whole = Image.new("RGB", (picture.width, picture.height + words.height), (255, 255, 255))
    whole.paste(picture, (0, 0))
    whole.paste(words, (0, picture.height))
    return whole


def _extent(parts: Sequence[Picture], gap_px: int, *, down: bool) -> tuple[int, int]:
    gaps = gap_px * (len(parts) - 1)
    widths, heights = [part.width for part in parts], [part.height for part in parts]
    if down:
        return max(widths), sum(heights) + gaps
    return sum(widths) + gaps, max(heights)
