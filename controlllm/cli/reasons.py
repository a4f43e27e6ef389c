"""The reasons of a plan as lines for people: at most 100 columns, readable without colour."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from controlllm_tools.resources import printable

if TYPE_CHECKING:  # only names in annotations
    from controlllm_planner.reasoning.rivals import Rival
    from controlllm_planner.reasoning.story import WishStory
    from controlllm_planner.task import Clause

WIDTH = 100
_NAME = 22
_FIGURE = 7
_CLAUSES = 4
_LINES = 5
"""Lines of one kind that are told of a wish; the rest is counted, and whole in JSON."""

_COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("fit", ("relevance",)),
    ("time", ("time",)),
    ("money", ("money",)),
    ("steps", ("steps",)),
    ("types", ("binding",)),
)
"""Parts of the cost by column."""

_EASED = {
    "nothing": "",
    "things": "; no way uses everything that the words name",
    "tools": "; no way ends with the tools that the words ask for",
}

LEGEND = (
    "words = how likely they ask for the tool; cost (the least wins) = bad fit to the words + time "
    "+ money + steps + types not quite right + other (failures, another field of work, an unusual "
    "order)"
)


def reason_lines(told: Sequence[WishStory]) -> Iterator[str]:
    """The reasons of a plan, wish by wish."""
    for number, story in enumerate(told, start=1):
        yield from _clauses(story.clauses)
        makes = f"makes {story.makes}" if story.wants else "calls one tool"
        several = f" ({len(story.tasks)} times, once for each)" if len(story.tasks) > 1 else ""
        yield f"  wish {number} {makes}{several}"
        yield from _table(story.rivals)
        yield from _capped(
            [line for each in _connections(story) for line in _wrapped(each, "    ")]
        )
        yield from _capped([line for each in _values(story) for line in _wrapped(each, "    ")])
        if story.rivals:
            yield from _wrapped(_proof(story), "    ")
    if any(story.rivals for story in told):
        yield from _wrapped(LEGEND, "")


def _clauses(clauses: Sequence[Clause]) -> Iterator[str]:
    for clause in clauses[:_CLAUSES]:
        if clause.refuses:
            read = "says what not to do: left aside"
        elif clause.unclear:
            tool, probability = clause.tools[0]
            read = f"asks for something, perhaps {tool} ({probability:.0%}): left aside"
        elif clause.unmet:
            read = f"no tool was found for it ({clause.none:.0%}): nothing is done about it"
        elif clause.asks and clause.tools:
            tool, probability = clause.tools[0]
            read = f"asks for {tool} ({probability:.0%})"
        elif clause.tools and clause.tools[0][1] > clause.none:
            read = "says more of the same"
        else:
            read = f"asks for nothing of its own ({clause.none:.0%})"
        yield f"> {printable(clause.text, 56)}: {read}"
    if len(clauses) > _CLAUSES:
        yield f"... and {len(clauses) - _CLAUSES} more clauses"


def _table(rivals: Sequence[Rival]) -> Iterator[str]:
    """The candidates with their probability and their cost by part, the chosen one first."""
    if not rivals:
        return
    named = {part for _, parts in _COLUMNS for part in parts}
    columns = [(name, parts) for name, parts in _COLUMNS if any(_sum(r, parts) for r in rivals)]
    rest = tuple(sorted({part for each in rivals for part, _ in each.parts} - named))
    if any(_sum(each, rest) for each in rivals):
        columns.append(("other", rest))
    heads = "".join(f"{name:>{_FIGURE}}" for name in ("words", "cost", *(c for c, _ in columns)))
    yield f"    {'candidate':<{_NAME}}{heads}"
    for rival in rivals:
        figures = [f"{rival.words:.0%}"]
        if rival.cost is not None:
            parts = (f"{_sum(rival, each):.2f}" for _, each in columns)
            figures += [f"{rival.cost:.2f}", *parts]
        figures += [""] * (2 + len(columns) - len(figures))
        row = "".join(f"{figure:>{_FIGURE}}" for figure in figures)
        lead = f"    {printable(rival.tool, _NAME - 1):<{_NAME}}{row}  "
        yield from _wrapped(rival.reason, lead)


def _sum(rival: Rival, parts: Sequence[str]) -> float:
    return sum(value for name, value in rival.parts if name in parts)


def _connections(story: WishStory) -> Iterator[str]:
    for each in story.connections:
        takes = " and ".join(each.takes) or "nothing"
        yield f"{takes} -> {each.makes}: {each.tool}, because {each.reader} takes {each.needs}"


def _values(story: WishStory) -> Iterator[str]:
    for each in story.values:
        value = each.value if each.is_result else repr(each.value)
        yield f"{each.tool}: {each.port} = {printable(str(value), 40)}, {each.source}"


def _proof(story: WishStory) -> str:
    ruled = f", {story.pruned:,} ruled out by their bounds" if story.pruned else ""
    if story.proven:
        proof = f"proven the cheapest: {story.expanded:,} partial plans looked at{ruled}"
    else:
        proof = (
            f"not proven the cheapest: it took more than {story.expanded:,} partial plans{ruled}"
        )
    return proof + _EASED[story.eased]


def _capped(lines: Sequence[str]) -> Iterator[str]:
    left = len(lines) - _LINES
    whole = left <= 1  # a line that says that one is missing takes as much room as that line
    yield from lines if whole else lines[:_LINES]
    if not whole:
        yield f"    ... and {left} more (--json has all)"


def _wrapped(text: str, lead: str) -> Iterator[str]:
    """A text behind a lead, in lines of the width; later lines stand under the first."""
    yield from textwrap.wrap(
        printable(text, 400), WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead)
    ) or [lead.rstrip()]
