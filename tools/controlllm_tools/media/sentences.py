"""Cut prose into sentences, in any script, without models: rules on marks, capitals and lists.

A full stop ends a sentence when a blank and something that can begin one follow it, and the word
before it is no abbreviation. Full stops of scripts that write no blanks always end one.
"""

from __future__ import annotations

import re
from itertools import pairwise

_NEVER_LAST = frozenset({
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "rev", "hon", "gen", "col", "capt", "lt", "sgt",
    "gov", "sen", "rep", "mme", "mlle", "vs", "cf", "eg", "ie", "e.g", "i.e", "viz", "fig", "figs",
    "eq", "no", "nos", "vol", "ch", "sec", "p", "pp", "ed", "eds", "approx", "ca", "bzw", "z.b",
    "d.h",
})  # fmt: skip
"""Abbreviations that a name, a number or an example follows, so they hardly ever end a sentence."""

_CLOSING = "\"')\\]\u201d\u2019\u00bb\u300d\u300f\uff09"
"""Quotation marks and brackets that may stand after a full stop."""
_ENDING = ".!?\u2026\u0964\u061f\u06d4\u0589\u1362"
"""Latin, Devanagari, Arabic, Urdu, Armenian and Ethiopic marks: a blank follows them."""
_MARKS = re.compile(
    # ideographic and full-width marks: no blank follows them
    rf"(?P<wide>[\u3002\uff01\uff1f\uff61]++[{_CLOSING}]*+)"
    # only from the first mark of a row, and without trying shorter ones: linear on any text
    rf"|(?<![{_ENDING}])(?P<mark>[{_ENDING}]++[{_CLOSING}]*+)(?=\s)"
)
_BLANK_LINE = re.compile(r"\n\s*\n")
_LIST_ITEM = re.compile(r"(?m)^[ \t]*(?:[-*\u2022\u2023]|\d{1,3}[.)])[ \t]+")
_LAST_WORD = re.compile(r"[\w.]+$")
_WINDOW_CHARS = 40
"""How far to look to both sides of a mark; without a bound, a long line takes quadratic time."""
_OPENING = "\"'([{-\u2013\u2014\u201c\u2018\u00ab\u00bf\u00a1"


def sentences(text: str) -> tuple[str, ...]:
    """Cut a text into sentences, in order.

    An empty line and a list item begin a new sentence; a single line break is a blank, but for
    lines that are sentences without a mark, as in a transcript. Blanks are made single and trimmed;
    nothing else is changed, so every other character comes back.
    """
    found: list[str] = []
    for block in _BLANK_LINE.split(text.replace("\r\n", "\n")):
        for item in _spoken_lines(block) or _list_items(block):
            found += _cut(" ".join(item.split()))
    return tuple(found)


def _spoken_lines(block: str) -> list[str]:
    """The lines of a block that has no mark at all and a capital at the start of each line."""
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    alone = all(line[0].isupper() for line in lines) and not _MARKS.search(f"{block} ")
    return lines if alone else []


def _list_items(block: str) -> list[str]:
    starts = [match.start() for match in _LIST_ITEM.finditer(block)]
    if not starts:
        return [block]
    cuts = sorted({0, *starts, len(block)})
    return [block[a:b] for a, b in pairwise(cuts) if block[a:b].strip()]


def _cut(line: str) -> list[str]:
    parts: list[str] = []
    begin = 0
    for match in _MARKS.finditer(line):
        end = match.end()
        before = line[max(begin, match.start() - _WINDOW_CHARS) : match.start()]
        if match["wide"] or _ends(before, match["mark"], line[end : end + _WINDOW_CHARS]):
            parts.append(line[begin:end].strip())
            begin = end
    parts.append(line[begin:].strip())
    return [part for part in parts if part]


def _ends(before: str, mark: str, after: str) -> bool:
    """Whether a mark that a blank follows ends its sentence."""
    start = after.lstrip().lstrip(_OPENING)[:1]
    if start.islower():
        return False
    if not mark.startswith(".") or mark.startswith(".."):
        return True
    word = _LAST_WORD.search(before)
    if word is None:
        return True
    name = word[0].lower()
    is_list_number = name.isdigit() and before.strip() == name
    is_initial = len(name) == 1 and word[0].isupper()
    return not (name in _NEVER_LAST or is_initial or is_list_number)
