"""Turn the bounds of a search into decisions: why each tool is, or is not, in the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from controlllm_planner.graph_arrays import INF, Vector
from controlllm_planner.plan import Decision, Solution, Verdict
from controlllm_planner.search.bounds import Relaxation
from controlllm_planner.task import Task
from controlllm_planner.tool_graph import ToolGraph

SHOWN = 12
"""Candidates told of per task, by relevance, besides the tools of the solution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a search knew when it decided.

    Attributes:
        graph: All tools, those that may not be used included.
        scores: Relevance of each tool.
        bounds: Knows the least cost of a solution with each tool; infinite when none exists.
        refused: Why a tool may not be used, by name.
        strategy: Name of the strategy.
    """

    graph: ToolGraph
    scores: Vector
    bounds: Relaxation
    refused: Mapping[str, tuple[Verdict, str]]
    strategy: str


def decisions(
    task: Task, solutions: Sequence[Solution], evidence: Evidence
) -> tuple[Decision, ...]:
    """A decision for every tool of the best solution, and for the most relevant others."""
    return tuple(_decide(task, solutions, evidence))


def _decide(task: Task, solutions: Sequence[Solution], evidence: Evidence) -> Iterator[Decision]:
    best = solutions[0]
    bounds = evidence.bounds.through
    chosen = {call.tool for call in best.calls}
    spare = {call.tool for other in solutions[1:] for call in other.calls} - chosen
    for number in _candidates(chosen, evidence):
        name = evidence.graph.cards[number].name
        bound = float(bounds[number])
        verdict, reason = _verdict(name, bound, best, evidence, task)
        if name in spare:
            reason = f"an alternative uses it; {reason}"
        yield Decision(
            task=task.id,
            candidate=name,
            verdict=verdict,
            score=round(float(evidence.scores[number]), 4),
            bound=bound,
            reason=reason,
            by=evidence.strategy if name not in evidence.refused else "catalogue",
        )


def _verdict(
    name: str, bound: float, best: Solution, evidence: Evidence, task: Task
) -> tuple[Verdict, str]:
    if any(call.tool == name for call in best.calls):
        return "kept", _why_kept(best)
    if name in evidence.refused:
        return evidence.refused[name]
    if bound == INF:
        wants = " and ".join(task.wants)
        return "pruned_by_type", f"no chain through it leads from what is given to {wants}"
    least = f"no solution with it costs less than {bound:.2f}"
    return "dominated", f"{least}, the chosen one costs {best.cost:.2f}"


def _candidates(chosen: set[str], evidence: Evidence) -> list[int]:
    order = np.lexsort((np.arange(len(evidence.scores)), -evidence.scores))
    relevant = [int(n) for n in order[:SHOWN] if evidence.scores[n] > 0]
    numbers = [evidence.graph.tool_number[name] for name in sorted(chosen)]
    return list(dict.fromkeys((*numbers, *relevant)))


def _why_kept(best: Solution) -> str:
    parts = ", ".join(f"{name} {value:.2f}" for name, value in best.parts)
    return f"in the cheapest solution, cost {best.cost:.2f} ({parts})"
