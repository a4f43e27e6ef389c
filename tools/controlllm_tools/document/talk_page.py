"""Make a web page around a talk: the video with chapters, key frames, transcript and tags."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
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
from controlllm_tools.media.images import open_picture
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.progress import stage
from controlllm_tools.media.spans import Spans
from controlllm_tools.media.web_video import poster, web_video
from controlllm_tools.tool import CpuTool, Inputs, Item, Output, Outputs, ToolContext

_MOST_FRAMES = 60
_MOST_CHAPTERS = 500
_FRAME_WIDTH_PX = 640
_JPEG_QUALITY = 85
_LONGEST_LABEL = 160
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d\d(?:\.\d+)?)")
_MOST_SENTENCES = 5
"""Of one paragraph, where the transcript comes without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chapter:
    """One line of the list of chapters."""

    at_s: float
    clock: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """One key frame; its caption tells its time, as `key_frames` writes it."""

    file: str
    caption: str
    at_s: float | None
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page(VideoPage):
    """A page with chapters and pictures besides."""

    chapters: tuple[_Chapter, ...]
    frames: tuple[_Frame, ...]


class TalkPage(CpuTool):
    """HTML5 that loads nothing from elsewhere; one small script of ours jumps to a chapter.

    The policy of the page allows that script by its digest and no other. Without scripts, a chapter
    is a link into the video file.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Write the page.

        Returns:
            `page`: a folder with `index.html`, the video, a poster and the key frames, packed; see
            `controlllm_tools.media.folders`.

        Raises:
            InvalidInput: The video or a picture cannot be read, or the chapters are no chapters.
        """
        chapters = Spans.from_json(inputs.text("chapters"))
        folder = context.scratch / "page"
        folder.mkdir(exist_ok=True)
        video = web_video(inputs.file("video"), folder, stage(context, 0.0, 0.8))
        poster(video, folder / "poster.jpg", context)
        page = _page(inputs, chapters, video, _frames(inputs["frames"], folder, context))
        style, script = own("web_page.css", "talk_page.css"), own("talk_page.js")
        html = template("talk_page.html.j2").render(
            **asdict(page),
            style=style,
            style_digest=digest_of(style),
            script=script,
            script_digest=digest_of(script),
        )
        (folder / "index.html").write_text(html, encoding="utf-8", newline="\n")
        context.check()
        packed = folders.pack(folder, context.scratch / "talk.zip")
        caption = (
            f"web page: {page.title}; {len(page.chapters)} chapters, {len(page.frames)} key frames"
        )
        return {"page": Output.of_file(packed, caption=caption)}


def _page(inputs: Inputs, chapters: Spans, video: Path, frames: tuple[_Frame, ...]) -> _Page:
    facts = video_facts(video)
    length_s = facts.duration_s or 0.0
    listed = _chapters(chapters, length_s)
    paragraphs = _paragraphs(inputs.text("transcript"))
    named = one_line(inputs.text("title"), LONGEST_TITLE)
    title = named or next((chapter.label for chapter in listed), "") or "Talk"
    return _Page(
        language=inputs.text("language", "en"),
        title=title,
        summary=one_line(" ".join(paragraphs), LONGEST_SUMMARY) or title,
        tags=tags_in(inputs.text("tags")),
        chapters=listed,
        frames=frames,
        paragraphs=paragraphs,
        video=video.name,
        mime=f"video/{video.suffix[1:]}",
        poster="poster.jpg",
        length=clock(length_s),
        width_px=facts.width_px or 0,
        height_px=facts.height_px or 0,
    )


def _chapters(spans: Spans, length_s: float) -> tuple[_Chapter, ...]:
    """The chapters that begin inside the video; one without a title is numbered."""
    inside = [span for span in spans.spans if span.start_s < max(length_s, 0.001)]
    return tuple(
        _Chapter(
            at_s=round(span.start_s, 2),
            clock=clock(int(span.start_s)),
            label=one_line(span.label, _LONGEST_LABEL) or f"Part {number}",
        )
        for number, span in enumerate(inside[:_MOST_CHAPTERS], start=1)
    )


def _frames(items: tuple[Item, ...], folder: Path, context: ToolContext) -> tuple[_Frame, ...]:
    """Write the pictures small enough for a page.

    Raises:
        InvalidInput: One cannot be read, or there are too many.
    """
    if len(items) > _MOST_FRAMES:
        msg = f"{len(items)} key frames are too many for a page; the limit is {_MOST_FRAMES}"
        raise InvalidInput(msg)
    found = []
    for number, item in enumerate(items, start=1):
        context.check()
        context.progress(0.8 + 0.2 * number / len(items), f"key frame {number} of {len(items)}")
        if item.path is None:
            msg = f"key frame {number} is no picture"
            raise InvalidInput(msg)
        picture = open_picture(item.path)
        picture.thumbnail((_FRAME_WIDTH_PX, _FRAME_WIDTH_PX))
        name = f"frame-{number:02}.jpg"
        picture.save(folder / name, quality=_JPEG_QUALITY)
        caption = one_line(item.resource.caption, _LONGEST_LABEL) or f"Key frame {number}"
        found.append(
            _Frame(
                file=name,
                caption=caption,
                at_s=_time_in(caption),
                width_px=picture.width,
                height_px=picture.height,
            )
        )
    return tuple(found)


def _time_in(caption: str) -> float | None:
    match = _CLOCK.search(caption)
    if match is None:
        return None
    hours, minutes, seconds = match.groups()
    return round(3600 * int(hours or 0) + 60 * int(minutes) + float(seconds), 2)


def _paragraphs(transcript: str) -> tuple[str, ...]:
    """The paragraphs of a transcript; one without any is divided after every few sentences."""
    found = paragraphs_in(transcript)
    if len(found) != 1:
        return found
    sentences = re.split(r"(?<=[.!?])\s+(?=\S)", found[0])
    return tuple(
        " ".join(sentences[start : start + _MOST_SENTENCES])
        for start in range(0, len(sentences), _MOST_SENTENCES)
    )
