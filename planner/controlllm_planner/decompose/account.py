"""Put down what the matcher read of a clause, for people and for what comes after the matcher.

Parameters are read off the words, and a request in another language is planned only where a
clause clearly asks for a tool; which wishes there are was decided before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from controlllm_planner.decompose.mentions import MARKER, MarkedText
from controlllm_planner.matching.match import Match
from controlllm_planner.task import Clause

_TOLD = 8
"""Tools told of per clause."""

_LEAST_TOLD = 0.005
"""Less is not told: nobody would weigh it."""


def as_written(part: str, marked: MarkedText) -> str:
    """A part of a marked text with its mentions written out, quotations in quotation marks."""

    def written(mark: re.Match[str]) -> str:
        (mention,) = marked.in_part(mark.group())
        return f'"{mention.text}"' if mention.kind == "quote" else mention.text

    return MARKER.sub(written, part)


def clause_of(text: str, match: Match, names: Sequence[str], *, asks: bool) -> Clause:
    """What was read of a clause.

    Args:
        text: As it was written.
        match: What the matcher made of it.
        names: Of the tools, in the order of the match.
        asks: Whether the clause asks for a tool of its own.

    Returns:
        The clause with its likeliest tools; O(tools).
    """
    near = (match.tools >= _LEAST_TOLD).nonzero()[0].tolist()  # 200 at most: they sum to one
    likely = sorted(((float(match.tools[at]), at) for at in near), key=lambda e: (-e[0], e[1]))
    tools = tuple((names[at], round(probability, 4)) for probability, at in likely[:_TOLD])
    return Clause(text=text, asks=asks, none=round(match.none, 4), tools=tools)
