"""Clauses that lead up to a wish instead of stating one of their own: it is stated again.

"I need a description of it. Please blur the picture and describe it": that is one description.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from controlllm_planner.decompose.parts import Part
from controlllm_planner.matching.match import Match

_AIMS = re.compile(
    r"\b(?:i|we)\s*(?:['\u2019]d\s+(?:like|love)|would\s+(?:like|love)|want|need|wish|hope|plan|intend|"
    r"(?:am|are|['\u2019]m|['\u2019]re)\s+(?:trying|going|looking))\b",
    re.IGNORECASE,
)
"""How people say what they are after before they say what to do."""

_BIDS = re.compile(r"\b(?:please|(?:can|could|would|will) you)\b", re.IGNORECASE)
_AGAIN = re.compile(
    r"\b(?:again|once more|another|other|also|too|back|result|end|first|second|third|last)\b",
    re.IGNORECASE,
)


def preambles(
    parts: Sequence[Part],
    matches: Sequence[Match],
    asking: Sequence[bool],
    said: Sequence[frozenset[str]],
) -> dict[int, int]:
    """The clauses that ask for what others ask for again.

    What hands something over is one by itself. A sentence is one when it tells an aim and bids
    nobody, and all that it asks for is asked for later, with every value that it says.
    O(clauses squared) at worst.

    Args:
        parts: The clauses.
        matches: What each asks for.
        asking: Whether it asks at all.
        said: The values that each says: numbers, names, choices.

    Returns:
        By the place of each, that of the clause which states the wish.
    """
    asked = [at for at, asks in enumerate(asking) if asks]
    leading = _leading(parts, asked)
    same: dict[int, list[int]] = {}
    for at in reversed(asked if leading else ()):
        same.setdefault(matches[at].likeliest, []).append(at)
    several = sum(part.words.points for part in parts) > 1
    repeated: dict[int, int] = {}
    for at in leading:
        first = parts[at]
        for other in same[matches[at].likeliest]:
            pointing = first.words.points and (several or parts[other].words.points)
            adds = not first.span.hands_over and (pointing or not said[other] >= said[at])
            if not adds and _repeats(first, parts[other]):
                repeated[at] = other
                break
    whole = _whole(parts, asked, repeated)
    return {at: by for at, by in repeated.items() if parts[at].span.hands_over or at in whole}


def _leading(parts: Sequence[Part], asked: Sequence[int]) -> list[int]:
    """The clauses that may lead up to another: they hand over, or their sentence tells an aim."""
    sentences: dict[int, list[str]] = {}
    for part in parts:
        sentences.setdefault(part.span.sentence, []).append(part.span.text)
    aims = {
        number
        for number, texts in sentences.items()
        if any(map(_AIMS.search, texts)) and not any(map(_BIDS.search, texts))
    }
    spans = {at: parts[at].span for at in asked}
    return [at for at, span in spans.items() if span.hands_over or span.sentence in aims]


def _whole(
    parts: Sequence[Part], asked: Sequence[int], repeated: Collection[int]
) -> frozenset[int]:
    """Those of the repeated clauses whose sentences ask for nothing else."""
    more = {parts[at].span.sentence for at in asked if at not in repeated}
    return frozenset(at for at in repeated if parts[at].span.sentence not in more)


def _repeats(first: Part, second: Part) -> bool:
    """Whether of two clauses that ask for the same tool the second one may mean the first."""
    one, other = first.span, second.span
    if other.hands_over:
        # "I have a page a.png and a question on it": both for one answer
        return one.hands_over and one.sentence == other.sentence and one.start < other.start
    later = other.sentence > one.sentence and not _AGAIN.search(other.text)
    return one.hands_over or later
