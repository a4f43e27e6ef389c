"""Lower bounds on what is still to pay, from the relaxed hypergraph.

In the relaxation a call costs itself plus its dearest port (h-max; Bonet and Geffner 2001): ports
may share everything, so no real solution is cheaper. Three bounds are combined by their maximum:

* the dearest open port, where outputs of calls already made are free;
* the sum over distinct open types of the cheapest call that makes each one, divided by the number
  of types that one call can serve;
* for every obligation (a given resource not used yet, a `via` type not made yet) the cheapest
  chain of new calls that leads from it to an open port.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from controlllm_planner.graph_arrays import INF, GraphArrays, Vector
from controlllm_planner.search.base import SearchProblem
from controlllm_planner.search.partial import WANT_CALL, Growth, Partial


class Relaxation:
    """Costs when ports may share everything.

    Every figure takes O(rounds * (ports + types)) array work; rounds is the length of the longest
    chain that still makes something cheaper.
    """

    def __init__(self, problem: SearchProblem, tables: GraphArrays) -> None:
        self.problem = problem
        self.tables = tables
        self.costs: Vector = problem.call_costs[np.array(tables.tools, dtype=np.intp)]
        self._given = tables.no_types()
        for start in problem.starts:
            self._given[start.type] = min(self._given[start.type], start.weight)

    def ports(self, made: frozenset[int] = frozenset()) -> Vector:
        """Per type, the least cost of filling a port of it; types in `made` are at hand."""
        return self._spread(made)[0]

    def _spread(self, at_hand: frozenset[int]) -> tuple[Vector, Vector]:
        made = self._given.copy()
        made[list(at_hand)] = 0.0
        while True:
            port = self.tables.fill_ports(made, self.problem.subtype_cost)
            tool = self.costs + port[self.tables.required].max(axis=1)
            cheaper = np.minimum(made, self.tables.make(tool))
            if (cheaper >= made).all():
                return port, tool
            made = cheaper

    @cached_property
    def calls(self) -> Vector:
        """Per tool of the tables, the least cost of calling it, its inputs included."""
        return self._spread(frozenset())[1]

    @cached_property
    def wants(self) -> float:
        """Least cost of any solution, by the wants alone."""
        made = self.tables.fill_ports(self.tables.make(self.calls), 0.0)
        return max((float(made[want]) for want in self.problem.wants), default=0.0)

    @cached_property
    def through(self) -> Vector:
        """Per tool, a lower bound on the cost of any solution that calls it.

        What stands before a call and what stands after it are different calls: both add up.
        """
        return self.calls + self._onward()

    def _onward(self) -> Vector:
        """Per tool, the least cost of the calls between its outputs and a want."""
        wanted = self.tables.no_types()
        wanted[list(self.problem.wants)] = 0.0
        leads = self.tables.reach_ports(wanted)
        while True:
            onward = self.tables.leave(leads)
            ports = self.tables.no_types()
            through = self.costs + onward
            np.minimum.at(ports, self.tables.input_type, through[self.tables.input_tool])
            cheaper = np.minimum(leads, self.tables.reach_ports(ports))
            if (cheaper >= leads).all():
                return onward
            leads = cheaper

    def from_given(self, index: int) -> tuple[Vector, Vector]:
        """Per type, the least cost of new calls from a given resource to a port of it.

        Returns:
            The cost when the resource itself may fill the port, and when a call must make it.
        """
        made = self.tables.no_types()
        made[self.problem.starts[index].type] = 0.0
        return self._chain(made, self.tables.no_types())

    def from_via(self, via: int) -> tuple[Vector, Vector]:
        """Per type, the least cost of new calls that make `via` and lead on to a port of it.

        Returns:
            The cost for a port of a call, and for a want, which takes refinements for free.
        """
        wanted = self.tables.no_types()
        wanted[via] = 0.0
        accepted = self.tables.reach_ports(wanted)
        accepted[-1] = INF
        direct = np.where(np.isfinite(accepted), self.tables.make(self.costs), INF)
        return self._chain(direct, direct)

    def _chain(self, made: Vector, by_call: Vector) -> tuple[Vector, Vector]:
        subtype_cost = self.problem.subtype_cost
        while True:
            port = self.tables.fill_ports(made, subtype_cost)
            by_call = np.minimum(by_call, self.tables.make(self.costs + self.tables.enter(port)))
            cheaper = np.minimum(made, by_call)
            if (cheaper >= made).all():
                return port, self.tables.fill_ports(by_call, 0.0)
            made = cheaper


class Bound:
    """Lower bound on what a partial solution still costs."""

    def __init__(self, relaxation: Relaxation, growth: Growth) -> None:
        self._growth = growth
        self._graph = growth.graph
        self._relaxation = relaxation
        starts, via = growth.problem.starts, growth.problem.via
        self._given = [
            (1 << index, start.type, _lists(relaxation.from_given(index)))
            for index, start in enumerate(starts)
            if start.required
        ]
        self._via = [
            (1 << index, type_, _lists(relaxation.from_via(type_)))
            for index, type_ in enumerate(via)
        ]
        self._start_types = frozenset(start.type for start in starts)
        self._shares: dict[int, float] = {}
        self._ports: dict[frozenset[int], list[float]] = {}

    def __call__(self, partial: Partial) -> float:
        """The bound; infinite when nothing completes it."""
        obligations = self._obligations(partial)
        if obligations == INF or not partial.open:
            return obligations
        return max(obligations, self._open_ports(partial))

    def _obligations(self, partial: Partial) -> float:
        worst = 0.0
        for bit, type_, (as_is, by_call) in self._via:
            if not partial.via & bit and not self._has_made(partial, type_):
                worst = max(worst, self._cheapest_entry(partial, as_is, by_call))
        for bit, type_, (as_is, by_call) in self._given:
            if not partial.used & bit and not self._has_room(partial, type_):
                worst = max(worst, self._cheapest_entry(partial, as_is, by_call))
        return worst

    @staticmethod
    def _cheapest_entry(partial: Partial, as_is: list[float], by_call: list[float]) -> float:
        least = INF
        for call, port in partial.open:
            least = min(least, by_call[port.type] if call == WANT_CALL else as_is[port.type])
        return least

    def _has_made(self, partial: Partial, type_: int) -> bool:
        """Whether a call already made delivers the type, if only beside what it was made for."""
        accepted = self._graph.distances[type_]
        return any(
            output.type in accepted
            for tool in partial.tools[1:]
            for output in self._graph.tools[tool].outputs
        )

    def _has_room(self, partial: Partial, type_: int) -> bool:
        """Whether an optional port of a call already made would take the type."""
        return any(
            type_ in self._graph.distances[port.type]
            for tool in partial.tools[1:]
            for port in self._graph.tools[tool].optional
        )

    def _open_ports(self, partial: Partial) -> float:
        at_hand = frozenset(
            output.type for tool in partial.tools[1:] for output in self._graph.tools[tool].outputs
        )
        dearest = total = 0.0
        for type_ in {port.type for call, port in partial.open if call != WANT_CALL}:
            if not self._is_at_hand(type_, at_hand):
                total += self._share(type_)
        if partial.steps == 0:
            dearest = self._relaxation.wants
        return max(dearest, total)

    def _port_costs(self, at_hand: frozenset[int]) -> list[float]:
        if at_hand not in self._ports:
            self._ports[at_hand] = self._relaxation.ports(at_hand).tolist()
        return self._ports[at_hand]

    def _is_at_hand(self, type_: int, made: frozenset[int]) -> bool:
        accepted = self._graph.distances[type_]
        return any(each in accepted for each in made) or any(
            each in accepted for each in self._start_types
        )

    def _share(self, type_: int) -> float:
        """Least cost of making a type, divided by the types that the same call could serve."""
        if type_ not in self._shares:
            costs = self._growth.problem.call_costs
            self._shares[type_] = min(
                (float(costs[tool]) / self._served(tool) for tool, _ in self._growth.makers(type_)),
                default=INF,
            )
        return self._shares[type_]

    def _served(self, tool: int) -> int:
        names = self._graph.type_names
        outputs = self._graph.tools[tool].outputs
        return len({above for output in outputs for above in names[output.type].ancestors()})


def _lists(pair: tuple[Vector, Vector]) -> tuple[list[float], list[float]]:
    return pair[0].tolist(), pair[1].tolist()
