"""Timed text: cues read from SubRip or WebVTT, and written as SubRip.

Reading is kind about what players are kind about (byte order mark, line ends, missing numbers and
hours, a dot for the comma, overlaps, cues out of order) and strict about the rest: a time that is
none, or a cue that ends before it starts, is named with its line.

Sources: the SubRip format as its players read it; WebVTT, W3C Candidate Recommendation 2019.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from controlllm_tools.errors import InvalidInput

MOST_CUES = 20_000

_EXAMPLE = "00:00:01,000 --> 00:00:03,500"
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*--+>\s*{_TIME}(?:\s.*)?")
_NUMBER = re.compile(r"\s*\d+\s*")
_TAG = re.compile(
    r"</?(?:b|i|u|s|c|v|lang|ruby|rt|font)(?:[ .][^<>]*)?>|<\d[\d:.]*>", re.IGNORECASE
)
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_VTT_BLOCKS = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True, order=True)
class Cue:
    """Words and when they are shown, in seconds."""

    start_s: float
    end_s: float
    text: str


def read_subtitles(text: str) -> tuple[Cue, ...]:
    """Read cues in order of time.

    Args:
        text: The content of a SubRip or WebVTT file.

    Returns:
        The cues, as plain words: markup and override codes are taken out, empty cues left out.

    Raises:
        InvalidInput: Names the line that cannot be read, or says that there is no cue.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    is_vtt = lines[0].startswith("WEBVTT")
    cues: list[Cue] = []
    for number, block in _blocks(lines):
        if is_vtt and (number == 1 or block[0].startswith(_VTT_BLOCKS)):
            continue
        cue = _cue(number, block, is_vtt=is_vtt)
        if cue.text:
            cues.append(cue)
        if len(cues) > MOST_CUES:
            msg = f"the subtitles have more than {MOST_CUES} cues"
            raise InvalidInput(msg)
    if not cues:
        msg = f"the subtitles hold no cue; a cue is a line such as {_EXAMPLE} with words below it"
        raise InvalidInput(msg)
    return tuple(sorted(cues))


def to_srt(cues: Iterable[Cue]) -> str:
    """Write cues as SubRip: numbered from 1, hours always present, LF line ends."""
    blocks = (
        f"{number}\n{_clock(cue.start_s)} --> {_clock(cue.end_s)}\n{cue.text}\n"
        for number, cue in enumerate(cues, start=1)
    )
    return "\n".join(blocks)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that are not blank, with the number of their first line."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _cue(number: int, block: Sequence[str], *, is_vtt: bool) -> Cue:
    """One cue; `number` is the line on which the block starts."""
    skipped = 0
    if "-->" not in block[0] and (is_vtt or _NUMBER.fullmatch(block[0])):
        skipped = 1  # its number or name
    if skipped == len(block):
        msg = f"line {number}: the cue {block[0].strip()[:40]!r} has no times"
        raise InvalidInput(msg)
    line = block[skipped]
    timing = _TIMING.fullmatch(line)
    if timing is None:
        msg = (
            f"line {number + skipped}: {line.strip()[:60]!r} is not a line of times "
            f"such as {_EXAMPLE}"
        )
        raise InvalidInput(msg)
    groups = timing.groups()
    start_s, end_s = _seconds(groups[:4]), _seconds(groups[4:])
    if end_s <= start_s:
        msg = f"line {number + skipped}: the cue starts at {start_s:g} s and ends at {end_s:g} s"
        raise InvalidInput(msg)
    return Cue(start_s, end_s, _words(block[skipped + 1 :], is_vtt=is_vtt))


def _seconds(groups: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = groups
    whole = int(hours or 0) * 3_600 + int(minutes or 0) * 60 + int(seconds or 0)
    return (whole * 1_000 + int((fraction or "").ljust(3, "0"))) / 1_000


def _words(lines: Sequence[str], *, is_vtt: bool) -> str:
    """Plain words: tags and override codes are codes for players, never words."""
    plain = []
    for line in lines:
        text = _OVERRIDE.sub("", _TAG.sub("", line))
        text = html.unescape(text) if is_vtt else text
        text = "".join(c for c in text if c.isprintable() or c == "\t").strip()
        if text:
            plain.append(text)
    return "\n".join(plain)


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1_000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1_000:02d},{rest % 1_000:03d}"
