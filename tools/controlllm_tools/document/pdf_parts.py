"""Join PDF documents into one, and take some pages out of one."""

from __future__ import annotations

from controlllm_tools.document.pdf_pages import page_range
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.media.pdf import new_pdf, open_pdf, save_pdf
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class JoinPdfs(CpuTool):
    """All pages of all documents, by PDFium; bookmarks and filled forms do not come along."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Join.

        Returns:
            `document`: the pages of the first one, then of the next one, and so on.

        Raises:
            InvalidInput: One of them is no PDF, locked, or they have too many pages together.
        """
        items, paths = inputs["documents"], inputs.files("documents")
        with new_pdf() as joined:
            for number, (item, path) in enumerate(zip(items, paths, strict=True), start=1):
                context.check()
                context.progress(number / len(items), f"document {number} of {len(items)}")
                with open_pdf(path, item.resource.name) as document:
                    if len(joined) + len(document) > LIMITS.pages:
                        msg = f"together they have more than {LIMITS.pages} pages, the limit"
                        raise InvalidInput(msg)
                    joined.import_pages(document)
            caption = f"{len(joined)} pages of {len(items)} documents"
            out = save_pdf(joined, context.scratch / "joined.pdf")
        return {"document": Output.of_file(out, caption=caption)}


class SplitPdf(CpuTool):
    """A stretch of pages as a document of its own, or every page as one."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Take out.

        Returns:
            `documents`: pages `first_page` to `last_page` in parts of `pages_each` pages; by
            default one part with all of them.

        Raises:
            InvalidInput: No PDF, locked, or without such pages.
        """
        path = inputs.file("document")
        name = inputs.one("document").resource.name or path.name
        parts: list[Output] = []
        with open_pdf(path, name) as document:
            first, last = page_range(inputs, len(document))
            each = inputs.number("pages_each", last - first + 1)
            if each < 1 or each != int(each):
                msg = f"parts of {each:g} pages cannot be made; give a whole number from 1"
                raise InvalidInput(msg)
            for begin in range(first, last + 1, int(each)):
                context.check()
                context.progress((begin - first) / (last - first + 1), f"page {begin}")
                end = min(last, begin + int(each) - 1)
                with new_pdf() as part:
                    part.import_pages(document, list(range(begin - 1, end)))
                    out = save_pdf(part, context.scratch / f"pages-{begin:04}-{end:04}.pdf")
                shown = f"page {begin}" if begin == end else f"pages {begin} to {end}"
                parts.append(Output.of_file(out, caption=shown))
        return {"documents": parts}
