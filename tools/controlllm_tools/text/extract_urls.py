"""List the web addresses in a text or in the source of a web page."""

from __future__ import annotations

import html
import re

from controlllm_tools.text.patterns import urls_in
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_REFERENCE = re.compile(
    r"\b(?:href|src)\s*=\s*(?:\"([^\"]{1,2000})\"|'([^']{1,2000})'|([^\s\"'>]{1,2000}))",
    re.IGNORECASE,
)
_SCHEMES = ("http://", "https://")


class ExtractUrls(CpuTool):
    """Addresses with `http`, with `www`, and bare ones of well-known endings."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """List.

        Returns:
            `urls`: one a line, in the order of the text, each once; bare ones get `https://`. Of
            the source of a web page, what its links and pictures point at. Empty when there are
            none.
        """
        context.check()
        item = inputs.one("text")
        is_page = item.resource.type.startswith("text.html") or item.resource.mime == "text/html"
        text = item.text()
        found = _of_page(text) if is_page else [_full(url) for _, url in urls_in(text)]
        urls = list(dict.fromkeys(found))
        listed = "\n".join(urls)
        caption = f"{len(urls)} addresses" if urls else "no web addresses found"
        return {"urls": Output.of_text(listed, name="urls.txt", caption=caption)}


def _of_page(source: str) -> list[str]:
    values = (next(filter(None, match.groups()), "") for match in _REFERENCE.finditer(source))
    return [url for value in values if (url := html.unescape(value)).startswith(_SCHEMES)]


def _full(url: str) -> str:
    return url if url.lower().startswith(_SCHEMES) else f"https://{url}"
