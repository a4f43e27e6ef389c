"""Lower bounds on what a partial solution still costs.

Three bounds are combined by their maximum; the relaxation of `relaxation.py` stands behind them:

* the cheapest way to the wants, before anything is called;
* the sum over distinct open types of the cheapest call that makes each one, divided by the number
  of types that one call can serve; what calls already made deliver is free;
* for every obligation (a given resource not used yet, a `via` type not made yet) the cheapest
  chain of new calls that leads from it to an open port.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controlllm_planner.graph_arrays import INF, Numbers, Vector
from controlllm_planner.search.partial import (
    WANT_CALL,
    Demand,
    Growth,
    OpenPort,
    Partial,
    is_first_want,
)
from controlllm_planner.search.relaxation import Relaxation


@dataclass(frozen=True, slots=True)
class _Obligation:
    """Something that every solution must make or use.

    Attributes:
        bit: Its place in the mask of a partial solution.
        type: The type to be made, or that of the resource to be used.
        as_is: Per type, the least cost of new calls from here to a port of a call.
        by_call: The same for a port of the person's, which only a call may fill.
        entry: Per tool, the least cost of new calls from here into a call of it.
        first: The least cost of new calls from here to the first want.
    """

    bit: int
    type: int
    as_is: list[float]
    by_call: list[float]
    entry: Vector
    first: float

    def into(self, open_ports: Iterable[OpenPort]) -> float:
        """Least cost of new calls from here to any of the open ports."""
        least = INF
        for open_port in open_ports:
            call, port = open_port
            if is_first_want(open_port):
                least = min(least, self.first)
            else:
                costs = self.by_call if call == WANT_CALL else self.as_is
                least = min(least, costs[port.type])
        return least


class Bound:
    """Bounds for the partial solutions of one problem."""

    def __init__(self, relaxation: Relaxation, growth: Growth) -> None:
        self._growth = growth
        self._graph = growth.graph
        self._relaxation = relaxation
        self._tables = relaxation.tables
        starts, via = growth.problem.starts, growth.problem.via
        self._to_use = [self._use(index) for index, start in enumerate(starts) if start.required]
        self._to_make = [self._make(index, type_) for index, type_ in enumerate(via)]
        self._shares = self._tables.shares(relaxation.costs)
        self._shares[self._supertypes(start.type for start in starts)] = 0.0
        self._served: dict[int, list[int]] = {}
        self._rows: dict[Demand, Numbers] = {}
        self._serving: dict[int, NDArray[np.bool_]] = {}

    def __call__(self, partial: Partial) -> float:
        """The bound; infinite when nothing completes it."""
        worst = 0.0
        for each in self._unmet(partial):
            worst = max(worst, each.into(partial.open))
        if worst == INF or not partial.open:
            return worst
        if partial.steps == 0:
            return max(worst, self._relaxation.wants)
        shares = self._shares_left(partial)
        return max(worst, float(sum(shares[type_] for type_ in _types_of(partial.open))))

    def with_new_calls(self, partial: Partial) -> Vector:
        """The bounds of all children that fill the topmost open port with a new call, at once.

        Returns:
            One for each of `Growth.makers` of that port. O(makers * (open ports + obligations)),
            as array work.
        """
        rest = partial.open[:-1]
        rows = self._rows_of(self._growth.demand(partial.open[-1]))
        shares = self._shares_left(partial)
        total: Vector = shares[self._tables.required[rows]].sum(axis=1)
        for type_ in _types_of(rest):
            if shares[type_]:
                total += np.where(self._serves(type_)[rows], 0.0, shares[type_])
        for each in self._unmet(partial):
            total = np.maximum(total, np.minimum(each.entry[rows], each.into(rest)))
        return total

    def _use(self, index: int) -> _Obligation:
        as_is, by_call = self._relaxation.from_given(index)
        type_ = self._growth.problem.starts[index].type
        return self._obligation(1 << index, type_, as_is, by_call, self._tables.enter(as_is))

    def _make(self, index: int, type_: int) -> _Obligation:
        as_is, by_call = self._relaxation.from_via(type_)
        entry = np.minimum(self._tables.enter(as_is), self._tables.delivering(type_))
        return self._obligation(1 << index, type_, as_is, by_call, entry)

    def _obligation(
        self, bit: int, type_: int, as_is: Vector, by_call: Vector, entry: Vector
    ) -> _Obligation:
        costs = self._relaxation.costs + entry + self._relaxation.ends
        first = float(costs.min(initial=INF))
        return _Obligation(bit, type_, as_is.tolist(), by_call.tolist(), entry, first)

    def _unmet(self, partial: Partial) -> Iterator[_Obligation]:
        for each in self._to_make:
            met = partial.via & each.bit or self._has_made(partial, each.type)
            if not met and not self._has_room(partial, each.type):
                yield each
        for each in self._to_use:
            if not partial.used & each.bit and not self._has_room(partial, each.type):
                yield each

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

    def _shares_left(self, partial: Partial) -> Vector:
        """Per type, the least cost of making it, shared; nothing when it is at hand."""
        shares = self._shares.copy()
        for tool in partial.tools[1:]:
            if tool not in self._served:
                outputs = self._graph.tools[tool].outputs
                self._served[tool] = self._supertypes(output.type for output in outputs)
            shares[self._served[tool]] = 0.0
        return shares

    def _supertypes(self, types: Iterable[int]) -> list[int]:
        """The types of all ports that take one of these; none take a type that is not known."""
        known = self._graph.supertypes
        return [above for type_ in types if type_ < len(known) for above in known[type_]]

    def _rows_of(self, demand: Demand) -> Numbers:
        if demand not in self._rows:
            tools = [tool for tool, _ in self._growth.makers(demand)]
            self._rows[demand] = self._tables.row_of[tools]
        return self._rows[demand]

    def _serves(self, type_: int) -> NDArray[np.bool_]:
        """Per tool, whether a call of it delivers the type, or counts it among its own ports."""
        if type_ not in self._serving:
            needed = (self._tables.required == type_).any(axis=1)
            self._serving[type_] = needed | np.isfinite(self._tables.delivering(type_))
        return self._serving[type_]


def _types_of(open_ports: Iterable[OpenPort]) -> set[int]:
    """The types that calls wait for."""
    return {port.type for call, port in open_ports if call != WANT_CALL}
