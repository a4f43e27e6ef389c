"""Show a whole video on one picture: frames in rows, each with its time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.fonts import font
from controlllm_tools.media.movies import scaled_size, video_facts
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.stills import clock, still

if TYPE_CHECKING:  # numpy and Pillow load when a sheet is drawn, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray
    from PIL.Image import Image as Picture

    Rgb = NDArray[uint8]

_COUNT, _COLUMNS = Range(1, 100), Range(1, 12)
_WIDTH_PX, _GAP_PX = 1_600, 12
_LETTERS_PX = 22
_PAPER, _INK = (250, 249, 246), (40, 40, 44)


class ContactSheet(CpuTool):
    """Frames from the middle of equal parts of a video."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Take the frames one by one, and set them in rows.

        Returns:
            `sheet`: PNG, about 1,600 pixels wide.

        Raises:
            InvalidInput: The file is no video, or a number is out of range.
        """
        count = round(_COUNT.read(inputs, "count", 12))
        columns = min(count, round(_COLUMNS.read(inputs, "columns", min(4, count))))
        path = inputs.file("video")
        facts = video_facts(path)
        seconds = facts.duration_s or 0.0
        cell_px = (_WIDTH_PX - _GAP_PX * (columns + 1)) // columns
        width, height = scaled_size(facts, cell_px)
        sheet = _paper(columns, math.ceil(count / columns), (width, height))
        shown = 0
        for number in range(count):
            context.check()
            at_s = (number + 0.5) * seconds / count
            frame = still(path, at_s, context, max_width_px=width)
            if frame is None:
                continue
            _place(sheet, frame, at_s, divmod(shown, columns))
            shown += 1
            context.progress((number + 1) / count, clock(at_s))
        if not shown:
            msg = f"no picture of {path.name} can be decoded"
            raise InvalidInput(msg)
        target = context.scratch / "contact-sheet.png"
        sheet.save(target, format="PNG")
        caption = f"{shown} frames of {seconds:.1f} s in {columns} columns"
        return {"sheet": Output.of_file(target, caption=caption)}


def _paper(columns: int, rows: int, cell: tuple[int, int]) -> Picture:
    from PIL import Image

    step = cell[1] + _GAP_PX + _line_px()
    size = columns * (cell[0] + _GAP_PX) + _GAP_PX, rows * step + _GAP_PX
    return Image.new("RGB", size, _PAPER)


def _place(sheet: Picture, frame: Rgb, at_s: float, cell: tuple[int, int]) -> None:
    """Set a frame into a row and column, with its time below."""
    from PIL import Image, ImageDraw

    height, width = frame.shape[:2]
    row, column = cell
    left = _GAP_PX + column * (width + _GAP_PX)
    top = _GAP_PX + row * (height + _GAP_PX + _line_px())
    sheet.paste(Image.fromarray(frame), (left, top))
    middle = (left + width / 2, top + height + _line_px() / 2)
    draw = ImageDraw.Draw(sheet)
    draw.text(middle, clock(at_s), fill=_INK, font=font(_LETTERS_PX), anchor="mm")


def _line_px() -> int:
    return round(1.4 * _LETTERS_PX)
