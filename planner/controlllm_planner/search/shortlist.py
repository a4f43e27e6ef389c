"""The k cheapest solutions seen so far, and the count of the work spent on them."""

from __future__ import annotations

from controlllm_planner.search.base import Found, SearchBudget, SearchResult
from controlllm_planner.search.partial import Partial, solution_of

_CLOCK_EVERY = 64


class Shortlist:
    """Keeps to the budget; equal solutions are listed once, in an order of their own."""

    def __init__(self, budget: SearchBudget) -> None:
        self._budget = budget
        self._found: dict[tuple[object, ...], Found] = {}
        self.expanded = 0
        self.pruned = 0

    def may_expand(self) -> bool:
        """Count one partial solution; false when the budget is used up."""
        if self.expanded >= self._budget.expansions:
            return False
        self.expanded += 1
        return self.expanded % _CLOCK_EVERY != 0 or not self._budget.is_over()

    def add(self, partial: Partial) -> None:
        """Take a complete partial solution, unless it does one thing twice."""
        solution = solution_of(partial)
        if solution is not None:
            self._found.setdefault((solution.calls, solution.wanted), solution)

    def result(self, *, complete: bool) -> SearchResult:
        """The cheapest ones, cheapest first, without those beyond the margin."""
        ranked = sorted(self._found.values(), key=_rank)[: self._budget.solutions]
        near = [each for each in ranked if each.cost <= ranked[0].cost + self._budget.margin]
        return SearchResult(
            found=tuple(near), expanded=self.expanded, pruned=self.pruned, complete=complete
        )


def _rank(found: Found) -> tuple[float, int, list[int]]:
    return round(found.cost, 9), len(found.calls), [call.tool for call in found.calls]
