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

_LIST = re.compile(
    r"(?<=to |as |in )(?:both\s+)?\.?\w+(?:\s*,\s*\.?\w+){0,9}"
    r"(?:\s*,)?\s+(?:and|as well as|plus)\s+(?:(?:also|into|to|as|in)\s+)*\.?\w+\b",
    re.IGNORECASE,
)
_JOINTS = frozenset("both and as well plus also into to in".split())


def for_each_value(task: Task, card: ToolCard) -> Iterator[Task]:
    """The task once for each of several values that its words list, else as it is.

    Args:
        task: Of one wish.
        card: The tool that it ends with; only for values of a kind that it takes.
    """
    for names in (LANGUAGES, FORMATS):
        for found in _LIST.finditer(task.goal) if _takes(card, names) else ():
            values = [each for each in re.findall(r"\w+", found[0]) if each.lower() not in _JOINTS]
            if {value.lower() for value in values} <= names:
                yield from (_of(task, found[0], value, values) for value in values)
                return
    yield task


def offers_only(choices: tuple[str, ...], names: frozenset[str]) -> bool:
    """Whether some choices are all of one kind; those of a dialect count: `english-us`."""
    return bool(choices) and {each.lower().split("-", 1)[0] for each in choices} <= names


def _takes(card: ToolCard, names: frozenset[str]) -> bool:
    return any(offers_only(port.choices, names) for port in card.inputs)


def _of(task: Task, listed: str, value: str, values: list[str]) -> Task:
    """The task for one of the values: its words say no other, and that one once."""
    one = rf"\.?\b(?:{'|'.join(map(re.escape, values))})\b"
    joint = rf"(?:[\s,]|\b(?:{'|'.join(sorted(_JOINTS))})\b)*"
    run = re.compile(rf"(?:\bboth\s+)?{one}(?:{joint}{one})*", re.IGNORECASE)
    clauses: list[Clause] = []
    left = value
    for clause in task.clauses:
        said = run.sub(left, clause.text)
        left = left if said == clause.text else ""
        if said.strip():
            clauses.append(replace(clause, text=said))
    return replace(task, goal=task.goal.replace(listed, value), clauses=tuple(clauses))
