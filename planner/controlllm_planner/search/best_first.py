"""Best-first search: the cheapest solution first, with a proof.

A* (Hart, Nilsson and Raphael 1968) over partial solutions. Before it starts, every tool whose
cheapest conceivable solution costs more than a ceiling is left out; the first ceiling is the lower
bound of the whole task plus the margin. A solution at or below the ceiling cannot contain a tool
that was left out, so it is the cheapest of all. When there is none, the ceiling rises.

O(b^d) in the worst case; stops at the budget's expansions or when its clock says so.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from controlllm_planner.graph_arrays import INF, GraphArrays, arrays_of
from controlllm_planner.search.base import Found, SearchBudget, SearchProblem, SearchResult
from controlllm_planner.search.bounds import Bound, Relaxation
from controlllm_planner.search.partial import Growth, Partial, solution_of

_CEILING_GROWTH = 2.0
_EPSILON = 1e-9
_BINDINGS_EACH = 4
_SMALL_GRAPH = 200
"""Up to so many tools, arrays over the allowed ones alone cost more to build than they save."""


class BestFirst:
    """The default strategy: exact, and fast because its bound is close to the truth."""

    def search(self, problem: SearchProblem, budget: SearchBudget) -> SearchResult:
        """See `SearchStrategy`; the first solution is the cheapest one within `max_steps`."""
        whole = Relaxation(problem, arrays_of(problem.graph))
        open_growth = Growth(problem, budget.max_steps)
        floor = Bound(whole, open_growth)(open_growth.root())
        tally = _Tally(budget)
        if floor == INF:
            return tally.result((), complete=True)
        through: list[float] = whole.through.tolist()
        ceiling = floor + max(budget.margin, _EPSILON)
        while True:
            allowed, highest = _within(whole, ceiling)
            near = whole
            if len(problem.graph.tools) > _SMALL_GRAPH:
                near = Relaxation(problem, GraphArrays(problem.graph, allowed))
            growth = Growth(problem, budget.max_steps, frozenset(allowed))
            found = _AStar(growth, Bound(near, growth), through, tally).below(ceiling)
            tally.pruned += len(problem.graph.tools) - len(allowed)
            exhausted = highest <= ceiling and not tally.cut
            if found or tally.stopped or exhausted:
                return tally.result(found, complete=not tally.stopped)
            ceiling = floor + (ceiling - floor) * _CEILING_GROWTH
            tally.cut = False


def _is_enough(found: list[Found], wanted: int) -> bool:
    """As many solutions as wanted with other tools each; ways to bind the same ones come extra."""
    if len(found) < wanted:
        return False
    if len(found) >= wanted * _BINDINGS_EACH:
        return True
    return len({tuple(sorted(call.tool for call in each.calls)) for each in found}) >= wanted


@dataclass(slots=True)
class _Tally:
    budget: SearchBudget
    expanded: int = 0
    pruned: int = 0
    stopped: bool = False
    cut: bool = field(default=False)

    def may_expand(self) -> bool:
        self.expanded += 1
        over = self.expanded > self.budget.expansions or (
            self.expanded % 64 == 0 and self.budget.is_over()
        )
        self.stopped = self.stopped or over
        return not self.stopped

    def result(self, found: tuple[Found, ...], *, complete: bool) -> SearchResult:
        return SearchResult(
            found=found, expanded=self.expanded, pruned=self.pruned, complete=complete
        )


def _within(whole: Relaxation, ceiling: float) -> tuple[tuple[int, ...], float]:
    """Tools that a solution below the ceiling may contain, and the dearest tool of all."""
    through = whole.through
    allowed = tuple((through <= ceiling + _EPSILON).nonzero()[0].tolist())
    finite = through[through < INF]
    return allowed, float(finite.max()) if len(finite) else 0.0


class _AStar:
    """One pass below one ceiling."""

    def __init__(self, growth: Growth, bound: Bound, through: list[float], tally: _Tally) -> None:
        self._growth = growth
        self._bound = bound
        self._through = through
        self._tally = tally
        self._queue: list[tuple[float, int, int, bool, Partial]] = []
        self._born = 0

    def below(self, ceiling: float) -> tuple[Found, ...]:
        """Solutions that cost no more than the ceiling, cheapest first."""
        budget = self._tally.budget
        found: list[Found] = []
        self._push(0.0, self._growth.root(), depth=0)
        while self._queue and not _is_enough(found, budget.solutions):
            key, depth, number, is_bounded, partial = heapq.heappop(self._queue)
            if found and key > found[0].cost + budget.margin:
                break
            if not is_bounded:
                # The bound is worked out when a partial solution comes up, not when it is made:
                # most never come up.
                self._put_back(key, depth, number, partial, ceiling)
            elif self._growth.is_complete(partial):
                solution = solution_of(partial)
                found += [solution] if solution is not None else []
            elif self._tally.may_expand():
                self._expand(key, depth, partial)
            else:
                break
        return tuple(found)

    def _push(self, key: float, partial: Partial, depth: int) -> None:
        self._born += 1
        heapq.heappush(self._queue, (key, depth, self._born, False, partial))

    def _put_back(
        self, key: float, depth: int, number: int, partial: Partial, ceiling: float
    ) -> None:
        total = max(key, partial.cost + self._bound(partial))
        if total > ceiling + _EPSILON:
            self._tally.cut = self._tally.cut or total < INF
            self._tally.pruned += 1
        else:
            heapq.heappush(self._queue, (total, depth, number, True, partial))

    def _expand(self, key: float, depth: int, partial: Partial) -> None:
        calls = len(partial.tools)
        for child in self._growth.children(partial):
            least = max(key, child.cost)
            if len(child.tools) > calls:
                least = max(least, self._through[child.tools[-1]])
            self._push(least, child, depth - 1)
