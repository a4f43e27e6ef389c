"""A picture with time from left to right: a panel with axes, to be filled by who draws on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.fonts import font
from controlllm_tools.media.images import write_png

if TYPE_CHECKING:  # numpy and Pillow load when a picture is drawn, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray
    from PIL.ImageDraw import ImageDraw

    Rgb = NDArray[uint8]

_PAPER, _INK, _GRID = (255, 255, 255), (40, 40, 48), (222, 224, 230)
_LEFT_PX, _RIGHT_PX, _TOP_PX, _BOTTOM_PX = 84, 24, 20, 58
_TEXT_PX, _TICK_PX = 15, 6
_MOST_TICKS = 9
_SIDES_PX = (200, 8_000)
_TITLE_GAP_PX = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on the upright axis: where, from 0 at the bottom to 1 at the top, and its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeChart:
    """Size and axes of the picture.

    Attributes:
        width_px: Of the whole picture.
        height_px: Of the whole picture.
        seconds: Time from the left to the right edge of the panel.
        title: Of the upright axis, with its unit.
        ticks: Marks of the upright axis.
        margin_px: Room kept free on the right, for a scale of colours.
    """

    width_px: int
    height_px: int
    seconds: float
    title: str
    ticks: tuple[Tick, ...]
    margin_px: int = 0

    @property
    def panel_px(self) -> tuple[int, int]:
        """Width and height of the panel between the axes."""
        width = self.width_px - _LEFT_PX - _RIGHT_PX - self.margin_px
        return width, self.height_px - _TOP_PX - _BOTTOM_PX

    def write(self, panel: Rgb, path: Path, *, scale: tuple[Rgb, Sequence[Tick]] | None) -> Path:
        """Draw the axes round a panel.

        Args:
            panel: RGB uint8 of shape (height, width, 3), of the size of `panel_px`.
            path: PNG to write.
            scale: Colours from top to bottom, shape (height, 1, 3), and the marks beside them.

        Returns:
            The path.
        """
        import numpy as np
        from PIL import Image, ImageDraw

        width, height = self.panel_px
        picture = Image.new("RGB", (self.width_px, self.height_px), _PAPER)
        draw = ImageDraw.Draw(picture)
        picture.paste(Image.fromarray(panel), (_LEFT_PX, _TOP_PX))
        self._time_axis(draw)
        _upright_axis(draw, _LEFT_PX, height, self.ticks)
        title = Image.new("L", (height, _TEXT_PX + 8), 0)
        ImageDraw.Draw(title).text(
            (height / 2, 0), self.title, fill=255, font=font(_TEXT_PX), anchor="ma"
        )
        upright = title.rotate(90, expand=True)
        picture.paste(_INK, (_TITLE_GAP_PX, _TOP_PX), upright)
        if scale is not None:
            colours, ticks = scale
            left = _LEFT_PX + width + 18
            bar = np.repeat(colours, 16, axis=1)
            picture.paste(Image.fromarray(bar).resize((16, height)), (left, _TOP_PX))
            _upright_axis(draw, left + 16, height, ticks, rightwards=True)
        return write_png(np.asarray(picture), path)

    def _time_axis(self, draw: ImageDraw) -> None:
        width, height = self.panel_px
        bottom = _TOP_PX + height
        draw.rectangle((_LEFT_PX - 1, _TOP_PX - 1, _LEFT_PX + width, bottom), outline=_INK, width=1)
        for time_s in time_ticks(self.seconds):
            x = _LEFT_PX + round(time_s / self.seconds * (width - 1))
            draw.line((x, bottom, x, bottom + _TICK_PX), fill=_INK)
            label = clock(time_s, self.seconds)
            draw.text(
                (x, bottom + _TICK_PX + 2), label, fill=_INK, font=font(_TEXT_PX), anchor="ma"
            )
        unit = "time in seconds" if self.seconds < 120 else "time in minutes and seconds"
        middle = (_LEFT_PX + width / 2, self.height_px - 4)
        draw.text(middle, unit, fill=_INK, font=font(_TEXT_PX), anchor="md")


def chart_size(width: float, height: float) -> tuple[int, int]:
    """Width and height of a picture in pixels.

    Raises:
        InvalidInput: One is too small for its axes, or too large.
    """
    least, most = _SIDES_PX
    for name, side in (("width_px", width), ("height_px", height)):
        if not least <= side <= most:
            msg = f"{name} must lie between {least} and {most}, got {side:g}"
            raise InvalidInput(msg)
    return round(width), round(height)


def round_step(span: float, most: int = _MOST_TICKS) -> float:
    """The smallest of 1, 2, 5, 10, ... that divides a span into no more than so many steps."""
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= rough * (1 - 1e-9))


def time_ticks(seconds: float) -> list[float]:
    """Times from zero at round steps: of seconds, or of whole minutes in long recordings."""
    step = round_step(seconds)
    if step > 10:
        fits = (each for each in (15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200) if
                seconds / each <= _MOST_TICKS)  # fmt: skip
        step = float(next(fits, 14_400))
    return [index * step for index in range(int(seconds / step + 1e-6) + 1)]


def clock(time_s: float, whole_s: float) -> str:
    """`2.5` in short recordings, `1:05` and `1:02:05` in long ones."""
    if whole_s < 120:
        return f"{time_s:.6g}"
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _upright_axis(
    draw: ImageDraw, x: int, height: int, ticks: Sequence[Tick], *, rightwards: bool = False
) -> None:
    side = 1 if rightwards else -1
    for tick in ticks:
        y = _TOP_PX + round((1 - tick.at) * (height - 1))
        draw.line((x, y, x + side * _TICK_PX, y), fill=_INK)
        anchor = "lm" if rightwards else "rm"
        at = (x + side * (_TICK_PX + 3), y)
        draw.text(at, tick.label, fill=_INK, font=font(_TEXT_PX), anchor=anchor)
