"""Make a PDF of text, of Markdown, of the source of a web page, or of several texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from controlllm_tools.document.blocks import Block, blocks_of
from controlllm_tools.document.markdown import html_of
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.progress import stage
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # the PDF writer loads when a document is written, not when the tool is listed
    from controlllm_tools.media.paper import Paper

_LONGEST_CHARS = 4 * 2**20
"""About 1,500 pages; the writer keeps the whole document in memory."""
_MOST_TEXTS = 1_000
_QUOTED_MM = 8.0


class PdfFromText(CpuTool):
    """Plain text as it is, paragraph by paragraph, on A4 with page numbers."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Write.

        Returns:
            `document`: the text, below its title where one is given. Markdown and the source of
            web pages are set as what they mean.

        Raises:
            InvalidInput: The text is empty or too long.
            ToolFailed: It is in a script that no font here has.
        """
        from controlllm_tools.media.paper import Paper

        text = _checked(inputs.text("text"))
        title = " ".join(inputs.text("title").split())
        with Paper(title) as paper:
            paper.add_page()
            if title:
                paper.heading(title)
            write(paper, text, inputs.one("text").resource.type, context)
            return _finished(paper, "text.pdf", context)


class PdfFromMarkup(CpuTool):
    """Markdown or the source of a web page: headings, lists, links, code and tables.

    Style sheets are not followed and pictures are not loaded: the result is a clean print of what
    is said, not a picture of the page.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Write.

        Returns:
            `document`: the page on A4, with its headings as bookmarks.

        Raises:
            InvalidInput: The page is empty or too long.
            ToolFailed: It is in a script that no font here has.
        """
        from controlllm_tools.media.paper import Paper

        (port,) = inputs
        source = _checked(inputs.text(port))
        with Paper() as paper:
            paper.add_page()
            write(paper, source, f"text.{port}", context)
            return _finished(paper, "page.pdf", context)


class PdfFromTexts(CpuTool):
    """Several texts, each beginning on a page of its own."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Write.

        Returns:
            `document`: the texts in their order, with a bookmark for each; an empty text has a
            page that says so.

        Raises:
            InvalidInput: All texts are empty, or there are too many or too long ones.
            ToolFailed: They are in a script that no font here has.
        """
        from controlllm_tools.media.paper import Paper

        items = inputs["texts"]
        texts = [item.text() for item in items]
        if len(texts) > _MOST_TEXTS:
            msg = f"{len(texts)} texts are too many for one PDF; the limit is {_MOST_TEXTS}"
            raise InvalidInput(msg)
        _checked("".join(texts))
        with Paper(inputs.text("title")) as paper:
            for number, item in enumerate(items, start=1):
                part = stage(context, (number - 1) / len(texts), number / len(texts))
                paper.add_page()
                if len(items) > 1:
                    paper.heading(f"Text {number} of {len(items)}", level=3)
                if texts[number - 1].strip():
                    write(paper, texts[number - 1], item.resource.type, part)
                else:
                    paper.paragraph("(This text is empty.)")
            return _finished(paper, "texts.pdf", context)


def write(paper: Paper, text: str, type_: str, context: ToolContext) -> None:
    """Set a text on paper as what it is: Markdown, a web page, or plain."""
    if type_ == "text.markdown":
        _write_blocks(paper, blocks_of(html_of(text)), context)
    elif type_ == "text.html":
        _write_blocks(paper, blocks_of(text), context)
    else:
        paragraphs = [part for part in re.split(r"\n[^\S\n]*\n", _unixed(text)) if part.strip()]
        for number, paragraph in enumerate(paragraphs):
            context.check()
            context.progress(number / len(paragraphs), f"paragraph {number + 1}")
            paper.paragraph(paragraph.strip("\n"))


def _write_blocks(paper: Paper, blocks: Iterable[Block], context: ToolContext) -> None:
    written = 0
    for written, block in enumerate(blocks, start=1):
        context.check()
        context.progress(0.5, f"block {written}")
        match block.kind:
            case "heading":
                paper.heading(block.text, block.level)
            case "prose":
                paper.prose(block.html, indent_mm=_QUOTED_MM if block.quoted else 0.0)
            case "code":
                paper.code(block.text)
            case "table":
                paper.grid(block.rows, has_header=block.has_header)
            case "rule":
                paper.rule()
    if not written:
        msg = "the page holds no text to print"
        raise InvalidInput(msg)


def _finished(paper: Paper, name: str, context: ToolContext) -> Outputs:
    context.check()
    out = paper.finish(context.scratch / name)
    return {"document": Output.of_file(out, caption=paper.caption())}


def _checked(text: str) -> str:
    if not text.strip():
        msg = "there is no text to print: it is empty"
        raise InvalidInput(msg)
    if len(text) > _LONGEST_CHARS:
        msg = f"the text has {len(text)} characters, the limit of one PDF is {_LONGEST_CHARS}"
        raise InvalidInput(msg)
    return text


def _unixed(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
