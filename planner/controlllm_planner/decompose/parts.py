"""The clauses of a request as the matcher reads them, and which of them ask for something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controlllm_planner.decompose.clauses import Span
from controlllm_planner.matching.features import ClauseWords
from controlllm_planner.matching.match import Match

CLEARLY = 0.5
"""Probability from which a clause asks for something though it begins like one that hands over."""

LIKELY = 0.2
"""Probability from which a clause asks for a tool: below it one in four got one that was wanted,
and it is better to say so than to do something else."""

_UNCLEAR = 0.3
"""Probability below which a clause is left aside when another one clearly asks: of 240 such clauses
in 2,628 requests that the weights did not know, a quarter got a tool that was wanted."""

_ALSO = 0.1
"""Probability from which a clause may ask for what the clause before it only leads up to."""


@dataclass(frozen=True, slots=True)
class Part:
    """A clause and what the matcher reads of it."""

    span: Span
    words: ClauseWords


def with_context(
    parts: Sequence[Part], matches: Sequence[Match], asking: Sequence[bool]
) -> tuple[list[Match], list[bool]]:
    """What clauses ask for in the light of what was handed over before.

    "I have a document a.png and a question about it. Please find the answer." is one wish: where
    the second clause points at nothing and may ask for what the first most likely leads up to, what
    both ask for is multiplied.

    Returns:
        What each clause asks for, and whether it asks; O(clauses * tools).
    """
    matches, asking = list(matches), list(asking)
    for at, part in enumerate(parts):
        if not (asking[at] and part.span.hands_over):
            continue
        then = next((number for number in range(at + 1, len(parts)) if asking[number]), None)
        if then is None or parts[then].span.hands_over or parts[then].words.points:
            continue
        first, second = matches[at], matches[then]
        if second.tools[first.likeliest] >= _ALSO:
            both = first.tools * second.tools
            matches[then] = Match(both * ((1 - second.none) / both.sum()), second.none)
            asking[at] = False
    return matches, asking


def left_aside(
    matches: Sequence[Match], asking: Sequence[bool], kinds: Sequence[float]
) -> list[bool]:
    """Which clauses ask for something, nobody can tell what, beside one that clearly asks.

    Args:
        matches: What each asks for.
        asking: Whether it asks at all.
        kinds: How likely it asks for the kind of thing that its likeliest tool makes, by whatever
            tool: "generate an image" leaves open from what.
    """
    read = list(zip(matches, asking, kinds, strict=True))
    if not any(asks and match.best > CLEARLY for match, asks, _ in read):
        return [False] * len(read)
    return [asks and match.best < _UNCLEAR and kind <= CLEARLY for match, asks, kind in read]
