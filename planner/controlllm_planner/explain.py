"""Turn the bounds of a search into decisions: why each tool is, or is not, in the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from controlllm_planner.errors import Closed, NoSolution
from controlllm_planner.graph_arrays import INF, Vector
from controlllm_planner.plan import CallRef, Decision, Solution, Verdict
from controlllm_planner.priors import Priors
from controlllm_planner.search.infeasible import Proof
from controlllm_planner.search.relaxation import Relaxation
from controlllm_planner.task import Task
from controlllm_planner.tool_graph import ToolGraph
from controlllm_planner.wording import TypeNames, type_names

_CAN_BE_MADE = 6
"""Types that are named as what can be made instead."""

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
        priors: What was seen of the tools before.
        strategy: Name of the strategy.
    """

    graph: ToolGraph
    scores: Vector
    bounds: Relaxation
    refused: Mapping[str, tuple[Verdict, str]]
    priors: Priors
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
            reason=reason
            if name in evidence.refused
            else f"{_asked(name, task)}{reason}{_seen(number, evidence)}",
            by="catalogue" if name in evidence.refused else evidence.strategy,
        )


def _candidates(chosen: set[str], evidence: Evidence) -> list[int]:
    order = np.lexsort((np.arange(len(evidence.scores)), -evidence.scores))
    relevant = [int(n) for n in order[:SHOWN] if evidence.scores[n] > 0]
    numbers = [evidence.graph.tool_number[name] for name in sorted(chosen)]
    return list(dict.fromkeys((*numbers, *relevant)))


def _seen(number: int, evidence: Evidence) -> str:
    """What counted of earlier runs of a tool."""
    seen = evidence.priors.of(evidence.graph.cards[number])
    return f"; {seen}" if seen is not None else ""


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


def no_route(task: Task, proof: Proof, closed: Sequence[Closed], graph: ToolGraph) -> NoSolution:
    """The proof that a task has no solution, and what would help, in words.

    Args:
        task: The task.
        proof: That some wanted type cannot be made.
        closed: Tools that would open a route and may not be used.
        graph: All tools.
    """
    names = type_names(graph)
    wanted, start = names.joined(proof.unreachable), names.joined(proof.given, "or")
    said = (
        f"no route to {wanted}{_about(task)}: {start} leads {_leads_to(proof, names)}, and no "
        f"chain of tools to {wanted}",
        *map(str, closed),
        " and ".join(map(names.would_do, proof.missing)) + " would connect these",
    )
    reachable = tuple(map(str, proof.reachable))
    return NoSolution(task.goal, "; ".join(said), reachable, proof.missing, tuple(closed))


def _about(task: Task) -> str:
    return f" for {task.goal[:80]!r}" if task.goal.strip() else ""


def _leads_to(proof: Proof, names: TypeNames) -> str:
    """What can be made: of the wanted kind, as that may do as well, else the kinds there are."""
    made = [each for each in proof.reachable if each not in proof.given]
    roots = {each.root for each in proof.unreachable}
    others = (each.root for each in made if each.root not in proof.given)
    kinds: Sequence[str] = list(dict.fromkeys(others))
    near: Sequence[str] = [each for each in made if each.root in roots] or kinds
    if len(near) > _CAN_BE_MADE:
        return f"to {', '.join(map(names.of, near[:_CAN_BE_MADE]))} and more"
    return f"to {names.joined(near)}" if near else "nowhere"


def not_from_all(task: Task, graph: ToolGraph) -> NoSolution:
    """Why a task has no solution though each wanted type can be made: not from all it names."""
    names = type_names(graph)
    given = tuple(
        f"{names.of(each.type)} (a list)" if each.many else names.of(each.type)
        for each in task.given
        if each.required
    )
    start = " and ".join(dict.fromkeys(given)) or "what was given"
    msg = f"no chain of tools leads from {start} to {names.joined(task.wants)}"
    return NoSolution(
        task.goal,
        f"{msg} for {task.goal[:80]!r}; hand over something else, or ask for one thing at a time",
        tuple(map(str, task.wants)),
    )
