"""What things cost when calls may share everything: the relaxed hypergraph.

In the relaxation a call costs itself plus its dearest port (h-max; Bonet and Geffner 2001), so no
real solution is cheaper.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np

from controlllm_planner.graph_arrays import INF, GraphArrays, Vector, arrays_of
from controlllm_planner.search.base import SearchProblem


class Relaxation:
    """Costs when ports may share everything.

    Every figure takes O(rounds * (ports + types)) array work; rounds is the length of the longest
    chain that still makes something cheaper.
    """

    def __init__(self, problem: SearchProblem, tables: GraphArrays) -> None:
        self.problem = problem
        self.tables = tables
        self.costs: Vector = problem.call_costs[tables.tools]
        self.given = tables.no_types()
        for start in problem.starts:
            self.given[start.type] = min(self.given[start.type], start.weight)

    @cached_property
    def calls(self) -> Vector:
        """Per tool of the tables, the least cost of calling it, its inputs included."""
        made = self.given
        while True:
            port = self.tables.fill_ports(made, self.problem.subtype_cost)
            tool: Vector = self.costs + port[self.tables.required].max(axis=1)
            cheaper = np.minimum(made, self.tables.make(tool))
            if (cheaper >= made).all():
                return tool
            made = cheaper

    @cached_property
    def wants(self) -> float:
        """Least cost of any solution, by the wants alone."""
        made = self.tables.fill_ports(self.tables.make(self.calls), 0.0)
        first = float((self.calls + self.ends).min(initial=INF))
        return max((first, *(float(made[want]) for want in self.problem.wants[1:])))

    @cached_property
    def ends(self) -> Vector:
        """Per tool, nothing when a call of it may fill the first want, else infinite."""
        wanted = self.tables.no_types()
        wanted[list(self.problem.wants[:1])] = 0.0
        ends = self.tables.leave(self.tables.reach_ports(wanted))
        if self.problem.endings:
            may_end = np.zeros(len(self.problem.graph.tools), dtype=bool)
            may_end[list(self.problem.endings)] = True
            ends[~may_end[self.tables.tools]] = INF
        return ends

    @cached_property
    def through(self) -> Vector:
        """Per tool, a lower bound on the cost of any solution that calls it.

        What stands before a call and what stands after it are different calls: both add up.
        """
        return self.calls + self._onward()

    def _onward(self) -> Vector:
        """Per tool, the least cost of the calls between its outputs and a want."""
        wanted = self.tables.no_types()
        wanted[list(self.problem.wants[1:])] = 0.0
        leads = self.tables.reach_ports(wanted)
        while True:
            onward = np.minimum(self.tables.leave(leads), self.ends)
            ports = self.tables.no_types()
            through = self.costs + onward
            np.minimum.at(ports, self.tables.input_type, through[self.tables.input_tool])
            cheaper = np.minimum(leads, self.tables.reach_ports(ports))
            if (cheaper >= leads).all():
                return onward
            leads = cheaper

    @cached_property
    def _useful(self) -> Vector:
        """Per tool, the cost of a call, unless no solution can contain it."""
        return np.where(np.isfinite(self.through), self.costs, INF)

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
        direct = np.where(np.isfinite(accepted), self.tables.make(self._useful), INF)
        return self._chain(direct, direct)

    def _chain(self, made: Vector, by_call: Vector) -> tuple[Vector, Vector]:
        subtype_cost = self.problem.subtype_cost
        while True:
            port = self.tables.fill_ports(made, subtype_cost)
            by_call = np.minimum(by_call, self.tables.make(self._useful + self.tables.enter(port)))
            cheaper = np.minimum(made, by_call)
            if (cheaper >= made).all():
                return port, self.tables.fill_ports(by_call, 0.0)
            made = cheaper


@lru_cache(maxsize=2)
def relaxation_of(problem: SearchProblem) -> Relaxation:
    """The relaxation over all tools; one for the search and for what is told of it."""
    return Relaxation(problem, arrays_of(problem.graph))
