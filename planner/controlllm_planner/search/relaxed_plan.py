"""One good solution, fast: follow the relaxation where every port is filled on its own.

The relaxed plan of Hoffmann and Nebel (FF, 2001) with additive costs (h-add; Bonet and Geffner
2001): the cost of a call is its own plus those of all its ports. From the wants backwards, each
port is closed in the way that is cheapest by these costs; what is already called is shared. As
calls never use anything up, what comes out is a real solution, if not always the cheapest.

O(steps * makers of a type); never goes back, so it may miss a solution that exists.
"""

from __future__ import annotations

import numpy as np

from controlllm_planner.graph_arrays import INF, Vector, arrays_of
from controlllm_planner.search.base import Found, SearchProblem
from controlllm_planner.search.partial import Growth, Partial, solution_of
from controlllm_planner.search.relaxation import Relaxation

_OBLIGATION = 3.0
"""What using something that must be used, or making a type on the way, is worth in a choice."""


def relaxed_plan(problem: SearchProblem, max_steps: int) -> Found | None:
    """A solution, or None when the way that looks best leads nowhere."""
    growth = Growth(problem, max_steps)
    costs = _additive(problem)
    partial = growth.root()
    while not growth.is_complete(partial):
        options = [
            (_promise(child, costs, growth), number, child)
            for number, child in enumerate(growth.children(partial))
        ]
        if not options:
            return None
        promise, _, partial = min(options, key=lambda option: option[:2])
        if promise == INF:
            return None
    return solution_of(partial)


def _additive(problem: SearchProblem) -> Vector:
    """Per type, the cost of filling a port of it when nothing is shared."""
    tables = arrays_of(problem.graph)
    relaxation = Relaxation(problem, tables)
    made = relaxation.given
    while True:
        port = tables.fill_ports(made, problem.subtype_cost)
        calls = relaxation.costs + port[tables.required].sum(axis=1)
        cheaper = np.minimum(made, tables.make(calls))
        if (cheaper >= made).all():
            return port
        made = cheaper


def _promise(partial: Partial, costs: Vector, growth: Growth) -> float:
    left = (growth.must_use & ~partial.used).bit_count() + (
        growth.must_via & ~partial.via
    ).bit_count()
    open_ports = sum(float(costs[port.type]) for _, port in partial.open)
    return partial.cost + open_ports + _OBLIGATION * left
