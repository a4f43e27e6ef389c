"""Markdown as the source of a page; HTML inside it is shown as text, never passed on."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the parser loads when a text is read, not when a tool is listed
    from markdown_it import MarkdownIt


def html_of(markdown: str) -> str:
    """The body of a page, by CommonMark 0.31 with tables and strikethrough.

    Links to anything but web and mail addresses, such as `javascript:`, stay plain text.
    """
    rendered: str = _parser().render(markdown)
    return rendered


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
