"""Turn the bounds of a search into decisions: why each tool is, or is not, in the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from controlllm_planner.graph_arrays import INF, Vector
from controlllm_planner.plan import CallRef, Decision, Solution, Verdict
from controlllm_planner.search.relaxation import Relaxation
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
    for number in _candidates(chosen, evidence):
        name = evidence.graph.cards[number].name
        bound = float(bounds[number])
        if name in chosen:
            verdict, reason = _kept(name, task, best)
        elif name in evidence.refused:
            verdict, reason = evidence.refused[name]
        else:
            verdict, reason = _left_out(name, bound, task, solutions)
        yield Decision(
            task=task.id,
            candidate=name,
            verdict=verdict,
            score=round(float(evidence.scores[number]), 4),
            bound=round(bound, 4),
            reason=reason if name in evidence.refused else f"{_asked(name, task)}{reason}",
            by="catalogue" if name in evidence.refused else evidence.strategy,
        )


def _candidates(chosen: set[str], evidence: Evidence) -> list[int]:
    order = np.lexsort((np.arange(len(evidence.scores)), -evidence.scores))
    relevant = [int(n) for n in order[:SHOWN] if evidence.scores[n] > 0]
    numbers = [evidence.graph.tool_number[name] for name in sorted(chosen)]
    return list(dict.fromkeys((*numbers, *relevant)))


def _asked(name: str, task: Task) -> str:
    """What the words have to do with a tool that could end the task."""
    for ending in task.endings:
        if ending.tool == name:
            return f"{task.goal[:60]!r} asks for it ({ending.probability:.0%}); "
    return ""


def _kept(name: str, task: Task, best: Solution) -> tuple[Verdict, str]:
    """What the tool is there for: the wish itself, or what other tools need."""
    wished = any(best.calls[made.call].tool == name for made in best.wanted)
    readers: dict[str, list[str]] = {}
    for reader in best.calls:
        for _, refs in reader.inputs:
            for ref in refs:
                if isinstance(ref, CallRef) and best.calls[ref.call].tool == name:
                    readers.setdefault(ref.output, []).append(reader.tool)
    serves = [f"makes the {' and '.join(task.wants)} asked for"] if wished else []
    serves += [
        f"makes the {output} for {' and '.join(dict.fromkeys(names))}"
        for output, names in readers.items()
    ]
    return "kept", f"{', '.join(serves)}; in the cheapest way, cost {best.cost:.2f}"


def _left_out(
    name: str, bound: float, task: Task, solutions: Sequence[Solution]
) -> tuple[Verdict, str]:
    best = solutions[0].cost
    if bound == INF:
        wants = " and ".join(task.wants)
        return "pruned_by_type", f"no chain through it leads from what is given to {wants}"
    for other in solutions[1:]:
        if any(call.tool == name for call in other.calls):
            return (
                "dominated",
                f"kept as an alternative that costs {other.cost:.2f}, not {best:.2f}",
            )
    if bound > best:
        return "dominated", f"any way through it costs at least {bound:.2f}, not {best:.2f}"
    return "dominated", f"no way through it that does all that is asked is cheaper than {best:.2f}"
