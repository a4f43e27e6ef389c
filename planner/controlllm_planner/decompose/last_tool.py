"""Choose the tool that ends a clause, and with it the type that the clause wants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from controlllm_planner.decompose.clauses import GENERIC_VERBS, verbs_of_tool
from controlllm_planner.decompose.reading import Clause
from controlllm_planner.graph_arrays import reachable
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import ResourceType

TEXT = ResourceType("text")

_CANDIDATES = 12
_UNREACHABLE = 0.3
_UNUSED_GIVEN = 0.6
_NAMED_OUTPUT = 1.4
_SAME_VERB = 1.8
"""Factors on the relevance of a tool as the last one of a clause."""


class LastTool:
    """Knows the verbs of each tool of one catalogue."""

    def __init__(self, graph: ToolGraph) -> None:
        self._graph = graph
        self._verbs = tuple(verbs_of_tool(card) - GENERIC_VERBS for card in graph.cards)

    def choose(
        self, clause: Clause, given: Sequence[ResourceType], new: Sequence[ResourceType]
    ) -> ToolCard:
        """The tool that best ends a clause: relevant, fed by what is there, making what is named.

        Args:
            clause: What is said.
            given: Types of what the clause starts from.
            new: Types that the clause names as something to be made.
        """
        callable_, _ = self._reachable(given)
        order = np.lexsort((np.arange(len(clause.scores)), -clause.scores))[:_CANDIDATES]

        def fit(number: int) -> tuple[float, int]:
            card = self._graph.cards[number]
            score = float(clause.scores[number]) * _share_used(card, given)
            if not callable_[number]:
                score *= _UNREACHABLE
            if any(related(port.resource_type, each) for port in card.outputs for each in new):
                score *= _NAMED_OUTPUT
            if clause.verb in self._verbs[number]:
                score *= _SAME_VERB
            return score, -number

        return self._graph.cards[max((int(number) for number in order), key=fit)]

    def can_make(self, type_: ResourceType, given: Sequence[ResourceType]) -> bool:
        """Whether some chain of tools makes a kind of a type from what there is, and words."""
        _, made = self._reachable(given)
        return any(related(self._graph.type_names[each], type_) for each in made)

    def _reachable(self, given: Sequence[ResourceType]) -> tuple[NDArray[np.bool_], frozenset[int]]:
        known = self._graph.type_number
        return reachable(self._graph, {known[t] for t in (*given, TEXT) if t in known})


def wanted_type(card: ToolCard, new: Sequence[ResourceType]) -> ResourceType | None:
    """The output that the clause names, else the main one; None for a tool without outputs."""
    outputs = [port.resource_type for port in card.outputs]
    named = [type_ for type_ in outputs if any(related(type_, each) for each in new)]
    return next(iter((*named, *outputs)), None)


def _share_used(card: ToolCard, given: Sequence[ResourceType]) -> float:
    """From 1 when the tool takes every kind of thing there is, down to a penalty for none."""
    kinds = {type_.root: type_ for type_ in given}
    if not kinds:
        return 1.0
    used = sum(consumes(card, [type_]) for type_ in kinds.values())
    return _UNUSED_GIVEN + (1 - _UNUSED_GIVEN) * used / len(kinds)


def related(one: ResourceType, other: ResourceType) -> bool:
    """Whether one of two types is a kind of the other."""
    return one.accepts(other) or other.accepts(one)


def consumes(card: ToolCard, types: Iterable[ResourceType]) -> bool:
    """Whether some port of a tool takes some of these types."""
    return any(port.resource_type.accepts(type_) for type_ in types for port in card.inputs)
