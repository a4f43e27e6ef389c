"""Read a request into clauses: what each one mentions, speaks of and asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from controlllm_planner.decompose.clauses import GENERIC_VERBS, head_verb, split_clauses, verbs_of
from controlllm_planner.decompose.mentions import (
    MARKER,
    MarkedText,
    Mention,
    TypeMention,
    TypeWords,
)
from controlllm_planner.decompose.numbers import spoken_numbers
from controlllm_planner.graph_arrays import Vector
from controlllm_planner.relevance import Relevance
from controlllm_planner.task import SpokenNumber
from controlllm_planner.tool_graph import ToolGraph

MIN_STRENGTH = 0.12
"""Below this no word of a clause tells one tool from another; it is context, not a wish."""

UNKNOWN_VERB = 0.3
"""Factor on the strength of a clause whose verb no card knows: its other words may mislead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What one clause says.

    Attributes:
        goal: Its words, without file names, quotations and numbers.
        readable: The clause as it was written.
        mentions: What it points at.
        numbers: The numbers it says.
        numbers_of_file: For each of several attachments, those that it says of that one.
        types: The types it speaks of.
        verb: Stem of the verb of asking; empty when there is none.
        scores: Relevance of each tool.
        strength: How clearly it speaks of any tool.
    """

    goal: str
    readable: str
    mentions: tuple[Mention, ...]
    numbers: tuple[SpokenNumber, ...]
    numbers_of_file: Mapping[int, tuple[SpokenNumber, ...]]
    types: tuple[TypeMention, ...]
    verb: str
    scores: Vector
    strength: float


class Reader:
    """Reads requests against one catalogue."""

    def __init__(self, graph: ToolGraph, relevance: Relevance) -> None:
        self._relevance = relevance
        self._verbs = verbs_of(graph.cards)
        self._type_words = TypeWords(graph.types, graph.type_names)

    def clauses(self, marked: MarkedText) -> Iterator[Clause]:
        """The clauses of a request, in order."""
        for text in split_clauses(marked.text, self._verbs):
            goal = marked.words_only(text).strip()
            verb = head_verb(goal, self._verbs)
            numbers = spoken_numbers(marked.with_numbers(text))
            yield Clause(
                goal=goal,
                readable=marked.readable(text),
                mentions=marked.in_part(text),
                numbers=numbers,
                numbers_of_file=_numbers_of_files(marked, text),
                types=tuple(self._types(goal, numbers)),
                verb=verb,
                scores=self._relevance.scores(goal),
                strength=self._strength(goal, verb),
            )

    def _types(self, goal: str, numbers: tuple[SpokenNumber, ...]) -> Iterator[TypeMention]:
        """The types that words speak of; the unit of a number that was said asks for no number."""
        is_unit = any(number.kind != "plain" for number in numbers)
        for mention in self._type_words.find(goal):
            if not (is_unit and mention.type.root == "number"):
                yield mention

    def _strength(self, goal: str, verb: str) -> float:
        strength = self._relevance.strength(goal)
        known = not verb or verb in GENERIC_VERBS or self._relevance.strength(verb) > 0
        return strength if known else strength * UNKNOWN_VERB


def _numbers_of_files(marked: MarkedText, text: str) -> dict[int, tuple[SpokenNumber, ...]]:
    """The numbers of each file: `a.jpg to 300 px and b.jpg to 100 px`, or the other way round.

    Empty when the numbers do not part that way: they are for every file then.
    """
    parts, files = _parts_between_files(marked, text)
    if len(files) < 2:
        return {}
    first, *behind = (spoken_numbers(part) for part in parts)
    own: dict[int, tuple[SpokenNumber, ...]] = {}
    if behind[-1]:
        # a file without numbers of its own shares those of the next: `a.jpg and b.jpg to 300 px`
        following: tuple[SpokenNumber, ...] = ()
        for file, numbers in zip(reversed(files), reversed(behind), strict=True):
            following = numbers or following
            own[file] = (*first, *following)
    elif first and any(behind):
        for file, numbers in zip(files, (first, *behind[:-1]), strict=True):
            first = numbers or first
            own[file] = first
    return own


def _parts_between_files(marked: MarkedText, text: str) -> tuple[list[str], list[int]]:
    """What stands before the first file, between two, and behind the last one; and the files."""
    spots = [
        (mark.start(), mention.attachment)
        for mark, mention in zip(MARKER.finditer(text), marked.in_part(text), strict=True)
        if mention.attachment >= 0
    ]
    cuts = [0, *(start for start, _ in spots), len(text)]
    parts = [marked.with_numbers(text[begin:end]) for begin, end in pairwise(cuts)]
    return parts, [file for _, file in spots]
