"""The values that words say: numbers, names, languages, formats, and choices of any tool."""

from __future__ import annotations

import re
from collections.abc import Iterable

from controlllm_planner.decompose.listed_values import FORMATS, LANGUAGES
from controlllm_planner.decompose.mentions import MarkedText
from controlllm_tools.card import ToolCard

_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"(?<=\w[\s,]|[,)]\s)[A-Z][a-z]+")
"""A word that is a name by its first letter; the first word of a sentence is none."""


class SaidValues:
    """Finds values, by the choices of a catalogue."""

    def __init__(self, cards: Iterable[ToolCard]) -> None:
        offered = (choice.lower() for card in cards for p in card.inputs for choice in p.choices)
        self._known = LANGUAGES | FORMATS | {each for each in offered if each.isalpha()}

    def said(self, marked: MarkedText, part: str) -> frozenset[str]:
        """The values in a part of a request, in lower case."""
        numbers = (each.text for each in marked.in_part(part) if each.kind == "number")
        words = {word.lower() for word in _WORD.findall(marked.words_only(part))}
        names = (name.lower() for name in _NAME.findall(part))
        return frozenset((*numbers, *names, *(words & self._known)))
