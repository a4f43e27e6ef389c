"""Clauses that lead up to a wish instead of stating one of their own: it is stated again.

"I need a video of it. Please remove the noise and make a video": that is one video.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from controlllm_planner.decompose.parts import Part
from controlllm_planner.matching.match import Match

_STATES = re.compile(
    r"\W*(?:(?:however|so|hi|hello|well|but)\b\W*)*(?:i|we|my|our|the|this|that|there|it)\b",
    re.IGNORECASE,
)
"""How a sentence begins that tells something."""

_BIDS = re.compile(r"\b(?:please|(?:can|could|would|will) you)\b", re.IGNORECASE)
_AGAIN = re.compile(r"\b(?:again|once more|another|second|also|too|back)\b", re.IGNORECASE)
_NAME = re.compile(r"(?<=\w[\s,])[A-Z][a-z]+")
"""A word that is a name by its first letter, as of a language."""


def preambles(
    parts: Sequence[Part], matches: Sequence[Match], asking: Sequence[bool]
) -> frozenset[int]:
    """The clauses that ask for what others ask for again, by their places.

    What hands something over is one by itself. A sentence is one when it tells and bids nobody, and
    all that it asks for is asked for later. O(clauses squared).
    """
    asked = [at for at, asks in enumerate(asking) if asks]
    repeated = {at for at in asked if any(_repeats(parts, matches, at, later) for later in asked)}
    found = {at for at in repeated if parts[at].span.hands_over}
    for number in {parts[at].span.sentence for at in repeated - found}:
        clauses = [at for at in asked if parts[at].span.sentence == number]
        said = " ".join(part.span.text for part in parts if part.span.sentence == number)
        if repeated.issuperset(clauses) and _STATES.match(said) and not _BIDS.search(said):
            found.update(clauses)
    return frozenset(found)


def _repeats(parts: Sequence[Part], matches: Sequence[Match], at: int, other: int) -> bool:
    """Whether a clause asks for the same tool as an earlier one, and of nothing else."""
    first, second = parts[at], parts[other]
    if second.span.hands_over or matches[at].likeliest != matches[other].likeliest:
        return False
    if first.span.hands_over:
        return True
    if second.span.sentence <= first.span.sentence or _AGAIN.search(second.span.text):
        return False
    names = [set(_NAME.findall(part.span.text)) for part in (first, second)]
    differ = names[0] - names[1] and names[1] - names[0]
    return not (differ or (first.words.points and second.words.points))
