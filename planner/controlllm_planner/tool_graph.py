"""The typed tool graph, built from cards alone.

It is bipartite: type nodes and tool nodes. A port of type `image` accepts `image.mask`, so a type
has as producers every tool that makes it or one of its refinements. Search uses the integer index;
people and exports use the networkx view. Tools are numbered by name, so nothing that follows
depends on the order of the registry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from controlllm_tools.card import Port, ToolCard
from controlllm_tools.registry import Link, Registry, TypeInfo
from controlllm_tools.resources import ResourceType

if TYPE_CHECKING:  # networkx takes 0.2 s to import and only drawing and export need it
    import networkx as nx

_VALUE_ROOTS = frozenset(("number", "boolean", "option"))


@dataclass(frozen=True, slots=True)
class PortIndex:
    """One port, by numbers.

    Attributes:
        type: Number of its type.
        many: Whether it holds a list.
        name: Its name.
    """

    type: int
    many: bool
    name: str


@dataclass(frozen=True, slots=True)
class ToolIndex:
    """One tool, by numbers; ports keep the order of the card."""

    name: str
    required: tuple[PortIndex, ...]
    optional: tuple[PortIndex, ...]
    outputs: tuple[PortIndex, ...]


class ToolGraph:
    """Types and tools, and who makes and takes what."""

    def __init__(
        self,
        cards: Iterable[ToolCard],
        types: Mapping[ResourceType, TypeInfo] | None = None,
        links: tuple[Link, ...] = (),
    ) -> None:
        self.cards: tuple[ToolCard, ...] = tuple(sorted(cards, key=lambda card: card.name))
        self.types: Mapping[ResourceType, TypeInfo] = types or {}
        self.links = links
        self.tool_number = {card.name: number for number, card in enumerate(self.cards)}
        self.type_names: tuple[ResourceType, ...] = self._all_types()
        self.type_number = {name: number for number, name in enumerate(self.type_names)}
        self.tools: tuple[ToolIndex, ...] = tuple(self._index(card) for card in self.cards)

    @classmethod
    def from_registry(cls, registry: Registry) -> ToolGraph:
        """The graph of a whole catalogue."""
        return cls(registry.cards.values(), registry.types, registry.links)

    def _all_types(self) -> tuple[ResourceType, ...]:
        named = {ResourceType(name) for name in self.types}
        for card in self.cards:
            named.update(ResourceType(port.type) for port in (*card.inputs, *card.outputs))
        return tuple(sorted({above for name in named for above in name.ancestors()}))

    def _index(self, card: ToolCard) -> ToolIndex:
        def numbered(ports: Iterable[Port]) -> tuple[PortIndex, ...]:
            return tuple(
                PortIndex(self.type_number[ResourceType(p.type)], p.many, p.name) for p in ports
            )

        return ToolIndex(
            name=card.name,
            required=numbered(p for p in card.inputs if not p.optional),
            optional=numbered(p for p in card.inputs if p.optional),
            outputs=numbered(card.outputs),
        )

    def card(self, name: str) -> ToolCard:
        """The card of a tool.

        Raises:
            KeyError: The graph has no such tool.
        """
        return self.cards[self.tool_number[name]]

    def type_called(self, name: str) -> ResourceType:
        """A type by its name, or by its last word when only one type ends so.

        Raises:
            ValueError: No type may be called so.
        """
        type_ = ResourceType(name)
        if type_ in self.type_number:
            return type_
        ending = [each for each in self.type_names if each.endswith(f".{name}")]
        return ending[0] if len(ending) == 1 else type_

    @cached_property
    def distances(self) -> tuple[dict[int, int], ...]:
        """For each type, the types that a port of it accepts, with their refinement distance."""
        accepted: list[dict[int, int]] = [{} for _ in self.type_names]
        for number, name in enumerate(self.type_names):
            for distance, above in enumerate(name.ancestors()):
                accepted[self.type_number[above]][number] = distance
        return tuple(accepted)

    @cached_property
    def supertypes(self) -> tuple[tuple[int, ...], ...]:
        """For each type, itself and the types it refines."""
        return tuple(
            tuple(self.type_number[above] for above in name.ancestors()) for name in self.type_names
        )

    @cached_property
    def editors(self) -> NDArray[np.bool_]:
        """Per tool, whether it takes what it makes: it changes a thing rather than its kind."""
        return np.array(
            [
                any(
                    output.type in self.distances[port.type]
                    for port in tool.required
                    for output in tool.outputs
                )
                for tool in self.tools
            ],
            dtype=bool,
        )

    @cached_property
    def keepers(self) -> frozenset[str]:
        """Tools that keep of many things those with a label: they take and make the same type."""
        return frozenset(card.name for card in self.cards if _keeps_by_label(card))

    @cached_property
    def part_makers(self) -> frozenset[int]:
        """Numbers of the tools that make what others keep some of by a label: boxes of all cars."""
        kept = {port.resource_type for name in self.keepers for port in self.card(name).outputs}
        return frozenset(
            self.tool_number[card.name]
            for card in self.cards
            if card.name not in self.keepers
            and any(port.resource_type in kept for port in card.outputs)
        )

    @cached_property
    def said_only(self) -> frozenset[ResourceType]:
        """Types of required ports that only the words of a person can fill.

        Numbers, choices and the like, web addresses, and kinds of text that no tool makes.
        """
        required = {port.resource_type for card in self.cards for port in card.required_inputs}
        unmade = {type_ for type_ in required if not self.making[self.type_number[type_]]}
        values = {type_ for type_ in required if type_.root in _VALUE_ROOTS}
        texts = {type_ for type_ in unmade if type_.root == "text" and type_.refined}
        return frozenset(values | texts | {type_ for type_ in unmade if type_ == "url"})

    @cached_property
    def breadths(self) -> tuple[int, ...]:
        """For each tool, how many types a call of it serves."""
        return tuple(
            len({above for output in tool.outputs for above in self.supertypes[output.type]})
            for tool in self.tools
        )

    @cached_property
    def making(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each type, the (tool, output index) pairs that deliver it or a refinement of it."""
        makers: list[list[tuple[int, int]]] = [[] for _ in self.type_names]
        for number, tool in enumerate(self.tools):
            for index, output in enumerate(tool.outputs):
                for above in self.supertypes[output.type]:
                    makers[above].append((number, index))
        return tuple(tuple(each) for each in makers)

    def producers(self, type_: ResourceType) -> tuple[ToolCard, ...]:
        """Tools with an output that a port of this type accepts."""
        number = self.type_number.get(type_)
        if number is None:
            return ()
        return tuple(self.cards[tool] for tool in dict.fromkeys(t for t, _ in self.making[number]))

    def consumers(self, type_: ResourceType) -> tuple[ToolCard, ...]:
        """Tools with an input that accepts a resource of this type."""
        return tuple(
            card
            for card in self.cards
            if any(port.resource_type.accepts(type_) for port in card.inputs)
        )

    def without(self, names: frozenset[str]) -> ToolGraph:
        """The same graph less some tools."""
        kept = [card for card in self.cards if card.name not in names]
        return ToolGraph(kept, self.types, self.links)

    def networkx(self) -> nx.DiGraph[str]:
        """A directed graph with `type:` and `tool:` nodes, for drawing and export."""
        import networkx as nx  # noqa: PLC0415 - see the type-checking import above

        graph: nx.DiGraph[str] = nx.DiGraph()
        for name in self.type_names:
            graph.add_node(f"type:{name}", kind="type", label=str(name))
            if name.refined:
                graph.add_edge(f"type:{name}", f"type:{name.ancestors()[1]}", kind="is a")
        for card in self.cards:
            graph.add_node(f"tool:{card.name}", kind="tool", label=card.title or card.name)
            for port in card.inputs:
                kind = "may take" if port.optional else "takes"
                graph.add_edge(f"type:{port.type}", f"tool:{card.name}", kind=kind)
            for port in card.outputs:
                graph.add_edge(f"tool:{card.name}", f"type:{port.type}", kind="makes")
        return graph


_KEEPING = re.compile(r"\b(?:select|filter|choose|pick|keep)", re.IGNORECASE)


_ONE_THING = frozenset(("text", "image", "audio", "video", "document"))
"""What is edited, by a label or not; nothing of several is kept of it."""


def _keeps_by_label(card: ToolCard) -> bool:
    """Whether a card says that it selects, takes words, and makes what it takes."""
    said = f"{card.name.replace('_', ' ')} {card.title} {card.summary}"
    if not _KEEPING.search(said) or not any(port.type == "text" for port in card.inputs):
        return False
    taken = {port.type for port in card.required_inputs if port.type not in _ONE_THING}
    return bool(taken & {port.type for port in card.outputs})
