"""Find the thing in a picture or a list that a wish is about: `the red car` in "mask the red car".

A label is a noun phrase that names no type, no tool and nothing that was handed over. It is for
tools that keep of many things those with a label.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from controlllm_planner.relevance import STOP_WORDS

_PHRASE = re.compile(
    r"\b(?:the|a|an|any|all|each|every|of|some|my|your|their|this|that|these|those|only|both|"
    r"if|whether)\s+"
    r"((?:(?!(?:the|a|an|any|all|each|every|of|some|my|your|this|that|these|those|only|both|from|in|on|at|with|that|which)\b)"
    r"\w[\w'-]*\s+){0,3}?\w[\w'-]*)"
    r"(?=\s+(?:in|on|from|at|of|with|is|are|was|were|that|which|using|based|to|by|for|and|present|"
    r"visible|inside|within|here|there|out|away|off|next|aloud|together|instead)\b|\s*[^\w\s'-]|\s*$)",
    re.IGNORECASE,
)
_OTHER_WORDS = STOP_WORDS | {"using", "based", "following", "given", "named", "called"}
_ENDINGS = re.compile(
    r"\s+(?:actions?|activity|activities|practices?|performances?|objects?|present|visible)$",
    re.IGNORECASE,
)
_GENERAL = frozenset(
    "one it thing things something everything anything object objects item items location position "
    "place area areas region regions part parts section side top bottom left right middle rest "
    "what page pages text word words "
    "number total count amount map maps "
    "way kind type sort list name file files image images picture "
    "pictures photo photos result results output input content detail details step steps time "
    "background foreground whole same first second last other others".split()
)


def label_of(goal: str, is_catalogue_word: Callable[[str], bool]) -> str:
    """The last phrase of a wish that names a thing the catalogue has no word for; else empty.

    Args:
        goal: The words of the wish, without what it points at.
        is_catalogue_word: Whether a phrase names a type or a tool.
    """
    best = ""
    for match in _PHRASE.finditer(goal):
        phrase = _ENDINGS.sub("", " ".join(match.group(1).split()))
        head = phrase.rsplit(" ", 1)[-1].lower()
        if _OTHER_WORDS.intersection(phrase.lower().split()):
            continue
        if head in _GENERAL or len(head) < 3 or head.isdigit() or is_catalogue_word(phrase):
            continue
        best = phrase
    return best
