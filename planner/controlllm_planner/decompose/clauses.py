"""Cut a request into clauses, one wish each, without a parser of English.

A new clause begins after the end of a sentence, after a connective such as `then`, and after a
comma or `and` when a verb of asking or making follows. The verbs are those that tool cards and
their examples begin with, so the cut follows the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from controlllm_planner.relevance import STOP_WORDS, stem
from controlllm_tools.card import ToolCard

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|[\n;]+|(?<=[.!?])$")
_CONNECTIVE = re.compile(
    r"[,\s]*\b(?:and\s+)?(?:then|afterwards?|after\s+that|finally|next|lastly|subsequently)\b[,\s]*",
    re.IGNORECASE,
)
_JOINT = re.compile(r"\s*,\s*and\s+|\s*,\s*|\s+and\s+", re.IGNORECASE)
_RUN = re.compile(r"[\s,]{2,}")
_WORD = re.compile(r"[^\W_]+")

GENERIC_VERBS = frozenset(
    stem(word)
    for word in (
        "make create generate get give tell show find produce build turn convert add put take use "
        "provide return do write"
    ).split()
)
"""Verbs that ask for anything; they end no clause with one tool rather than another."""

_ASKING = GENERIC_VERBS | frozenset(
    stem(word)
    for word in (
        "draw extract describe explain identify count detect check determine answer remove replace "
        "cut join edit change translate read save list point locate"
    ).split()
)
_NOT_VERBS = frozenset(stem(word) for word in ("the", "a", "an", "this", "that", "text", "sound"))


def verbs_of_tool(card: ToolCard) -> frozenset[str]:
    """Stems of the verbs with which people ask for a tool: the first words of its card."""
    found = set()
    for phrase in (card.name.replace("_", " "), card.summary, *card.examples):
        first = _WORD.search(phrase)
        if first and first.group().lower() not in STOP_WORDS:
            found.add(stem(first.group().lower()))
    return frozenset(found - _NOT_VERBS)


def verbs_of(cards: Iterable[ToolCard]) -> frozenset[str]:
    """Stems of the verbs with which people ask for anything of a catalogue."""
    return _ASKING.union(*map(verbs_of_tool, cards))


def head_verb(clause: str, verbs: frozenset[str]) -> str:
    """The stem of the first verb of asking in a clause; empty when there is none."""
    stems = (stem(word.lower()) for word in _WORD.findall(clause))
    return next((word for word in stems if word in verbs), "")


def split_clauses(text: str, verbs: frozenset[str]) -> list[str]:
    """The clauses of a marked text, in order; markers stay whole.

    O(characters): runs of blanks and commas become one, as the patterns below are quadratic in the
    length of a run.
    """
    clauses = []
    for sentence in _SENTENCE_END.split(text):
        for part in _CONNECTIVE.split(_RUN.sub(_one, sentence)):
            clauses += _split_at_verbs(part, verbs)
    return [clause.strip(" ,") for clause in clauses if clause.strip(" ,.!?")]


def _one(run: re.Match[str]) -> str:
    return ", " if "," in run.group() else " "


def _split_at_verbs(part: str, verbs: frozenset[str]) -> list[str]:
    pieces: list[str] = []
    begin = 0
    for joint in _JOINT.finditer(part):
        following = _WORD.match(part, joint.end())
        if (
            following
            and stem(following.group().lower()) in verbs
            and _has_verb(part[begin : joint.start()], verbs)
        ):
            pieces.append(part[begin : joint.start()])
            begin = joint.end()
    pieces.append(part[begin:])
    return pieces


def _has_verb(text: str, verbs: frozenset[str]) -> bool:
    return any(stem(word.lower()) in verbs for word in _WORD.findall(text))
