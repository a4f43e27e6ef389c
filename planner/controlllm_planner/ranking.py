"""Order the solutions of a task: cheapest first, and every next one a real alternative."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from controlllm_planner.plan import CallRef, Solution


def rank(solutions: Iterable[Solution]) -> tuple[Solution, ...]:
    """Cheapest first, without solutions that call everything a better one calls.

    Of equally cheap ones the one with the shortest chain of calls is better: it is done sooner,
    and each result stands closer to what it was made from. A second way is of use when a tool of
    the first one fails; one that differs only in order or binding, or that adds calls to the first
    way, fails with it.
    """
    kept: list[Solution] = []
    seen: list[Counter[str]] = []
    for solution in sorted(solutions, key=_rank):
        tools = Counter(call.tool for call in solution.calls)
        if not any(better <= tools for better in seen):
            kept.append(solution)
            seen.append(tools)
    return tuple(kept)


def _rank(solution: Solution) -> tuple[float, int, int, list[str]]:
    depths: list[int] = []
    for call in solution.calls:
        before = [
            depths[ref.call] for _, refs in call.inputs for ref in refs if isinstance(ref, CallRef)
        ]
        depths.append(1 + max(before, default=0))
    names = [call.tool for call in solution.calls]
    return round(solution.cost, 9), sum(depths), len(depths), names
