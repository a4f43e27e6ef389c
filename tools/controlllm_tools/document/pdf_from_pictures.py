"""Put pictures into one PDF, a page each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import open_picture
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # the PDF writer loads when a document is written, not when the tool is listed
    from controlllm_tools.media.paper import Paper

_MOST = 2_000
_A4_MM = (210.0, 297.0)
_MARGIN_MM = 10.0
_MM_PER_INCH = 25.4
_PICTURE_DPI = 150.0
_JPEG_QUALITY = 90


class PdfFromPictures(CpuTool):
    """Pages in the order of the pictures, upright or sideways as each of them is.

    A photo is put in as JPEG, anything with few colours, such as a scan of print, without loss.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Compose.

        Returns:
            `document`: one page a picture: A4 with a small margin, or exactly as large as the
            picture (`page` is `picture`, at 150 pixels an inch).

        Raises:
            InvalidInput: A picture cannot be read, or there are too many.
        """
        from controlllm_tools.media.paper import Paper

        pictures = inputs.files("images")
        if len(pictures) > _MOST:
            msg = f"{len(pictures)} pictures are too many for one PDF; the limit is {_MOST}"
            raise InvalidInput(msg)
        fitted = inputs.text("page", "A4") == "A4"
        with Paper(numbered=False) as paper:
            paper.set_auto_page_break(auto=False)
            for number, path in enumerate(pictures, start=1):
                context.check()
                context.progress(number / len(pictures), f"picture {number} of {len(pictures)}")
                self._put(paper, path, context.scratch, fitted=fitted)
            out = paper.finish(context.scratch / "pictures.pdf")
            return {"document": Output.of_file(out, caption=paper.caption())}

    def _put(self, paper: Paper, path: Path, scratch: Path, *, fitted: bool) -> None:
        picture = open_picture(path)
        few_colours = picture.getcolors(4_096) is not None
        stored = scratch / ("page.png" if few_colours else "page.jpg")
        picture.save(stored, quality=_JPEG_QUALITY)
        width, height = (side / _PICTURE_DPI * _MM_PER_INCH for side in picture.size)
        if not fitted:
            paper.add_page(format=(width, height))
            paper.image(str(stored), 0, 0, width, height)
            return
        across, down = _A4_MM if height >= width else _A4_MM[::-1]
        scale = min((across - 2 * _MARGIN_MM) / width, (down - 2 * _MARGIN_MM) / height)
        width, height = width * scale, height * scale
        paper.add_page(format=(across, down))
        paper.image(str(stored), (across - width) / 2, (down - height) / 2, width, height)
