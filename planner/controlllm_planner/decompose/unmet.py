"""Clauses that ask for something, and no tool for it is known: that shall be told.

"Blur the photo and email it to Bob": the photo is blurred, and nobody shall wait for a mail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from controlllm_planner.decompose.clauses import begins_with_verb, does
from controlllm_planner.decompose.parts import Part
from controlllm_planner.decompose.speech_acts import allows, refuses
from controlllm_planner.matching.match import Match

_LEAST = 0.5
"""Probability from which a clause asks for no tool."""

_POLITE = re.compile(
    r"\s*(?:(?:please|kindly|then|(?:can|could|would|will) you|i(?:['\u2019]d| would) like you to)"
    r"\b[\s,]*)+",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"\s*(?:what|which|who|whose|why|where|when|how)\b", re.IGNORECASE)
_A = "an?|the|my|our|your|this|that|these|those|some|me|us"
"""What follows the verb of a wish, unless it is `it`."""

_SERVES = re.compile(
    r"\s*(?:(?:us(?:e|ing)|help|assist|let|make\s+(?:sure|certain)|see\s+if|\w{3,}ing)\b"
    rf"|\w{{3,}}ed\b(?!\s+(?:it|them|{_A})\b))",
    re.IGNORECASE,
)
"""How a clause begins that says what another one is done with, or shall be like."""

_AIM = re.compile(r"\b(?:to|by|for|so)\s+$", re.IGNORECASE)
"""What a clause follows that says what the one before it is for: `crop it to fit the frame`."""

_VIEW = 20
_FEW_WORDS = 2
"""So few words are no wish of their own: `make it`."""


def unmet(
    parts: Sequence[Part],
    matches: Sequence[Match],
    asking: Sequence[bool],
    text: str,
    verbs: frozenset[str],
) -> list[bool]:
    """Which clauses ask for what no tool is known for.

    Args:
        parts: The clauses.
        matches: What each asks for.
        asking: Whether it asks for a tool.
        text: The marked text.
        verbs: Stems that begin a wish.
    """
    found = []
    for at, (part, match) in enumerate(zip(parts, matches, strict=True)):
        span = part.span
        aims = bool(at and asking[at - 1] and _AIM.search(text[: span.start][-_VIEW:]))
        wished = not (asking[at] or span.hands_over or aims) and match.none > _LEAST
        found.append(wished and _is_wish(span.text, verbs))
    return found


def _is_wish(text: str, verbs: frozenset[str]) -> bool:
    if allows(text) or refuses(text):
        return False
    bare = _POLITE.sub("", text, count=1)
    if _QUESTION.match(bare):
        return bare.rstrip().endswith("?")
    enough = len(bare.split()) > _FEW_WORDS
    return enough and not _SERVES.match(bare) and (begins_with_verb(bare, verbs) or does(bare, _A))
