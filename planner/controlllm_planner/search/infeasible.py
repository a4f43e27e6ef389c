"""Why there is no route: what can be made, and the smallest missing capability.

Reachability in the hypergraph is a monotone closure, so its end is a proof. The repair follows the
blame downwards: a wanted type that some tool makes is missing because of that tool's inputs; a
type that nobody makes, or whose makers lack too much themselves, has to come from a new tool.
O(rounds * ports) for the proof; the repair looks at most `_DEEPEST` levels down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from controlllm_planner.errors import Closed, MissingCapability
from controlllm_planner.graph_arrays import reachable
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import ToolCard
from controlllm_tools.registry import TypeInfo
from controlllm_tools.resources import ResourceType

_DEEPEST = 3
_MOST_CLOSED = 3
_MOST_TRIED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A closed set of types that does not contain what is wanted.

    Attributes:
        given: The types to start from.
        reachable: Every type that can be given or made.
        unreachable: The wanted types outside it.
        missing: The fewest capabilities that would bring all of them inside.
    """

    given: tuple[ResourceType, ...]
    reachable: tuple[ResourceType, ...]
    unreachable: tuple[ResourceType, ...]
    missing: tuple[MissingCapability, ...]


def prove_no_route(
    graph: ToolGraph, given: Iterable[ResourceType], wants: Iterable[ResourceType]
) -> Proof | None:
    """The proof that some wanted type cannot be made from what is given; None when all can."""
    given = tuple(dict.fromkeys(given))
    numbers = [graph.type_number[type_] for type_ in given if type_ in graph.type_number]
    made = {graph.type_names[number] for number in reachable(graph, numbers)[1]}
    makeable = made | set(given)
    unreachable = tuple(want for want in wants if not any(want.accepts(type_) for type_ in made))
    if not unreachable:
        return None
    repairs: dict[str, tuple[str, ...]] = {}
    for want in unreachable:
        repair = _Repairs(graph, makeable).of(want)
        repairs.update(dict.fromkeys(repair.types, repair.then))
    start = tuple(str(type_) for type_ in given)
    return Proof(
        given=given,
        reachable=tuple(sorted(makeable)),
        unreachable=unreachable,
        missing=tuple(
            MissingCapability(inputs=start, output=name, then=repairs[name])
            for name in sorted(repairs)
        ),
    )


def closed_routes(
    graph: ToolGraph,
    given: Iterable[ResourceType],
    wants: Iterable[ResourceType],
    refused: Mapping[str, str],
) -> tuple[Closed, ...]:
    """The tools that may not be used, each of which would open a route by itself.

    Args:
        graph: All tools, those that may not be used included.
        given: Types to start from.
        wants: Types to make.
        refused: Why a tool may not be used, by name.

    Returns:
        The first few of those tools by name; none where a route is open anyway, or where all tools
        together open none. O(ports of those tools + kinds of outputs * closure), and no more than
        `_MOST_TRIED` closures: a tool counts when its inputs are there, by what it makes.
    """
    wants = tuple(wants)
    start = frozenset(graph.type_number[type_] for type_ in given if type_ in graph.type_number)
    # the same numbers of types, those included that only refused tools take or make
    types = {name: graph.types.get(name, TypeInfo()) for name in graph.type_names}
    usable = ToolGraph((card for card in graph.cards if card.name not in refused), types)

    def has_all(made: frozenset[int]) -> bool:
        names = [graph.type_names[number] for number in made]
        return all(any(want.accepts(name) for name in names) for want in wants)

    made = reachable(usable, start)[1]
    if has_all(made) or not has_all(reachable(graph, start)[1]):
        return ()
    opening: list[str] = []
    by_outputs = _openable(graph, start | made, refused)
    for outputs, names in islice(by_outputs.items(), _MOST_TRIED):
        if has_all(outputs | reachable(usable, start | made | outputs)[1]):
            opening += names
    return tuple(Closed(name, refused[name]) for name in sorted(opening)[:_MOST_CLOSED])


def _openable(
    graph: ToolGraph, at_hand: frozenset[int], refused: Mapping[str, str]
) -> dict[frozenset[int], list[str]]:
    """Of the refused tools those whose inputs are at hand, by the types of what they make."""
    taken = {above for number in at_hand for above in graph.supertypes[number]}
    found: dict[frozenset[int], list[str]] = {}
    for tool in graph.tools:
        if tool.name in refused and all(port.type in taken for port in tool.required):
            outputs = frozenset(output.type for output in tool.outputs)
            found.setdefault(outputs, []).append(tool.name)
    return found


def _is_met(type_: ResourceType, at_hand: set[ResourceType]) -> bool:
    return any(type_.accepts(each) for each in at_hand)


@dataclass(frozen=True, slots=True)
class _Repair:
    """Types that new tools would have to make, and how far below the wanted type they lie.

    Attributes:
        types: The types.
        depth: Levels below; less is better.
        then: The tools that lead from there to the wanted type.
    """

    types: frozenset[str]
    depth: float
    then: tuple[str, ...] = ()


_DIRECT = 1.5
"""A new tool straight to the wanted type always helps and says little, so one level down wins."""

_UNMADE = 0.9
"""A type that no tool makes at all is the likelier gap than one whose makers lack something."""


class _Repairs:
    """Looks for the fewest types that new tools must make so that a wanted one can be made."""

    def __init__(self, graph: ToolGraph, at_hand: set[ResourceType]) -> None:
        self._graph = graph
        self._at_hand = at_hand
        self._known: dict[tuple[ResourceType, int], _Repair] = {}

    def of(self, type_: ResourceType, above: frozenset[str] = frozenset()) -> _Repair:
        """The best repair; remembered by type and depth, which keeps it linear in the graph."""
        key = type_, len(above)
        if key not in self._known:
            producers = self._graph.producers(type_)
            depth = _DIRECT if not above else len(above) - (0.0 if producers else _UNMADE)
            options = [_Repair(frozenset({str(type_)}), depth)]
            if len(above) < _DEEPEST:
                options += self._below(producers, above | {str(type_)})
            self._known[key] = min(options, key=self._rank)
        return self._known[key]

    def _rank(self, repair: _Repair) -> tuple[object, ...]:
        """Least first; of equally small repairs, what many tools make is the easiest to ask for."""
        makers = sum(len(self._graph.producers(ResourceType(name))) for name in repair.types)
        return len(repair.types), repair.depth, -makers, sorted(repair.types), repair.then

    def _below(self, producers: tuple[ToolCard, ...], above: frozenset[str]) -> Iterator[_Repair]:
        for card in producers:
            lacking = tuple(
                dict.fromkeys(
                    port.resource_type
                    for port in card.required_inputs
                    if not _is_met(port.resource_type, self._at_hand)
                )
            )
            if not lacking or any(str(each) in above for each in lacking):
                continue  # needs what it is asked to make
            parts = [self.of(each, above) for each in lacking]
            types = frozenset().union(*(part.types for part in parts))
            then = tuple(dict.fromkeys((*(t for part in parts for t in part.then), card.name)))
            yield _Repair(types, max(part.depth for part in parts), then)
