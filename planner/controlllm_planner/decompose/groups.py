"""Join neighbouring clauses to wishes: those that ask, with those that only say more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from controlllm_planner.decompose.clauses import Span
from controlllm_planner.decompose.mentions import MarkedText
from controlllm_planner.decompose.parts import CLEARLY, LIKELY, Part
from controlllm_planner.decompose.speech_acts import refuses
from controlllm_planner.matching.match import Match

_ONLY_JOINS = re.compile(
    r"[\s,:]*(?:(?:and|or|then|also|finally|while|before|after|once|but|which|as|well|that|to|in|"
    r"order|by|for)\b[\s,]*)*",
    re.IGNORECASE,
)
"""What may stand between two clauses of one wish."""

Group = tuple[list[Part], Match]
"""The clauses of one wish, and what the one that asks asks for."""


def grouped(
    parts: Sequence[Part],
    matches: Sequence[Match],
    asking: Sequence[bool],
    unclear: Sequence[bool],
    marked: MarkedText,
) -> tuple[list[Group], list[str]]:
    """Clauses joined to wishes, each with the match of the clause that asks."""
    kept = [
        (part, match, asks)
        for part, match, asks, aside in zip(parts, matches, asking, unclear, strict=True)
        if not aside and not refuses(part.span.text)
    ]
    if kept and not any(asks for *_, asks in kept):
        at = max(range(len(kept)), key=lambda place: (kept[place][1].best, -place))
        part, match, _ = kept[at]
        kept[at] = part, match, match.best >= LIKELY
    groups: list[Group] = []
    waiting: list[Part] = []
    pointed = False  # whether the last group names a file or a quotation
    for part, match, asks in kept:
        same = bool(groups) and match.likeliest == groups[-1][1].likeliest
        # it asks for the same of nothing new: it says more of the wish before it
        goes_on = same and not (pointed and part.words.points)
        if asks and not goes_on:
            groups.append(([*waiting, part], match))
            pointed = any(each.words.points for each in groups[-1][0])
            waiting = []
        elif (owner := _asked_before(part, match, groups)) is not None:
            owner.append(part)
        elif groups and not waiting and not part.span.hands_over:
            groups[-1][0].append(part)
            pointed = pointed or part.words.points
        else:
            waiting.append(part)
    if groups:
        groups[-1][0].extend(waiting)
    return groups, [marked.readable(part.span.text) for part, _, asks in kept if not asks]


def _asked_before(part: Part, match: Match, groups: Sequence[Group]) -> list[Part] | None:
    """The wish that a clause hands something over to: `sum it up, ... . The text is: ...`."""
    if not part.span.hands_over or match.best <= CLEARLY:
        return None
    wanting = (group for group, asked in groups if asked.likeliest == match.likeliest)
    return next(wanting, None)


def joined(spans: Sequence[Span], text: str) -> str:
    """Clauses as they were said: "black and white" keeps its joint, although it was cut there."""
    said = spans[0].text
    for before, span in pairwise(spans):
        joint = text[before.start + len(before.text) : span.start]
        said += (joint if _ONLY_JOINS.fullmatch(joint) else " ") + span.text
    return said
