"""Join neighbouring clauses to wishes: those that ask, with those that only say more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from controlllm_planner.decompose.clauses import Span
from controlllm_planner.decompose.parts import CLEARLY, LIKELY, Part
from controlllm_planner.decompose.speech_acts import refuses
from controlllm_planner.matching.match import Match

_ONLY_JOINS = re.compile(
    r"[\s,:]*(?:(?:and|or|then|also|finally|while|before|after|once|but|which|as|well|that|to|in|"
    r"order|by|for)\b[\s,]*)*",
    re.IGNORECASE,
)
"""What may stand between two clauses of one wish."""


@dataclass(frozen=True, slots=True)
class Read:
    """A clause, and what was read of it.

    Attributes:
        part: Its words.
        match: What it asks for.
        asks: Whether it asks.
        is_unclear: Whether it asks for nobody knows what, and is left aside.
        is_unmet: Whether it asks for something that no tool is known for.
        stated_by: The clause that states the wish that this one leads up to.
    """

    part: Part
    match: Match
    asks: bool
    is_unclear: bool = False
    is_unmet: bool = False
    stated_by: Part | None = None

    @property
    def is_preamble(self) -> bool:
        """Whether its words belong to the clause that states the wish; what it points at does not.

        A file is for the first wish that follows.
        """
        stays = self.part.words.points or self.part.span.hands_over
        return self.stated_by is not None and not stays


Group = tuple[list[Part], Match]
"""The clauses of one wish, and what the one that asks asks for."""


def grouped(clauses: Sequence[Read]) -> tuple[list[Group], list[Part]]:
    """Clauses joined to wishes, and those that ask for nothing."""
    kept = _kept(clauses)
    groups: list[Group] = []
    waiting: list[Part] = []
    pointed = False  # whether the last group names a file or a quotation
    for read in kept:
        part, match = read.part, read.match
        same = bool(groups) and match.likeliest == groups[-1][1].likeliest
        # it asks for the same of nothing new: it says more of the wish before it
        goes_on = same and not (pointed and part.words.points)
        if read.asks and not goes_on:
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
    _give_back(clauses, groups)
    return groups, [read.part for read in kept if not read.asks]


def _kept(clauses: Sequence[Read]) -> list[Read]:
    """The clauses that wishes are made of; where none asks, the likeliest one does."""
    kept = [
        read
        for read in clauses
        if not (read.is_unclear or read.is_preamble or refuses(read.part.span.text))
    ]
    if kept and not any(read.asks for read in kept):
        at = max(range(len(kept)), key=lambda place: (kept[place].match.best, -place))
        kept[at] = replace(kept[at], asks=kept[at].match.best >= LIKELY)
    return kept


def _give_back(clauses: Sequence[Read], groups: Sequence[Group]) -> None:
    """Put what leads up to a wish before the clauses of that wish."""
    for read in reversed(clauses):
        if read.is_preamble:
            stating = (group for group, _ in groups if any(p is read.stated_by for p in group))
            for group in stating:
                group.insert(0, read.part)


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
