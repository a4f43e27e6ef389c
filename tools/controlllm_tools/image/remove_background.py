"""Cut the subject out of a picture, or say with a mask where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.image.detect_faces import DetectFaces
from controlllm_tools.image.foreground import Foreground, Hints, find_foreground
from controlllm_tools.media.boxes import Boxes
from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.media.masks import read_mask
from controlllm_tools.tool import Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]


class _SubjectTool:
    """Finds the subject; a face is a hint when nothing better is given."""

    def __init__(self) -> None:
        self._faces = DetectFaces()

    def load(self, device: str) -> None:
        """Read the face finder.

        Raises:
            ToolUnavailable: The installed OpenCV came without its cascades.
        """
        self._faces.load(device)

    def unload(self) -> None:
        """Free the face finder."""
        self._faces.unload()

    def _find(self, inputs: Inputs, context: ToolContext) -> Foreground:
        rgb = read_rgb(inputs.file("image"))
        height, width = rgb.shape[:2]
        boxes = None
        if "boxes" in inputs:
            boxes = Boxes.from_json(inputs.text("boxes")).fitted(width, height).boxes
            if not boxes:
                msg = "there is no box to cut out: nothing was found on the picture"
                raise InvalidInput(msg)
        hints = Hints(
            mask=read_mask(inputs.file("mask"), width, height) if "mask" in inputs else None,
            boxes=boxes,
            faces=lambda pixels: self._faces.find(pixels, context).boxes,
            holes=inputs.flag("holes", default=True),
        )
        return find_foreground(rgb, hints, context)


class RemoveBackground(_SubjectTool):
    """Make everything but the subject transparent."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Cut the subject out.

        Returns:
            `cutout`: RGBA PNG of the same width and height.

        Raises:
            InvalidInput: The picture or a hint cannot be read, a hint is of another picture, or
                what the subject is cannot be told.
        """
        found = self._find(inputs, context)
        path = write_png(found.colours, context.scratch / "cutout.png", found.alpha)
        caption = f"cut-out, found by {found.found_by}: {_share(found):.0%} of the picture"
        return {"cutout": Output.of_file(path, caption=caption)}


class ForegroundMask(_SubjectTool):
    """Say which pixels are the subject."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Mask the subject.

        Returns:
            `mask`: PNG of the same width and height, one channel, white on the subject.

        Raises:
            InvalidInput: As for `RemoveBackground`.
        """
        found = self._find(inputs, context)
        path = write_png(found.alpha, context.scratch / "mask.png")
        caption = f"mask, found by {found.found_by}: {_share(found):.0%} of the picture"
        return {"mask": Output.of_file(path, caption=caption)}


def _share(found: Foreground) -> float:
    return float(found.alpha.mean()) / 255
