"""The tool graph as arrays, for questions about all tools and types at once.

Each figure over a graph of 10,000 tools takes well under a millisecond this way.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from controlllm_planner.tool_graph import ToolGraph

INF = float("inf")
Vector = NDArray[np.float64]
Numbers = NDArray[np.intp]


class GraphArrays:
    """The tools of a graph, or some of them, as arrays.

    Attributes:
        tools: Number of the tool in each row, ascending.
        row_of: Per tool of the graph its row; -1 for one that was left out.
    """

    def __init__(self, graph: ToolGraph) -> None:
        self.tools: Numbers = np.arange(len(graph.tools), dtype=np.intp)
        self.row_of: Numbers = self.tools
        self.types = len(graph.type_names)
        needs = [tuple({port.type: None for port in tool.required}) for tool in graph.tools]
        width = max(map(len, needs), default=0) or 1
        # one column for each distinct type that a tool cannot do without; the tools of a column
        # stand together, so that the dearest port of every tool is found ten times as fast
        self.required: Numbers = np.full((len(needs), width), self.types, np.intp, order="F")
        inputs: list[tuple[int, int]] = []
        outputs: list[tuple[int, int]] = []
        for row, tool in enumerate(graph.tools):
            self.required[row, : len(needs[row])] = needs[row]
            inputs += [(row, port.type) for port in (*tool.required, *tool.optional)]
            outputs += [(row, port.type) for port in tool.outputs]
        self.input_tool, self.input_type = _columns(inputs)
        self.output_tool, self.output_type = _columns(outputs)
        self.above, self.below, self.distance = _subtype_table(graph)
        self._breadths: Vector = np.array(graph.breadths, dtype=np.float64)
        self._no_types: Vector = np.full(self.types + 1, INF)
        self._no_types[-1] = 0.0
        self._no_tools: Vector = np.full(len(needs), INF)

    def only(self, tools: Numbers) -> GraphArrays:
        """The arrays for some tools of a whole graph, given in ascending order."""
        part = copy(self)
        part.tools = tools
        part.row_of = np.full(len(self.tools), -1, dtype=np.intp)
        part.row_of[tools] = np.arange(len(tools), dtype=np.intp)
        part.required = np.asfortranarray(self.required[tools])
        part.input_tool, part.input_type = _kept(part.row_of[self.input_tool], self.input_type)
        part.output_tool, part.output_type = _kept(part.row_of[self.output_tool], self.output_type)
        part._breadths = self._breadths[tools]
        part._no_tools = self._no_tools[tools]
        return part

    def no_types(self) -> Vector:
        """Nothing is made yet; the extra last entry stands for a port that is not there."""
        return self._no_types.copy()

    def fill_ports(self, made: Vector, subtype_cost: float) -> Vector:
        """Per type, the least cost of something that a port of it accepts."""
        port = self.no_types()
        np.minimum.at(port, self.above, made[self.below] + self.distance * subtype_cost)
        return port

    def reach_ports(self, leads: Vector) -> Vector:
        """Per type, the least of what the ports that accept it lead to."""
        best = self.no_types()
        np.minimum.at(best, self.below, leads[self.above])
        return best

    def make(self, tool_costs: Vector) -> Vector:
        """Per type, the least cost of a call that delivers it."""
        made = self.no_types()
        np.minimum.at(made, self.output_type, tool_costs[self.output_tool])
        return made

    def shares(self, tool_costs: Vector) -> Vector:
        """Per type, the least of what a call that delivers it costs for each type it serves."""
        return self.fill_ports(self.make(tool_costs / np.maximum(self._breadths, 1.0)), 0.0)

    def delivering(self, type_: int) -> Vector:
        """Per tool, nothing when an output of it is accepted as the type, else infinite."""
        wanted = self.no_types()
        wanted[type_] = 0.0
        return self.leave(self.reach_ports(wanted))

    def enter(self, port_costs: Vector) -> Vector:
        """Per tool, the least of its ports, optional ones included."""
        best = self._no_tools.copy()
        np.minimum.at(best, self.input_tool, port_costs[self.input_type])
        return best

    def leave(self, leads: Vector) -> Vector:
        """Per tool, the least of what its outputs lead to."""
        best = self._no_tools.copy()
        np.minimum.at(best, self.output_tool, leads[self.output_type])
        return best


@lru_cache(maxsize=8)
def _subtype_table(graph: ToolGraph) -> tuple[Numbers, Numbers, Vector]:
    """Every pair of a type and a type it accepts, with the refinement distance between them."""
    pairs = [
        (above, below, distance)
        for above, accepted in enumerate(graph.distances)
        for below, distance in accepted.items()
    ]
    above, below = _columns([(above, below) for above, below, _ in pairs])
    return above, below, np.array([distance for _, _, distance in pairs], dtype=np.float64)


@lru_cache(maxsize=8)
def arrays_of(graph: ToolGraph) -> GraphArrays:
    """The arrays of a whole graph; built once for each of the last few graphs."""
    return GraphArrays(graph)


def reachable(graph: ToolGraph, given: Iterable[int]) -> tuple[NDArray[np.bool_], frozenset[int]]:
    """What can be called and made when `given` types are at hand.

    Returns:
        Per tool, whether it can be called; and the numbers of the types that a call can make.
    """
    return _reachable(graph, frozenset(given))


@lru_cache(maxsize=128)
def _reachable(graph: ToolGraph, given: frozenset[int]) -> tuple[NDArray[np.bool_], frozenset[int]]:
    arrays = arrays_of(graph)
    at_hand = arrays.no_types()
    at_hand[list(given)] = 0.0
    while True:
        ports = arrays.fill_ports(at_hand, 0.0)
        blocked = ports[arrays.required].max(axis=1)
        made = arrays.make(blocked)
        more = np.minimum(at_hand, made)
        if (more >= at_hand).all():
            types = np.isfinite(made[:-1]).nonzero()[0]
            callable_ = np.isfinite(blocked)
            callable_.setflags(write=False)  # all who ask the same get this one
            return callable_, frozenset(types.tolist())
        at_hand = more


def _kept(rows: Numbers, types: Numbers) -> tuple[Numbers, Numbers]:
    """The ports of the tools that have a row."""
    has_row = rows >= 0
    return rows[has_row], types[has_row]


@lru_cache(maxsize=1_024)
def hops(graph: ToolGraph, given: int) -> Vector:
    """Per tool, how many calls stand at least before a call of it, from one type alone."""
    arrays = arrays_of(graph)
    made = arrays.no_types()
    made[given] = 0.0
    while True:
        ports = arrays.fill_ports(made, 0.0)
        before: Vector = ports[arrays.required].max(axis=1)
        nearer = np.minimum(made, arrays.make(before + 1.0))
        if (nearer >= made).all():
            return before
        made = nearer


def _columns(pairs: list[tuple[int, int]]) -> tuple[Numbers, Numbers]:
    table = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return table[:, 0], table[:, 1]
