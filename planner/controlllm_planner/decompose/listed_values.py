"""One wish for several values of one kind: `translate it into Spanish and French` is two.

Only kinds of which each value makes a thing of its own: languages, and the formats of media files.
"Flip it to the left and upwards" is one picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from controlllm_planner.task import Clause, Task
from controlllm_tools.card import ToolCard
from controlllm_tools.languages import NAMES

LANGUAGES = frozenset(name.lower() for name in NAMES.values())
FORMATS = frozenset(
    "aac aiff aif amr avi avif bitmap bmp cr2 dds dng dxf emf eps exr flac flv gif heic heif icns "
    "ico jp2 jpeg jpg jxl m4a m4v mid midi mka mkv mov mp3 mp4 mpeg mpg mxf nef oga ogg ogv "
    "opus pcx pgm png ppm psd qoi svg tga tif tiff wav webm webp wma wmv xcf".split()
)

_WORD = re.compile(r"\w+")
_FROM = re.compile(r"\bfrom\s+\.?\w+", re.IGNORECASE)
_JOINTS = frozenset("both a an and as well plus also into to in".split())
"""The words between the values of a list; see `_JOINT`."""

_JOINT = r"(?:\s*,\s*(?:and\s+)?|\s+(?:and|as well as|plus|&)\s+)(?:(?:also|into|to|as|in|an?)\s+)*"
_LIST = re.compile(
    rf"(?<=to |as |in )(?:both\s+|an?\s+)?\.?\w+(?:{_JOINT}\.?\w+){{1,9}}\b", re.IGNORECASE
)
"""Values behind `to`, with what may stand between them."""


def for_each_value(task: Task, card: ToolCard) -> Iterator[Task]:
    """The task once for each of several values that its words list, else as it is.

    Args:
        task: Of one wish.
        card: The tool that it ends with; only for values of a kind that it takes.
    """
    for names in (LANGUAGES, FORMATS):
        listed = _listed(task.goal, names) if _takes(card, names) else ""
        if listed:
            values = _values(listed, names)
            yield from (_of(task, listed, value, names) for value in values)
            return
    yield task


def _listed(goal: str, names: frozenset[str]) -> str:
    """The one list of values that something should come to; empty for none.

    There is none where the words name another such value, unless as what it comes from: in
    "translate my notes in Spanish and French into Portuguese" the list says what they are.
    """
    for found in _LIST.finditer(goal):
        listed = _shortest(found[0], names)
        if len(_values(listed, names)) > 1:
            rest = _FROM.sub(" ", goal.replace(listed, " ", 1))
            return "" if _values(rest, names) else listed
    return ""


def _shortest(listed: str, names: frozenset[str]) -> str:
    """A list up to its last value: `Spanish and French and read` goes on with another wish."""
    words = list(_WORD.finditer(listed))
    kept = 0
    for word in words:
        if word[0].lower() in names:
            kept = word.end()
        elif word[0].lower() not in _JOINTS:
            break
    return listed[:kept]


def _values(words: str, names: frozenset[str]) -> list[str]:
    return list(dict.fromkeys(w for w in _WORD.findall(words) if w.lower() in names))


def offers_only(choices: tuple[str, ...], names: frozenset[str]) -> bool:
    """Whether some choices are all of one kind; those of a dialect count: `english-us`."""
    return bool(choices) and {each.lower().split("-", 1)[0] for each in choices} <= names


def _takes(card: ToolCard, names: frozenset[str]) -> bool:
    return any(offers_only(port.choices, names) for port in card.inputs)


def _of(task: Task, listed: str, value: str, names: frozenset[str]) -> Task:
    """The task for one of the values: its words say no other, and that one once."""
    one = rf"\.?(?:{'|'.join(map(re.escape, _values(listed, names)))})\b"
    # a list that was cut into clauses goes on at the beginning of the next one
    run = re.compile(
        rf"(?:(?<=to )|(?<=as )|(?<=in )|^)(?:both )?{one}(?:{_JOINT}{one})*", re.IGNORECASE
    )
    clauses: list[Clause] = []
    left = value
    for clause in task.clauses:
        found = re.compile(re.escape(listed)) if listed in clause.text else run
        said, count = found.subn(left, clause.text, 1)
        left = "" if count else left
        if said.strip():
            clauses.append(replace(clause, text=said))
    return replace(task, goal=task.goal.replace(listed, value, 1), clauses=tuple(clauses))
