"""Best-first search: the cheapest solution first, with a proof.

A* (Hart, Nilsson and Raphael 1968) over partial solutions. Before it starts, every tool whose
cheapest conceivable solution costs more than a ceiling is left out; the first ceiling is the lower
bound of the whole task plus the margin. A solution at or below the ceiling cannot contain a tool
that was left out, so it is the cheapest of all. When there is none, the ceiling rises.

O(b^d) in the worst case; at the budget's expansions, or when its clock says so, the relaxed plan
takes over, whose answer is sound and not proven to be the cheapest.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import numpy as np

from controlllm_planner.graph_arrays import INF, Numbers, Vector
from controlllm_planner.search.base import Found, SearchBudget, SearchProblem, SearchResult
from controlllm_planner.search.bounds import Bound
from controlllm_planner.search.partial import Demand, Growth, Maker, Partial, solution_of
from controlllm_planner.search.relaxation import Relaxation, relaxation_of
from controlllm_planner.search.relaxed_plan import relaxed_plan

_CEILING_GROWTH = 2.0
_EPSILON = 1e-9
_BINDINGS_EACH = 4
_SMALL_GRAPH = 200
"""Up to so many tools, arrays over the allowed ones alone cost more to build than they save."""


class BestFirst:
    """The default strategy: exact, and fast because its bound is close to the truth."""

    def search(self, problem: SearchProblem, budget: SearchBudget) -> SearchResult:
        """See `SearchStrategy`; the first solution is the cheapest one within `max_steps`."""
        whole = relaxation_of(problem)
        growth = Growth(problem, budget.max_steps)
        bound = Bound(whole, growth)
        floor = bound(growth.root())
        tally = _Tally(budget)
        if floor == INF:
            return tally.result((), complete=True)
        ceiling = floor + max(budget.margin, _EPSILON)
        while True:
            allowed, highest = _within(whole, ceiling)
            if len(problem.graph.tools) > _SMALL_GRAPH:
                growth = Growth(problem, budget.max_steps, frozenset(allowed.tolist()))
                bound = Bound(Relaxation(problem, whole.tables.only(allowed)), growth)
            found = _AStar(growth, bound, whole, tally, ceiling).solutions()
            tally.pruned += len(problem.graph.tools) - len(allowed)
            exhausted = highest <= ceiling and not tally.cut
            if tally.stopped and not found:
                return _any_solution(problem, tally)
            if found or exhausted:
                # A* finds the cheapest first; what stops it later costs alternatives only
                result = tally.result(found, complete=not tally.stopped)
                return replace(result, proven=bool(found))
            ceiling = floor + (ceiling - floor) * _CEILING_GROWTH
            tally.cut = False


def _any_solution(problem: SearchProblem, tally: _Tally) -> SearchResult:
    """What the relaxation leads to when the proof takes too long: some way is better than none."""
    found = relaxed_plan(problem, tally.budget.max_steps)
    return tally.result((found,) if found else (), complete=False)


@dataclass(slots=True)
class _Tally:
    budget: SearchBudget
    expanded: int = 0
    pruned: int = 0
    stopped: bool = False
    cut: bool = False
    limit: float = INF

    def may_expand(self) -> bool:
        self.expanded += 1
        over = self.expanded > min(self.budget.expansions, self.limit) or (
            self.expanded % 64 == 0 and self.budget.is_over()
        )
        self.stopped = self.stopped or over
        return not self.stopped

    def note_found(self) -> None:
        """Alternatives are worth about as much work as the cheapest solution took."""
        self.limit = min(self.limit, 2 * self.expanded + self.budget.patience)

    def set_aside(self, number: int, *, cut: bool) -> None:
        """Count what lies above the ceiling, or cannot be completed at all."""
        self.pruned += number
        self.cut = self.cut or cut

    def result(self, found: tuple[Found, ...], *, complete: bool) -> SearchResult:
        return SearchResult(
            found=found, expanded=self.expanded, pruned=self.pruned, complete=complete
        )


def _within(whole: Relaxation, ceiling: float) -> tuple[Numbers, float]:
    """Tools that a solution below the ceiling may contain, and the dearest tool of all."""
    through = whole.through
    allowed = (through <= ceiling + _EPSILON).nonzero()[0]
    finite = through[through < INF]
    return allowed, float(finite.max()) if len(finite) else 0.0


class _AStar:
    """One pass below one ceiling."""

    def __init__(
        self, growth: Growth, bound: Bound, whole: Relaxation, tally: _Tally, ceiling: float
    ) -> None:
        self._growth = growth
        self._bound = bound
        self._whole = whole
        self._tally = tally
        self._ceiling = ceiling + _EPSILON
        self._queue: list[tuple[float, int, int, Partial, Maker | None]] = []
        self._born = 0
        self._makers: dict[Demand, tuple[Vector, Vector]] = {}
        self._found: list[Found] = []
        self._tool_sets: set[tuple[int, ...]] = set()

    def solutions(self) -> tuple[Found, ...]:
        """Solutions that cost no more than the ceiling, cheapest first."""
        self._consider(0.0, 0, self._growth.root())
        while self._queue and not self._has_enough():
            key, depth, _, parent, maker = heapq.heappop(self._queue)
            if key > self._ceiling:
                break
            # most children are never taken up, so a new call is made when its turn comes
            partial = parent if maker is None else self._growth.with_new_call(parent, maker)
            if partial is None:
                continue
            if not self._growth.is_complete(partial):
                if not self._tally.may_expand():
                    break
                self._expand(key, depth - 1, partial)
                continue
            solution = solution_of(partial)
            if solution is not None:
                self._keep(solution)
        return tuple(self._found)

    def _has_enough(self) -> bool:
        """As many solutions as wanted with other tools each; other bindings of them come extra."""
        wanted = self._tally.budget.solutions
        return len(self._tool_sets) >= wanted or len(self._found) >= wanted * _BINDINGS_EACH

    def _keep(self, solution: Found) -> None:
        self._found.append(solution)
        self._tool_sets.add(tuple(sorted(call.tool for call in solution.calls)))
        dearest = self._found[0].cost + self._tally.budget.margin
        self._ceiling = min(self._ceiling, dearest + _EPSILON)
        self._tally.note_found()

    def _expand(self, key: float, depth: int, partial: Partial) -> None:
        for child in self._growth.bindings(partial):
            self._consider(key, depth, child)
        makers = self._growth.new_makers(partial)
        if not makers:
            return
        open_port = partial.open[-1]
        through, costs = self._figures_of(self._growth.demand(open_port), makers)
        left = self._bound.with_new_calls(partial)
        least = np.maximum(through, key)
        keys = np.maximum(least, partial.cost + costs + left)
        is_near = keys <= self._ceiling
        near = is_near.nonzero()[0]
        if len(near) < len(keys):
            cut = bool(np.isfinite(keys[~is_near]).any())
            self._tally.set_aside(len(keys) - len(near), cut=cut)
        figures = zip(near.tolist(), least[near].tolist(), left[near].tolist(), strict=True)
        for place, lowest, ahead in figures:
            cost = partial.cost + self._growth.cost_of_new_call(open_port, makers[place])
            self._push(max(lowest, cost + ahead), depth, partial, makers[place])

    def _figures_of(self, demand: Demand, makers: tuple[Maker, ...]) -> tuple[Vector, Vector]:
        """Per maker for a demand, the least cost of a solution with it, and the cost of a call."""
        if demand not in self._makers:
            tools = [tool for tool, _ in makers]
            self._makers[demand] = self._whole.through[tools], self._whole.costs[tools]
        return self._makers[demand]

    def _consider(self, least: float, depth: int, partial: Partial) -> None:
        self._push(max(least, partial.cost + self._bound(partial)), depth, partial)

    def _push(self, key: float, depth: int, partial: Partial, maker: Maker | None = None) -> None:
        """Queue a partial solution, or the child that it has by a new call."""
        if key > self._ceiling:
            self._tally.set_aside(1, cut=key < INF)
            return
        self._born += 1
        heapq.heappush(self._queue, (key, depth, self._born, partial, maker))
