"""Fetch a page of the public web: its source and its main text."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from controlllm_tools.errors import InvalidInput
from controlllm_tools.resources import without_controls
from controlllm_tools.text.page_text import main_text
from controlllm_tools.text.web_fetch import Answer, Web, fetch
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_TEXTS = frozenset({"text/plain", "text/markdown"})
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]{2,30})", re.I
)
_HEAD_BYTES = 4_096


@dataclass(slots=True)
class FetchPage(CpuTool):
    """One GET request; see `web_fetch` and `public_addresses` for what is refused.

    Attributes:
        web: What may be reached.
    """

    web: Web = field(default_factory=Web)

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Fetch.

        Returns:
            `html`: the source, as UTF-8. `text`: what the page says, without menus and adverts.

        Raises:
            InvalidInput: See `fetch`; also a page that is empty.
            Transient: The server does not answer in time.
            ToolFailed: The server's certificate or its answer is broken.
        """
        answer = fetch(inputs.text("url"), self.web, _PAGES | _TEXTS, context)
        source = decode(answer)
        if not source.strip():
            msg = f"the page at {answer.url[:100]} is empty"
            raise InvalidInput(msg)
        context.check()
        is_page = answer.mime not in _TEXTS
        text = main_text(source) if is_page else source
        caption = f"from {answer.url}"
        return {
            "html": Output.of_text(
                source, name="page.html" if is_page else "page.txt", caption=caption
            ),
            "text": Output.of_text(text, name="page.txt", caption=caption),
        }


def decode(answer: Answer) -> str:
    """The page as text: by its byte order mark, the server's word, its own word, or by trying."""
    named = _META_CHARSET.search(answer.body[:_HEAD_BYTES])
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
             (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
    by_mark = next((name for mark, name in marks if answer.body.startswith(mark)), "")
    names = (by_mark, answer.charset, named[1].decode() if named else "", "utf-8")
    for name in filter(None, names):
        try:
            return without_controls(answer.body.decode(name))
        except (LookupError, UnicodeDecodeError):  # an unknown name, or the wrong one
            continue
    return without_controls(answer.body.decode("cp1252", errors="replace"))
