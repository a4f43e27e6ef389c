"""Make a web page around a video: one folder that works from a disk and from any web server."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from controlllm_tools.document.page_parts import (
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    VideoPage,
    clock,
    digest_of,
    one_line,
    own,
    paragraphs_in,
    tags_in,
    template,
)
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import folders
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.web_video import poster, web_video
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


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
        title = one_line(inputs.text("title"), LONGEST_TITLE)
        if not title:
            msg = "the title is empty; a page needs one"
            raise InvalidInput(msg)
        folder = context.scratch / "page"
        folder.mkdir(exist_ok=True)
        video = web_video(inputs.file("video"), folder, context)
        poster(video, folder / "poster.jpg", context)
        page = _page(inputs, title, video)
        style = own("web_page.css")
        html = template("web_page.html.j2").render(
            **asdict(page), style=style, style_digest=digest_of(style)
        )
        (folder / "index.html").write_text(html, encoding="utf-8", newline="\n")
        context.check()
        packed = folders.pack(folder, context.scratch / "webpage.zip")
        return {"page": Output.of_file(packed, caption=f"web page: {title}")}


def _page(inputs: Inputs, title: str, video: Path) -> VideoPage:
    facts = video_facts(video)
    paragraphs = paragraphs_in(inputs.text("description"))
    return VideoPage(
        language=inputs.text("language", "en"),
        title=title,
        summary=one_line(" ".join(paragraphs), LONGEST_SUMMARY) or title,
        paragraphs=paragraphs,
        tags=tags_in(inputs.text("tags")),
        video=video.name,
        mime=f"video/{video.suffix[1:]}",
        poster="poster.jpg",
        length=clock(facts.duration_s or 0.0),
        width_px=facts.width_px or 0,
        height_px=facts.height_px or 0,
    )
