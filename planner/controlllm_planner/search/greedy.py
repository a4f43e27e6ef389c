"""Greedy search: always the most promising way to go on, never back.

The baseline of the ControlLLM paper. O(depth * branching); may miss a solution that exists.
"""

from __future__ import annotations

from controlllm_planner.search.base import SearchBudget, SearchProblem, SearchResult
from controlllm_planner.search.beam import Beam


class Greedy:
    """A beam of one."""

    def search(self, problem: SearchProblem, budget: SearchBudget) -> SearchResult:
        """See `SearchStrategy`."""
        return Beam(width=1).search(problem, budget)
