"""Beam search: the few most promising partial solutions of each size.

As in the ControlLLM paper, with a width of 3 by default. O(depth * width * branching); may miss a
solution that exists.
"""

from __future__ import annotations

from dataclasses import dataclass

from controlllm_planner.graph_arrays import INF
from controlllm_planner.search.base import SearchBudget, SearchProblem, SearchResult
from controlllm_planner.search.bounds import Bound
from controlllm_planner.search.partial import Growth, Partial
from controlllm_planner.search.relaxation import relaxation_of
from controlllm_planner.search.shortlist import Shortlist


@dataclass(frozen=True, slots=True)
class Beam:
    """Keeps `width` partial solutions after every binding."""

    width: int = 3

    def search(self, problem: SearchProblem, budget: SearchBudget) -> SearchResult:
        """See `SearchStrategy`."""
        growth = Growth(problem, budget.max_steps)
        bound = Bound(relaxation_of(problem), growth)
        shortlist = Shortlist(budget)
        layer = [growth.root()]
        while layer:
            children: list[Partial] = []
            for partial in layer:
                if not shortlist.may_expand():
                    return shortlist.result(complete=False)
                children += growth.children(partial)
            layer = self._best(children, bound, growth, shortlist)
        return shortlist.result(complete=True)

    def _best(
        self, children: list[Partial], bound: Bound, growth: Growth, shortlist: Shortlist
    ) -> list[Partial]:
        promising = []
        for number, child in enumerate(children):
            if growth.is_complete(child):
                shortlist.add(child)
                continue
            total = child.cost + bound(child)
            if total < INF:
                promising.append((total, number, child))
        promising.sort(key=lambda each: each[:2])
        shortlist.pruned += max(0, len(promising) - self.width)
        return [child for _, _, child in promising[: self.width]]
