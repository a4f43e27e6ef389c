"""Pose a task as a search problem, and read what was found as a solution.

This is where names become numbers and back, and where the request's limits become costs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from controlllm_planner.cost import WEIGHTS, Weights, fixed_cost, relevance_costs
from controlllm_planner.graph_arrays import INF, Vector
from controlllm_planner.plan import Call, CallRef, GivenRef, Solution, Verdict
from controlllm_planner.search.base import Found, SearchProblem, Start
from controlllm_planner.task import Constraints, Given, Preference, Task
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import ToolCard

FOREIGN_DOMAIN = 1.0
"""Cost of a tool from outside the fields of work that a task names."""

UNASKED_EDIT = 6.0
"""Cost of a call that makes of a thing another one of its kind, when no word asks for that: an edit
connects nothing. Only for tasks whose endings are known."""

_ASKED_FROM = 0.3
"""Relevance from which words ask for a tool."""

Refusals = Mapping[str, tuple[Verdict, str]]


@dataclass(frozen=True, kw_only=True)
class PosedProblem:
    """A search problem with what its costs are made of.

    Attributes:
        problem: The question.
        relevance: Part of each tool's cost for fitting the words badly.
        fixed: Part for steps, time and money.
        foreign: Part for coming from another field of work.
    """

    problem: SearchProblem
    relevance: Vector
    fixed: Vector
    foreign: Vector


def refusals(
    graph: ToolGraph, constraints: Constraints, unavailable: Mapping[str, str]
) -> Refusals:
    """The tools that may not be used, each with the rule and the reason."""
    found: dict[str, tuple[Verdict, str]] = {}
    for card in graph.cards:
        refusal = _refusal(card, constraints, unavailable)
        if refusal is not None:
            found[card.name] = refusal
    return found


def _refusal(
    card: ToolCard, constraints: Constraints, unavailable: Mapping[str, str]
) -> tuple[Verdict, str] | None:
    if card.name in constraints.deny_tools:
        return "pruned_by_request", "the request denies it"
    if constraints.allow_tools and card.name not in constraints.allow_tools:
        return "pruned_by_request", "the request allows other tools only"
    if card.name in unavailable:
        return "pruned_by_availability", unavailable[card.name]
    if card.effects != "none" and card.effects not in constraints.allow_effects:
        return "pruned_by_effects", f"its effects ({card.effects}) are not allowed by the request"
    if constraints.licences and not any(each in card.licence for each in constraints.licences):
        return "pruned_by_licence", f"its licence is {card.licence or 'unknown'}"
    return None


def pose(
    graph: ToolGraph,
    task: Task,
    scores: Vector,
    preference: Preference,
    refused: Collection[str],
) -> PosedProblem:
    """The question that a task asks of a graph.

    Args:
        graph: The catalogue.
        task: The task; its given resources carry their types.
        scores: Relevance of each tool to the task.
        preference: Whose weights count.
        refused: Tools that may not be used.
    """
    number, number_of = graph.type_number, graph.tool_number
    unknown = len(number)  # a type that the catalogue does not know fits no port
    weights = WEIGHTS[preference]
    relevance = relevance_costs(scores, weights)
    for ending in task.endings:
        # the words of a wish were weighed when its endings were chosen
        fit = np.array([ending.fit])
        relevance[number_of[ending.tool]] = relevance_costs(fit, weights)[0]
    fixed = _fixed_costs(graph, preference)
    foreign = _foreign_costs(graph, frozenset(task.domains))
    if task.endings:
        is_ending = np.zeros(len(scores), dtype=bool)
        is_ending[[number_of[each.tool] for each in task.endings]] = True
        relevance += UNASKED_EDIT * (graph.editors & (scores < _ASKED_FROM) & ~is_ending)
    costs = relevance + fixed + foreign
    costs[[graph.tool_number[name] for name in refused]] = INF
    problem = SearchProblem(
        graph=graph,
        starts=tuple(
            Start(
                type=number.get(given.type, unknown),
                required=given.required,
                weight=given.weight,
                many=given.many,
            )
            for given in task.given
        ),
        wants=tuple(number[want] for want in task.wants),
        via=tuple(number[via] for via in task.via),
        call_costs=costs,
        scores=scores,
        endings=frozenset(number_of[ending.tool] for ending in task.endings),
    )
    return PosedProblem(problem=problem, relevance=relevance, fixed=fixed, foreign=foreign)


def direct_call(card: ToolCard, given: Sequence[Given]) -> Call:
    """A call of one tool whose required ports take the first given resources that fit, each once.

    For tools that make nothing a search could want.
    """
    left = list(range(len(given)))
    bound: list[tuple[str, tuple[GivenRef | CallRef, ...]]] = []
    for port in card.required_inputs:
        index = next((i for i in left if port.resource_type.accepts(given[i].type)), None)
        if index is not None:
            left.remove(index)
            bound.append((port.name, (GivenRef(index),)))
    return Call(tool=card.name, inputs=tuple(bound))


@lru_cache(maxsize=32)
def _fixed_costs(graph: ToolGraph, preference: Preference) -> Vector:
    return np.array([fixed_cost(card, WEIGHTS[preference]) for card in graph.cards], dtype=float)


@lru_cache(maxsize=256)
def _foreign_costs(graph: ToolGraph, fields: frozenset[str]) -> Vector:
    if not fields:
        return np.zeros(len(graph.cards))
    foreign = [fields.isdisjoint(card.domains) for card in graph.cards]
    return np.array(foreign, dtype=float) * FOREIGN_DOMAIN


def read_solution(task: Task, found: Found, posed: PosedProblem, weights: Weights) -> Solution:
    """A found solution by names instead of numbers."""
    graph = posed.problem.graph

    def ref(source: tuple[int, int]) -> GivenRef | CallRef:
        call, index = source
        if call < 0:
            return GivenRef(index)
        return CallRef(call, graph.tools[found.calls[call].tool].outputs[index].name)

    calls = tuple(
        Call(
            tool=graph.cards[call.tool].name,
            inputs=tuple((port, tuple(map(ref, sources))) for port, sources in call.bound),
        )
        for call in found.calls
    )
    wanted = tuple(made for made in map(ref, found.wanted) if isinstance(made, CallRef))
    return Solution(
        task=task.id,
        calls=calls,
        wanted=wanted,
        cost=found.cost,
        parts=_parts(found, posed, weights),
    )


def _parts(found: Found, posed: PosedProblem, weights: Weights) -> tuple[tuple[str, float], ...]:
    """The cost of a solution by kind; the parts sum to the whole."""
    tools = [call.tool for call in found.calls]
    steps = weights.per_step * len(tools)

    def total(costs: Vector) -> float:
        return sum(float(costs[tool]) for tool in tools)  # a few tools: no work for arrays

    named = {
        "relevance": total(posed.relevance),
        "time and money": total(posed.fixed) - steps,
        "steps": steps,
        "other field": total(posed.foreign),
        "binding": found.cost - total(posed.problem.call_costs),
    }
    return tuple((name, round(value, 6)) for name, value in named.items() if abs(value) > 1e-9)
