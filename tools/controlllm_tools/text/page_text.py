"""Take the main text out of the source of a web page, without menus, adverts and scripts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from controlllm_tools.errors import InvalidInput
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_LONGEST_CHARS = 8 * 2**20
_LEFT_OUT = ("script", "style", "noscript", "template", "svg", "title", "iframe", "object")
_BLOCKS = frozenset(
    "p div section article header footer nav main aside h1 h2 h3 h4 h5 h6 li ul ol tr td th br hr "
    "pre blockquote form dl dt dd figure figcaption body table".split()
)


class PageText(CpuTool):
    """The main text by trafilatura (Barbaresi, ACL 2021); all text where it finds no main one."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Extract.

        Returns:
            `text`: paragraphs, headings and list items, one a line.

        Raises:
            InvalidInput: The page holds no text, or is too long.
        """
        context.check()
        text = main_text(inputs.text("html"))
        caption = f"{len(text.split())} words"
        return {"text": Output.of_text(text, name="page.txt", caption=caption)}


def main_text(source: str) -> str:
    """What a page says.

    Raises:
        InvalidInput: It holds no text, or is too long.
    """
    if len(source) > _LONGEST_CHARS:
        msg = f"the page has {len(source)} characters, the limit is {_LONGEST_CHARS}"
        raise InvalidInput(msg)
    import trafilatura

    found = trafilatura.extract(
        source, include_comments=False, include_tables=True, favor_recall=True
    )
    text = (found or "").strip() or _all_text(source)
    if not text:
        msg = "the page holds no text"
        raise InvalidInput(msg)
    return text + "\n"


def _all_text(source: str) -> str:
    reader = _AllText()
    reader.feed(source)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _AllText(HTMLParser):
    """Collects what a page shows; a block begins and ends a line."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _LEFT_OUT:
            self._hidden.append(tag)
        self.parts += ["\n"] if tag in _BLOCKS else []

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            # what was opened inside is closed with it
            del self._hidden[self._hidden.index(tag) :]
        self.parts += ["\n"] if tag in _BLOCKS else []

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))
