"""Take the text layer out of a PDF, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.pdf import open_pdf, pages_of
from controlllm_tools.resources import without_controls
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # PDFium loads when a document is opened, not when the tool is listed
    from pypdfium2 import PdfPage

_PAGE_BREAK = "\n\n"
_LINE_END_HYPHEN = "\ufffe"
"""How PDFium marks a hyphen that only stands there because the line ended."""


class PdfText(CpuTool):
    """The text that a PDF carries; pictures of text, such as scans, have none and need OCR."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Extract.

        Returns:
            `text`: page after page with an empty line between, in the order of the document.

        Raises:
            InvalidInput: No PDF, locked, or without a text layer on any page.
        """
        path = inputs.file("document")
        name = inputs.one("document").resource.name or path.name
        with open_pdf(path, name) as document:
            total, empty = len(document), 0
            out = context.scratch / "text.txt"
            with out.open("w", encoding="utf-8", newline="\n") as stream:
                for number, page in enumerate(pages_of(document, name), start=1):
                    context.check()
                    context.progress(number / total, f"page {number} of {total}")
                    text = page_text(page)
                    empty += not text
                    stream.write(text + _PAGE_BREAK if text else "")
        if empty == total:
            msg = (
                f"{name} has no text layer: its {total} pages are pictures, as in a scan; "
                "read the words on them by OCR instead (read_scan)"
            )
            raise InvalidInput(msg)
        caption = f"{total} pages" + (f", {empty} of them without text" if empty else "")
        return {"text": Output.of_file(out, name="text.txt", caption=caption)}


def page_text(page: PdfPage) -> str:
    """The text of one page, with words joined that were parted at the end of a line."""
    reader = page.get_textpage()
    try:
        raw: str = reader.get_text_range()
    finally:
        reader.close()
    joined = raw.replace("\r\n", "\n").replace(_LINE_END_HYPHEN + "\n", "")
    plain = without_controls(joined.replace(_LINE_END_HYPHEN, ""))
    return "\n".join(line.rstrip() for line in plain.split("\n")).strip()
