"""What a clause does besides asking for a tool: refuse, allow, describe, or want to know."""

from __future__ import annotations

import re

_REFUSES = re.compile(
    r"\s*(?:(?:but|and|please)\s+)*(?:do not|don['\u2019]?t|never)\b", re.IGNORECASE
)

_ALLOWS = re.compile(
    r"\s*(?:(?:and|also)\s+)*you\s+(?:can|may|might|could)\s+(?:also\s+)?use\b", re.IGNORECASE
)

_WANTS_TO_KNOW = re.compile(
    r"\b(?:know|see|tell|say|check|ask|wonder|determine|detect|find out|figure out|confirm|"
    r"identify|explain|verify|decide|learn|understand|inform|curious)\b(?:\s+\w+){0,2}?\s+"
    r"(?:if|whether|how|what|which|who|whose|where|why|when)\b"
    r"|\b(?:the|a)\s+(?:\w+\s+)?(?:number|count)\s+of\b",
    re.IGNORECASE,
)

_THE_NEW = re.compile(
    r"\s*(?:the|this|that|your)\s+(?:newly\s+)?"
    r"(?:new|final|finished|generated|created|resulting|produced|output)\s",
    re.IGNORECASE,
)
_THE = re.compile(r"\s*(?:the|this|that|your)\s+(?:\w+\s+){0,2}", re.IGNORECASE)

_DESCRIBES = re.compile(
    r"\s+(?:(?:shows|depicts|features|contains|portrays|has|looks)\b(?!\s+to\b)"
    r"|(?:should|must|will|shall|ought\s+to|has\s+to|needs\s+to)\s+(?:\w+ly\s+)?"
    r"(?:(?:show|depict|feature|look|feel|portray|represent|convey|evoke|resemble)\b"
    r"|be\s+(?!in\b|(?:\w+ly\s+)?(?:\w+ed|cut|drawn|made|put|read|sent|set|shown|spoken|sung|"
    r"written)\b)))",
    re.IGNORECASE,
)


def refuses(clause: str) -> bool:
    """Whether a clause says what not to do."""
    return _REFUSES.match(clause) is not None


def allows(clause: str) -> bool:
    """Whether a clause says what may serve: `you can use pictures to make it lively`."""
    return _ALLOWS.match(clause) is not None


def wants_to_know(clause: str) -> bool:
    """Whether a clause wants an answer although it is no question: `the total number of`."""
    return _WANTS_TO_KNOW.search(clause) is not None


def tells_of_new(clause: str) -> bool:
    """Whether a clause begins with something as new: `the resulting picture`."""
    return _THE_NEW.match(clause) is not None


def describes(clause: str, start: int, end: int) -> bool:
    """Whether a clause says what the thing that it begins with should be like, not what to do.

    Args:
        clause: `The new picture should show a lake`.
        start: Where the name of the thing begins.
        end: Where it ends.
    """
    return _THE.fullmatch(clause, 0, start) is not None and bool(_DESCRIBES.match(clause, end))
