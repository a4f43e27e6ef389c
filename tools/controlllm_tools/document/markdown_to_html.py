"""Turn Markdown into a web page in one file."""

from __future__ import annotations

import re
from html import unescape

from controlllm_tools.document.markdown import html_of
from controlllm_tools.document.page_parts import LONGEST_TITLE, digest_of, one_line, own, template
from controlllm_tools.errors import InvalidInput
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_HEADING = re.compile(r"<h[1-6]>(.*?)</h[1-6]>", re.DOTALL)
_IMAGE = re.compile(r"<img src=\"[^\"]*\" alt=\"([^\"]*)\"(?: title=\"[^\"]*\")? />")


class MarkdownToHtml(CpuTool):
    """CommonMark with tables; HTML inside it is shown as text, pictures by their description.

    The page runs no scripts and loads nothing, which a policy inside it enforces.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Convert.

        Returns:
            `html`: a whole page, named by its first heading.

        Raises:
            InvalidInput: The text is empty.
        """
        context.check()
        text = inputs.text("markdown")
        if not text.strip():
            msg = "the text is empty: there is nothing to show on a page"
            raise InvalidInput(msg)
        # a page in one file has no pictures beside it, and loads none from elsewhere
        body = _IMAGE.sub(r"[\1]", html_of(text))
        heading = _HEADING.search(body)
        name = unescape(re.sub(r"<[^>]*>", "", heading[1])) if heading else text.strip()
        title = one_line(name, 60 if not heading else LONGEST_TITLE)
        html = plain_page(title, body)
        return {"html": Output.of_text(html, name="page.html", caption=f"web page: {title}")}


def plain_page(title: str, body: str, language: str = "en") -> str:
    """A page around a body that is clean HTML already.

    Args:
        title: Shown on the tab of a browser; plain text.
        body: HTML, inserted as it is.
        language: Of the words, by its code.
    """
    from markupsafe import Markup

    style = own("plain_page.css")
    return template("plain_page.html.j2").render(
        title=title,
        language=language,
        style=style,
        style_digest=digest_of(style),
        body=Markup(body),  # noqa: S704 - the caller has escaped every word in it
    )
