"""Make a web page around a video: one folder that works from a disk and from any web server."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import folders
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.web_video import poster, web_video
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # the template engine loads when a page is written, not when the tool is listed
    from jinja2 import Template

_TEMPLATE = "web_page.html.j2"
_STYLE = "web_page.css"
_MOST_TAGS = 24
_LONGEST_TITLE = 200
_LONGEST_TAG = 60
_LONGEST_SUMMARY = 200
_JOINERS = frozenset("\u200c\u200d\u200e\u200f\u061c")
"""Format characters that words of real languages need; all others can only hide something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What the template shows; all of it text, which the template escapes."""

    language: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    tags: tuple[str, ...]
    video: str
    mime: str
    poster: str
    length: str
    width_px: int
    height_px: int


class WebPage(CpuTool):
    """HTML5 without scripts or outside requests; a policy inside the page forbids both.

    The folder holds `index.html`, the video and a poster. A video that browsers do not play is
    converted to H.264.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Write the page.

        Returns:
            `page`: the folder as one packed file, see `controlllm_tools.media.folders`.

        Raises:
            InvalidInput: The video cannot be read, or the title is empty.
        """
        title = one_line(inputs.text("title"), _LONGEST_TITLE)
        if not title:
            msg = "the title is empty; a page needs one"
            raise InvalidInput(msg)
        folder = context.scratch / "page"
        folder.mkdir(exist_ok=True)
        video = web_video(inputs.file("video"), folder, context)
        poster(video, folder / "poster.jpg", context)
        page = _page(inputs, title, video)
        html = _template().render(**asdict(page), **_style())
        (folder / "index.html").write_text(html, encoding="utf-8", newline="\n")
        context.check()
        packed = folders.pack(folder, context.scratch / "webpage.zip")
        return {"page": Output.of_file(packed, caption=f"web page: {title}")}


def _page(inputs: Inputs, title: str, video: Path) -> _Page:
    facts = video_facts(video)
    paragraphs = tuple(
        line
        for block in re.split(r"\n\s*\n", inputs.text("description"))
        if (line := one_line(block))
    )
    return _Page(
        language=inputs.text("language", "en"),
        title=title,
        summary=one_line(" ".join(paragraphs), _LONGEST_SUMMARY) or title,
        paragraphs=paragraphs,
        tags=tags_in(inputs.text("tags")),
        video=video.name,
        mime=f"video/{video.suffix[1:]}",
        poster="poster.jpg",
        length=_length(facts.duration_s or 0.0),
        width_px=facts.width_px or 0,
        height_px=facts.height_px or 0,
    )


def tags_in(text: str) -> tuple[str, ...]:
    """The tags of a list that is separated by commas, semicolons or line breaks; each one once."""
    parts = (one_line(part, _LONGEST_TAG).lstrip("#").strip() for part in re.split(r"[,;\n]", text))
    return tuple(dict.fromkeys(part for part in parts if part))[:_MOST_TAGS]


def one_line(text: str, longest: int = 100_000) -> str:
    """Text for one element: single blanks, nothing invisible, cut at a word with an ellipsis.

    Directional overrides, zero-width spaces, control characters and code points that no text may
    hold are dropped: they are invalid in HTML or make a page show something else than it says.
    """
    shown = "".join(mark if _is_plain(mark) else "" for mark in re.sub(r"\s", " ", text))
    line = " ".join(shown.split())
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[longest // 2 :] else cut).rstrip(" ,;:-") + "…"


def _is_plain(mark: str) -> bool:
    code = ord(mark)
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return False
    category = unicodedata.category(mark)
    return mark in _JOINERS or category not in {"Cc", "Cf", "Cs", "Co"}


def _length(duration_s: float) -> str:
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _style() -> dict[str, str]:
    """The style sheet, marked as safe because it is ours, and its digest for the page's policy."""
    from markupsafe import Markup

    style = Path(__file__).with_name(_STYLE).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return {"style": Markup(style), "style_digest": digest}  # noqa: S704 - a file of this package


def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(_TEMPLATE)
