"""Order the solutions of a task: cheapest first, and every next one a real alternative."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from controlllm_planner.plan import Solution


def rank(solutions: Iterable[Solution]) -> tuple[Solution, ...]:
    """Cheapest first, without solutions that call everything a cheaper one calls.

    A second way is of use when a tool of the first one fails. One that differs only in order or
    binding, or that adds calls to the first way, fails with it.
    """
    ordered = sorted(
        solutions, key=lambda s: (round(s.cost, 9), len(s.calls), [call.tool for call in s.calls])
    )
    kept: list[Solution] = []
    seen: list[Counter[str]] = []
    for solution in ordered:
        tools = Counter(call.tool for call in solution.calls)
        if not any(cheaper <= tools for cheaper in seen):
            kept.append(solution)
            seen.append(tools)
    return tuple(kept)
