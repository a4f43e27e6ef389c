"""What pages are made of: clean words, times, styles, and the template that escapes everything."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the template engine loads when a page is written, not when a tool is listed
    from jinja2 import Template

LONGEST_TITLE = 200
LONGEST_SUMMARY = 200
_MOST_TAGS = 24
_LONGEST_TAG = 60
_JOINERS = frozenset("\u200c\u200d\u200e\u200f\u061c")
"""Format characters that words of real languages need; all others can only hide something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoPage:
    """What a template shows of a video; all of it text, which the template escapes."""

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


def paragraphs_in(text: str) -> tuple[str, ...]:
    """The paragraphs of a text, each on one line."""
    return tuple(line for block in re.split(r"\n\s*\n", text) if (line := one_line(block)))


def clock(duration_s: float) -> str:
    """A time in whole seconds: `0:03`, `12:05`, `1:02:03`."""
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def digest_of(source: str) -> str:
    """How a page's policy names a style or a script that it allows."""
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def own(*names: str) -> str:
    """Files of this package, one after the other; marked as safe because they are ours."""
    from markupsafe import Markup

    folder = Path(__file__).parent
    # files of this package, not words of a user
    return Markup("".join((folder / name).read_text(encoding="utf-8") for name in names))  # noqa: S704


def template(name: str) -> Template:
    """A template of this package; it escapes everything that is not marked as safe."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)
