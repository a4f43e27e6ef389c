"""Exhaustive search: every sound solution, and the k cheapest of them.

Depth first, without any bound or score, so it is also the independent check of the others.
Exponential in the number of steps; for small catalogues and for tests.
"""

from __future__ import annotations

from dataclasses import replace

from controlllm_planner.search.base import SearchBudget, SearchProblem, SearchResult
from controlllm_planner.search.partial import Growth
from controlllm_planner.search.shortlist import Shortlist


class Exhaustive:
    """Leaves nothing out, as long as the budget lasts."""

    def search(self, problem: SearchProblem, budget: SearchBudget) -> SearchResult:
        """See `SearchStrategy`."""
        growth = Growth(problem, budget.max_steps)
        shortlist = Shortlist(budget)
        stack = [growth.root()]
        while stack:
            partial = stack.pop()
            if growth.is_complete(partial):
                shortlist.add(partial)
                continue
            if not shortlist.may_expand():
                return shortlist.result(complete=False)
            stack += growth.children(partial)
        result = shortlist.result(complete=True)
        return replace(result, proven=bool(result.found))
