"""Read a request into clauses: what each one mentions, speaks of and asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controlllm_planner.decompose.clauses import GENERIC_VERBS, head_verb, split_clauses, verbs_of
from controlllm_planner.decompose.mentions import MarkedText, Mention, TypeMention, TypeWords
from controlllm_planner.graph_arrays import Vector
from controlllm_planner.relevance import Relevance
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
        types: The types it speaks of.
        verb: Stem of the verb of asking; empty when there is none.
        scores: Relevance of each tool.
        strength: How clearly it speaks of any tool.
    """

    goal: str
    readable: str
    mentions: tuple[Mention, ...]
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
            yield Clause(
                goal=goal,
                readable=marked.readable(text),
                mentions=marked.in_part(text),
                types=tuple(self._type_words.find(goal)),
                verb=verb,
                scores=self._relevance.scores(goal),
                strength=self._strength(goal, verb),
            )

    def _strength(self, goal: str, verb: str) -> float:
        strength = self._relevance.strength(goal)
        known = not verb or verb in GENERIC_VERBS or self._relevance.strength(verb) > 0
        return strength if known else strength * UNKNOWN_VERB
