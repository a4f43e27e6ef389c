"""Words set in lines that fit a width, on a strip of one colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.fonts import font

if TYPE_CHECKING:  # Pillow loads when words are set, not when a tool is listed
    from PIL.Image import Image as Picture
    from PIL.ImageFont import FreeTypeFont

Colour = tuple[int, int, int]

_LONGEST_CHARS = 5_000
_LINE_HEIGHT = 1.35
"""From one line to the next, against the size of the letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How words look.

    Attributes:
        size_px: Height of the letters.
        ink: Their colour.
        ground: The colour behind them.
    """

    size_px: int
    ink: Colour = (20, 20, 20)
    ground: Colour = (255, 255, 255)


def strip(text: str, width_px: int, look: Look) -> Picture:
    """Words in the middle of a strip of that width, as high as they need.

    Raises:
        InvalidInput: There are no words, or far too many.
    """
    from PIL import Image, ImageDraw

    letters = font(look.size_px)
    pad = max(2, round(0.6 * look.size_px))
    lines = wrapped(text, letters, max(1, width_px - 2 * pad))
    step = round(_LINE_HEIGHT * look.size_px)
    picture = Image.new("RGB", (width_px, step * len(lines) + pad), look.ground)
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        middle = (width_px / 2, pad / 2 + (number + 0.5) * step)
        draw.text(middle, line, fill=look.ink, font=letters, anchor="mm")
    return picture


def wrapped(text: str, letters: FreeTypeFont, width_px: int) -> list[str]:
    """The words in lines that are not wider; a longer word is broken where it must be.

    Raises:
        InvalidInput: There are no words, or far too many.
    """
    if not text.strip():
        msg = "there are no words to write; give a text"
        raise InvalidInput(msg)
    if len(text) > _LONGEST_CHARS:
        msg = f"{len(text)} characters are too many on a picture; give at most {_LONGEST_CHARS}"
        raise InvalidInput(msg)
    lines: list[str] = []
    for paragraph in text.strip().splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if letters.getlength(longer) <= width_px:
                line = longer
                continue
            if line:
                lines.append(line)
            *broken, line = _broken(word, letters, width_px)
            lines += broken
        lines.append(line)
    return lines


def _broken(word: str, letters: FreeTypeFont, width_px: int) -> list[str]:
    parts = [""]
    for letter in word:
        if parts[-1] and letters.getlength(parts[-1] + letter) > width_px:
            parts.append("")
        parts[-1] += letter
    return parts
