"""Adaptive search: follow every tool whose score reaches a threshold, else the single best one.

The ControlLLM paper's default. Depth first; exponential only in the number of tools that reach the
threshold; may miss a solution that exists.
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
class Adaptive:
    """Prunes new calls by relevance; bindings to what is there are never pruned."""

    threshold: float = 0.5

    def search(self, problem: SearchProblem, budget: SearchBudget) -> SearchResult:
        """See `SearchStrategy`."""
        growth = Growth(problem, budget.max_steps)
        bound = Bound(relaxation_of(problem), growth)
        shortlist = Shortlist(budget)
        stack = [growth.root()]
        while stack:
            partial = stack.pop()
            if growth.is_complete(partial):
                shortlist.add(partial)
                continue
            if not shortlist.may_expand():
                return shortlist.result(complete=False)
            children = list(growth.children(partial))
            kept = self._kept(partial, children, bound, problem)
            shortlist.pruned += len(children) - len(kept)
            stack += reversed(kept)
        return shortlist.result(complete=True)

    def _kept(
        self, partial: Partial, children: list[Partial], bound: Bound, problem: SearchProblem
    ) -> list[Partial]:
        ranked = []
        for number, child in enumerate(children):
            total = child.cost + bound(child)
            if total < INF:
                ranked.append((total, number, child))
        ranked.sort(key=lambda each: each[:2])
        ordered = [child for _, _, child in ranked]
        fitting = [
            child
            for child in ordered
            if child.steps == partial.steps or problem.scores[child.tools[-1]] >= self.threshold
        ]
        return fitting or ordered[:1]
