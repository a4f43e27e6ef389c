"""Read the words on a picture, in reading order, with a rectangle around each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

from controlllm_tools.errors import ToolFailed
from controlllm_tools.image.reading_order import paragraphs
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_rgb
from controlllm_tools.media.recogniser import open_recogniser
from controlllm_tools.tool import Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # the recogniser loads in `load`, not when the tool is listed
    from numpy import uint8
    from numpy.typing import NDArray
    from rapidocr import RapidOCR

    Rgb = NDArray[uint8]

_SURE = 0.6
"""Lines that the recogniser believes in less than this are left out; they are mostly noise."""
_LEAST_SEEN = 0.4
"""How clear a line must stand out; at the usual 0.5, short ones after a row of dots get lost."""
_LONGEST_STRIP = 2.5
"""A picture that is longer than this, in its own width, is a strip."""
_LEADER = re.compile(r"^[.·…•]+$|[.·•]{4,}$|…{2,}$")
"""Dots that lead the eye from a name to a price: alone, or at the end of a word."""

_Corners = Sequence[Sequence[float]]


class _Recognised(Protocol):
    """What the recogniser returns: nothing but None when it found no text."""

    boxes: Sequence[_Corners] | None
    txts: Sequence[str] | None
    scores: Sequence[float]
    word_results: Sequence[Sequence[tuple[str, float, _Corners]]]


class ReadText:
    """Optical character recognition by PP-OCRv6 (PaddleOCR), run by ONNX Runtime on the CPU.

    The models come inside the rapidocr package and are named by path, so nothing is downloaded.
    Latin and Chinese scripts are read; a picture is looked at with at most 2,000 pixels a side.
    """

    def __init__(self) -> None:
        self._recogniser: RapidOCR | None = None

    def load(self, device: str) -> None:
        """Make the recogniser, on the CPU whatever the device; it opens each model when first used.

        Raises:
            ToolUnavailable: The installed rapidocr does not carry the models.
        """
        del device
        self._recogniser = open_recogniser(Global__text_score=_SURE, Det__box_thresh=_LEAST_SEEN)

    def unload(self) -> None:
        """Free the models."""
        self._recogniser = None

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Read a picture.

        Returns:
            `text`: lines in reading order, an empty line between paragraphs; empty when the
            picture shows no words. `boxes`: one box a word, labelled with it, in the same order.

        Raises:
            InvalidInput: The picture cannot be read.
        """
        text, boxes = self.read(read_rgb(inputs.file("image")), context)
        count = len(boxes.boxes)
        caption = f"{count} word{'' if count == 1 else 's'}" if count else "no words found"
        return {
            "text": Output.of_text(text, name="text.txt", caption=caption),
            "boxes": Output.of_json(boxes.to_json(), name="words.json", caption=caption),
        }

    def read(self, pixels: Rgb, context: ToolContext) -> tuple[str, Boxes]:
        """The words on a picture that is in memory.

        Args:
            pixels: Shape (height, width, 3), uint8, RGB.
            context: Of the call.

        Returns:
            The lines in reading order, and a box around each word in the same order.

        Raises:
            ToolFailed: The tool was not loaded.
        """
        if self._recogniser is None:
            msg = "read_text was called before it was loaded"
            raise ToolFailed(msg)
        context.check()
        # the recogniser expects the channel order of OpenCV
        result = self._recogniser(_widened(pixels)[:, :, ::-1], return_word_box=True)
        context.check()
        # its own type hints name only some of the shapes that it returns
        words = _words_by_line(cast("_Recognised", result))
        found = paragraphs(list(words))
        text = "\n\n".join(paragraph.text() for paragraph in found)
        ordered = [w for p in found for row in p.rows for line in row for w in words[line]]
        height, width = pixels.shape[:2]
        return text, Boxes(width_px=width, height_px=height, boxes=tuple(ordered))


def _widened(pixels: Rgb) -> Rgb:
    """A strip gets paper below or beside it: the recogniser enlarges the shorter side, and time."""
    import numpy as np

    height, width = pixels.shape[:2]
    below = max(0, round(width / _LONGEST_STRIP) - height)
    beside = max(0, round(height / _LONGEST_STRIP) - width)
    if not below and not beside:
        return pixels
    paper = np.median(np.concatenate([pixels[-1], pixels[:, -1]]), axis=0).astype(np.uint8)
    widened = np.empty((height + below, width + beside, 3), dtype=np.uint8)
    widened[:] = paper
    widened[:height, :width] = pixels
    return widened


def _words_by_line(result: _Recognised) -> dict[Box, tuple[Box, ...]]:
    """The words of each line, keyed by the line; a line without letters or digits is left out."""
    if result.txts is None or result.boxes is None:
        return {}
    lines: dict[Box, tuple[Box, ...]] = {}
    for corners, score, words in zip(result.boxes, result.scores, result.word_results, strict=True):
        kept = tuple(
            _box(where, shown, word_score)
            for word, word_score, where in words
            if (shown := _LEADER.sub("", word.strip()))
        )
        if any(mark.isalnum() for word in kept for mark in word.label):
            lines[_box(corners, " ".join(word.label for word in kept), score)] = kept
    return lines


def _box(corners: _Corners, label: str, score: float) -> Box:
    """The upright rectangle around four corners."""
    across = [float(x) for x, _ in corners]
    down = [float(y) for _, y in corners]
    left, top = int(min(across)), int(min(down))
    return Box(
        x=max(0, left),
        y=max(0, top),
        width=max(1, round(max(across)) - left),
        height=max(1, round(max(down)) - top),
        label=label.strip(),
        score=round(float(score), 3),
    )
