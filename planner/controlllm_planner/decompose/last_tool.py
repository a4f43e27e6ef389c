"""Choose the tool that ends a wish, and with it the type that the wish wants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from controlllm_planner.decompose.clauses import verbs_of_tool
from controlllm_planner.decompose.verbs import GENERIC_VERBS
from controlllm_planner.graph_arrays import INF, hops, reachable
from controlllm_planner.matching.match import Match
from controlllm_planner.task import Ending
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import ResourceType

TEXT = ResourceType("text")
_FROM_ADDRESS = re.compile(
    r"\b(?:from|of|for)\s+(?:\w+\s+){0,5}(?:address(?:es)?|links?|urls?)\b", re.IGNORECASE
)

_CANDIDATES = 12
_UNREACHABLE = 0.1
"""Factor on the probability of a tool that no chain from what there is leads to."""

_UNSAID = 0.7
"""The same for a tool that wants a value, such as a number, that may not have been said."""

_BY_DETOUR = 0.1
"""Factor on the probability of a tool that takes nothing of what is pointed back at as it is."""

_PER_CALL = 0.7
"""Factor for each call that must come before a tool, at least, from what was handed over."""

_CALLS = 2
"""So many calls count: what takes a long chain is not asked for less often."""

_NO_MATERIAL = 0.3
"""Factor for each picture, recording, film or document that a tool works on and nobody gave."""

_NO_SECOND = 0.1
"""Factor for one more of a kind of which there is one: nobody makes another to compare it with."""

_MADE_FIRST = 0.1
"""Factor for a tool that does not take what the wanted thing is made from; again if it makes it."""

_SAME_VERB = 0.01
"""Probability from which a tool may stand in for one of the same verb."""

_PARTED = 1.5
"""Factor for a tool of whose results some can be kept by a label, where the words name a label."""

_ONE_BY_ONE = 0.1
"""Factor for a tool that takes one thing at a time, where one thing is to be made of several."""

_NOT_ALL = 0.1
"""Factor for a tool that has no room for all kinds of files that one wish names, if others have."""

_NAMED = 0.05
"""Probability of a tool from which the name of what it makes asks for it: not "the best shots"."""

_NEARLY = 0.25
"""Tools that fit the words at least this well next to the best one may do its work."""

_MOST_ENDINGS = 4
_MATERIAL = frozenset(("image", "audio", "video", "document"))

_BESIDES = 0.25
"""Probability from which words ask for a second tool, where that works on what the first makes."""


class LastTool:
    """Knows what can be reached in one catalogue."""

    def __init__(self, graph: ToolGraph) -> None:
        self._graph = graph

    def weighed(
        self,
        match: Match,
        through: Sequence[ResourceType],
        *,
        of_parts: bool,
        of_several: Sequence[ResourceType] = (),
        of_kinds: Sequence[ResourceType] = (),
    ) -> Match:
        """What words ask for, by more that they say.

        Args:
            match: What they ask for.
            through: Types that they name as what the wanted thing is made from, and that are not
                there yet: `a new picture from the edge map`.
            of_parts: Whether they name one thing of several, such as `the red car`.
            of_several: Types of several things that one thing is to be made of.
            of_kinds: Types of the files that they name, each once.
        """
        tools = match.tools.copy()
        for number in self._likeliest(match):
            if through:
                tools[number] *= _on_the_way(self._graph.cards[number], through)
            if of_parts and number in self._graph.part_makers:
                tools[number] = min(1.0, tools[number] * _PARTED)
            if of_several and not _takes_several(self._graph.cards[number], of_several):
                tools[number] *= _ONE_BY_ONE
            if len(of_kinds) > 1 and not _takes_each(self._graph.cards[number], of_kinds):
                tools[number] *= _NOT_ALL
        return Match(tools, match.none)

    def choose(
        self,
        match: Match,
        given: Sequence[ResourceType],
        starts: Sequence[ResourceType],
        verb: str = "",
    ) -> ToolCard:
        """The likeliest tool that can be called at all, rather on what is pointed back at.

        Args:
            match: What the words ask for.
            given: Types of everything there is.
            starts: Types of what the words point back at.
            verb: Of the words; empty for none.
        """
        callable_, _ = self._reachable(given)
        askable, _ = self._reachable((*given, *self._graph.said_only))

        def fit(number: int) -> tuple[float, int]:
            score = float(match.tools[number])
            if starts and not consumes(self._graph.cards[number], starts):
                score *= _BY_DETOUR
            elif score > 0:
                score *= _PER_CALL ** min(_CALLS, self._calls_before(number, given or [TEXT]))
            score *= _with_material(self._graph.cards[number], given)
            if not callable_[number]:
                # a value that nobody said can be asked for
                score *= _UNSAID if askable[number] else _UNREACHABLE
            return score, -number

        card = self._graph.cards[max(self._likeliest(match), key=fit)]
        return self._of_same_verb(match, card, starts, verb)

    def _of_same_verb(
        self, match: Match, card: ToolCard, starts: Sequence[ResourceType], verb: str
    ) -> ToolCard:
        """The chosen tool, or the one of that verb for what is pointed back at, where it is not.

        "Find the faces and blur them" blurs faces, however much more usual it is to blur pictures.
        """
        if not starts or consumes(card, starts) or verb not in self._verbs(card):
            return card
        for number in self._likeliest(match):
            other = self._graph.cards[number]
            same = float(match.tools[number]) >= _SAME_VERB and verb in self._verbs(other)
            if same and consumes(other, starts):
                return other
        return card

    def _verbs(self, card: ToolCard) -> frozenset[str]:
        return verbs_of_tool(card) - GENERIC_VERBS

    def endings(self, match: Match, want: ResourceType, card: ToolCard) -> tuple[Ending, ...]:
        """The chosen tool and those that fit nearly as well and make what is wanted.

        Empty when the chosen tool does not make it: any tool may then.
        """
        best = float(match.tools[self._graph.tool_number[card.name]])
        if not _makes(card, want):
            return ()
        found = [Ending(card.name, probability=best)]
        for number in self._likeliest(match):
            other, score = self._graph.cards[number], float(match.tools[number])
            if other.name != card.name and _makes(other, want) and score >= _NEARLY * best:
                found.append(Ending(other.name, min(1.0, score / max(best, 1e-9)), score))
        return tuple(found[:_MOST_ENDINGS])

    def besides(self, match: Match, card: ToolCard) -> Match | None:
        """What the same words ask for after the chosen tool: `read it aloud` is read and spoken.

        Two likely tools are two ways of doing one thing, unless one of them needs what the other
        makes and cannot take what the other takes.
        """
        tools = match.tools.copy()
        tools[self._graph.tool_number[card.name]] = 0.0
        rest = Match(tools, match.none)
        if rest.best < _BESIDES:
            return None
        then = self._graph.cards[rest.likeliest]
        made = [port.resource_type for port in card.outputs[:1]]
        taken = [port.resource_type for port in card.required_inputs]
        follows = any(
            any(port.resource_type.accepts(each) for each in made)
            and not any(port.resource_type.accepts(each) for each in taken)
            for port in then.required_inputs
        )
        return rest if follows else None

    def hops(self, type_: ResourceType, card: ToolCard) -> float:
        """How many calls lead from a type alone into a tool, at least; infinite for never."""
        known = self._graph.type_number
        if type_ not in known:
            return INF
        return float(hops(self._graph, known[type_])[self._graph.tool_number[card.name]])

    def is_asked_for(self, type_: ResourceType, match: Match) -> bool:
        """Whether words rather ask for a tool that makes a type than only say its name."""
        makers = (self._graph.tool_number[card.name] for card in self._graph.producers(type_))
        return max((float(match.tools[each]) for each in makers), default=0.0) >= _NAMED

    def _calls_before(self, number: int, given: Sequence[ResourceType]) -> float:
        """How many calls lead from what there is to a tool, at least; none where nothing leads."""
        card = self._graph.cards[number]
        least = min((self.hops(each, card) for each in dict.fromkeys(given)), default=INF)
        return least if least < INF else 0.0

    def can_make(self, type_: ResourceType, given: Sequence[ResourceType]) -> bool:
        """Whether some chain of tools makes a kind of a type from what there is, and words."""
        _, made = self._reachable((*given, *self._graph.said_only))
        return any(related(self._graph.type_names[each], type_) for each in made)

    def _likeliest(self, match: Match) -> list[int]:
        tools = match.tools
        near = np.arange(len(tools))
        if len(tools) > _CANDIDATES:  # a thousand times as many are put aside without sorting them
            least = np.partition(tools, -_CANDIDATES)[-_CANDIDATES]
            near = (tools >= least).nonzero()[0]
        order = np.lexsort((near, -tools[near]))[:_CANDIDATES]
        return [int(number) for number in near[order]]

    def _reachable(self, given: Sequence[ResourceType]) -> tuple[NDArray[np.bool_], frozenset[int]]:
        known = self._graph.type_number
        return reachable(self._graph, {known[t] for t in (*given, TEXT) if t in known})


def wanted_type(card: ToolCard, new: Sequence[ResourceType]) -> ResourceType | None:
    """The output that the wish names, else the main one; None for a tool without outputs."""
    outputs = [port.resource_type for port in card.outputs]
    named = [type_ for type_ in outputs if any(related(type_, each) for each in new)]
    return next(iter((*named, *outputs)), None)


def related(one: ResourceType, other: ResourceType) -> bool:
    """Whether one of two types is a kind of the other."""
    return one.accepts(other) or other.accepts(one)


def consumes(card: ToolCard, types: Iterable[ResourceType]) -> bool:
    """Whether some port of a tool takes some of these types."""
    return any(port.resource_type.accepts(type_) for type_ in types for port in card.inputs)


def takes_addresses_as_text(card: ToolCard) -> bool:
    """Whether a tool that takes text works on addresses as well: "a QR code of a web address"."""
    is_for_text = consumes(card, [TEXT]) and not consumes(card, [ResourceType("url")])
    return is_for_text and _FROM_ADDRESS.search(card.summary) is not None


def _takes_several(card: ToolCard, types: Iterable[ResourceType]) -> bool:
    lists = [port.resource_type for port in card.inputs if port.many]
    return any(taken.accepts(each) for taken in lists for each in types)


def _takes_each(card: ToolCard, types: Iterable[ResourceType]) -> bool:
    """Whether each of some types has a port of its own, of those that take the least."""
    left = sorted(card.inputs, key=lambda port: -port.resource_type.count("."))
    for type_ in types:
        port = next((port for port in left if port.resource_type.accepts(type_)), None)
        if port is None:
            return False
        if not port.many:
            left.remove(port)
    return True


def _makes(card: ToolCard, want: ResourceType) -> bool:
    return any(want.accepts(port.resource_type) for port in card.outputs)


def takes_exactly(card: ToolCard, type_: ResourceType) -> bool:
    """Whether some port of a tool is declared as just that type."""
    return any(port.resource_type == type_ for port in card.inputs)


def _with_material(card: ToolCard, given: Sequence[ResourceType]) -> float:
    """The factor for what a tool works on and is not there; a mask or a map is made on the way.

    Each thing is there once: who looks for one picture in another needs two.
    """
    left, factor = list(given), 1.0
    for port in card.required_inputs:
        type_ = port.resource_type
        fits = next((each for each in left if type_.accepts(each)), None)
        if fits is not None:
            left.remove(fits)
        elif type_ in _MATERIAL:
            factor *= _NO_SECOND if any(map(type_.accepts, given)) else _NO_MATERIAL
    return factor


def _on_the_way(card: ToolCard, through: Sequence[ResourceType]) -> float:
    takes = any(takes_exactly(card, each) for each in through)
    makes = any(port.resource_type in through for port in card.outputs[:1])
    return (1.0 if takes else _MADE_FIRST) * (_MADE_FIRST if makes else 1.0)
