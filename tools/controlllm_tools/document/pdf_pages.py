"""Turn the pages of a PDF into pictures."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import write_png
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.media.pdf import POINTS_PER_INCH, open_pdf, pages_of
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_DPI = 150
_LEAST_DPI, _MOST_DPI = 36, 600
_MOST_PAGES = 500


class PdfPages(CpuTool):
    """One PNG a page, drawn by PDFium; one page is in memory at a time."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw.

        Returns:
            `pages`: the pictures in order, RGB, `dpi` pixels an inch.

        Raises:
            InvalidInput: No PDF, locked, a resolution out of range, a page that would be too
                large, or no such pages.
        """
        dpi = inputs.number("dpi", _DPI)
        if not _LEAST_DPI <= dpi <= _MOST_DPI:
            msg = f"a resolution of {dpi:g} dpi is not drawn; from {_LEAST_DPI} to {_MOST_DPI} are"
            raise InvalidInput(msg)
        path = inputs.file("document")
        name = inputs.one("document").resource.name or path.name
        pages: list[Output] = []
        with open_pdf(path, name) as document:
            first, last = page_range(inputs, len(document))
            if last - first >= _MOST_PAGES:
                msg = f"{last - first + 1} pages are too many; ask for at most {_MOST_PAGES}"
                raise InvalidInput(msg)
            for number, page in enumerate(pages_of(document, name), start=1):
                if not first <= number <= last:
                    continue
                context.check()
                context.progress((number - first) / (last - first + 1), f"page {number}")
                width, height = page.get_size()
                _check_size(width * height * (dpi / POINTS_PER_INCH) ** 2, number)
                drawn = page.render(scale=dpi / POINTS_PER_INCH, rev_byteorder=True).to_numpy()
                out = write_png(drawn[:, :, :3].copy(), context.scratch / f"page-{number:04}.png")
                pages.append(Output.of_file(out, caption=f"page {number} of {len(document)}"))
        return {"pages": pages}


def page_range(inputs: Inputs, pages: int) -> tuple[int, int]:
    """The first and the last page that are wanted, counted from 1.

    Raises:
        InvalidInput: The document has no such pages.
    """
    first, last = inputs.number("first_page", 1), inputs.number("last_page", pages)
    if not 1 <= first <= last or first > pages or first != int(first) or last != int(last):
        msg = f"pages {first:g} to {last:g} cannot be taken; the document has 1 to {pages}"
        raise InvalidInput(msg)
    return int(first), min(int(last), pages)


def _check_size(pixels: float, number: int) -> None:
    if pixels > LIMITS.image_pixels:
        msg = (
            f"page {number} would have {pixels / 1e6:.0f} megapixels, the limit is "
            f"{LIMITS.image_pixels / 1e6:.0f}; ask for fewer dpi"
        )
        raise InvalidInput(msg)
