"""Words as a picture: the first line large, the others smaller below a thin line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.fonts import font
from controlllm_tools.media.lettering import wrapped

if TYPE_CHECKING:  # numpy and Pillow load when a title is drawn, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray
    from PIL.ImageFont import FreeTypeFont

    Rgb = NDArray[uint8]

GROUNDS = {
    "black": (12, 12, 14),
    "white": (248, 247, 243),
    "blue": (24, 52, 96),
    "grey": (78, 80, 86),
}
LONGEST_CHARS = 2_000

_LARGEST, _LEAST_PX = 1 / 7, 8
_SMALLER = 0.45
_STEP = 1.25
_WIDE, _HIGH = 0.84, 0.86
_DARK = 140

_Line = tuple[str, "FreeTypeFont"]


def title_picture(text: str, size: tuple[int, int], ground: str = "black") -> Rgb:
    """Draw words in the middle of a plain picture, as large as they fit.

    Args:
        text: The first line is the title; the others are set smaller.
        size: Width and height in pixels.
        ground: One of `GROUNDS`.

    Returns:
        RGB uint8 of shape (height, width, 3).

    Raises:
        InvalidInput: There are no words, or too many to be read.
    """
    import numpy as np
    from PIL import Image, ImageDraw

    if len(text) > LONGEST_CHARS:
        msg = f"a title of {len(text)} characters cannot be read; give at most {LONGEST_CHARS}"
        raise InvalidInput(msg)
    title, _, rest = text.strip().partition("\n")
    lines, height = _fitted(title, rest.strip(), size)
    colour = GROUNDS[ground]
    ink = (250, 250, 248) if sum(colour) / 3 < _DARK else (28, 28, 32)
    picture = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(picture)
    top = (size[1] - height) / 2
    largest = lines[0][1].size
    for line, letters in lines:
        if letters.size < largest and title:
            # once: a thin line between the title and what follows
            title, top = "", top + 0.5 * letters.size
            middle, half = size[0] / 2, size[0] * 0.06
            y = round(top - 0.15 * letters.size)
            draw.line((middle - half, y, middle + half, y), fill=ink, width=max(1, size[1] // 360))
            top += 0.35 * letters.size
        step = _STEP * letters.size
        draw.text((size[0] / 2, top + step / 2), line, fill=ink, font=letters, anchor="mm")
        top += step
    return np.asarray(picture, dtype=np.uint8)


def _fitted(title: str, rest: str, size: tuple[int, int]) -> tuple[list[_Line], float]:
    """Lines with their fonts, in the largest letters with which they fit, and their height."""
    px = max(_LEAST_PX, round(size[1] * _LARGEST))
    while True:
        large, small = font(px), font(max(_LEAST_PX, round(px * _SMALLER)))
        wide = max(1, round(size[0] * _WIDE))
        lines = [(line, large) for line in wrapped(title, large, wide)]
        if rest:
            lines += [(line, small) for line in wrapped(rest, small, wide)]
        height = sum(_STEP * letters.size for _, letters in lines) + (small.size if rest else 0)
        if height <= size[1] * _HIGH or px <= _LEAST_PX:
            return lines, height
        px = max(_LEAST_PX, round(px * 0.9))
