"""Pose a task as a search problem, and read what was found as a solution.

This is where names become numbers and back, and where the request's limits become costs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from controlllm_planner.cost import (
    WEIGHTS,
    Weights,
    fixed_cost,
    relevance_costs,
    typical_seconds,
    unreliability_cost,
)
from controlllm_planner.graph_arrays import INF, Vector
from controlllm_planner.plan import Call, CallRef, GivenRef, Solution, Verdict
from controlllm_planner.priors import Priors, stretched
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
class Prices:
    """What calls cost whatever the task is.

    Attributes:
        weights: How much each kind of cost counts.
        priors: What was seen of the tools.
        fixed: Part of each tool's cost for steps, time and money.
        unreliability: Part for how often it fails.
    """

    weights: Weights
    priors: Priors
    fixed: Vector
    unreliability: Vector


@dataclass(frozen=True, kw_only=True)
class PosedProblem:
    """A search problem with what its costs are made of.

    Attributes:
        problem: The question.
        prices: The parts of each tool's cost that do not depend on the task.
        relevance: Part for fitting the words badly.
        foreign: Part for coming from another field of work.
    """

    problem: SearchProblem
    prices: Prices
    relevance: Vector
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
        way_out = f"run and plan allow with --allow {card.effects}"
        return "pruned_by_effects", f"it has effects ({card.effects}), which {way_out}"
    if constraints.licences and not any(each in card.licence for each in constraints.licences):
        return "pruned_by_licence", f"its licence is {card.licence or 'unknown'}"
    return None


def pose(
    graph: ToolGraph,
    task: Task,
    scores: Vector,
    prices: Prices,
    refused: Collection[str],
) -> PosedProblem:
    """The question that a task asks of a graph.

    Args:
        graph: The catalogue.
        task: The task; its given resources carry their types.
        scores: Relevance of each tool to the task.
        prices: What calls cost whatever the task is.
        refused: Tools that may not be used.
    """
    number, number_of = graph.type_number, graph.tool_number
    unknown = len(number)  # a type that the catalogue does not know fits no port
    relevance = relevance_costs(scores, prices.weights)
    for ending in task.endings:
        # the words of a wish were weighed when its endings were chosen
        fit = np.array([ending.fit])
        relevance[number_of[ending.tool]] = relevance_costs(fit, prices.weights)[0]
    foreign = _foreign_costs(graph, frozenset(task.domains))
    if task.endings:
        is_ending = np.zeros(len(scores), dtype=bool)
        is_ending[[number_of[each.tool] for each in task.endings]] = True
        relevance += UNASKED_EDIT * (graph.editors & (scores < _ASKED_FROM) & ~is_ending)
    costs = relevance + prices.fixed + prices.unreliability + foreign
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
    return PosedProblem(problem=problem, prices=prices, relevance=relevance, foreign=foreign)


def direct_call(card: ToolCard, given: Sequence[Given]) -> Call:
    """A call of one tool whose required ports take given resources that fit, each once.

    What must be used goes first, then the cheapest. For tools that make nothing a search could
    want.
    """
    left = sorted(range(len(given)), key=lambda i: (not given[i].required, given[i].weight))
    bound: list[tuple[str, tuple[GivenRef | CallRef, ...]]] = []
    for port in card.required_inputs:
        index = next((i for i in left if port.resource_type.accepts(given[i].type)), None)
        if index is not None:
            left.remove(index)
            bound.append((port.name, (GivenRef(index),)))
    return Call(tool=card.name, inputs=tuple(bound))


@lru_cache(maxsize=32)
def prices_of(graph: ToolGraph, preference: Preference, priors: Priors) -> Prices:
    """The prices of a catalogue under a preference, by what was seen of its tools."""
    weights = WEIGHTS[preference]
    fixed, by_card = _card_costs(graph, preference), _typical_seconds(graph)
    usual = stretched(by_card, priors.usual_log_ratio)
    fixed = fixed + (np.log1p(usual) - np.log1p(by_card)) * weights.seconds
    unreliability = np.zeros(len(graph.cards))
    for seen in priors.tools.values():
        number = graph.tool_number.get(seen.tool, -1)
        if number >= 0 and graph.cards[number].card_hash == seen.card_hash:
            card = graph.cards[number]
            seconds = priors.expected_seconds(card, float(by_card[number]))
            fixed[number] = fixed_cost(card, weights, seconds)
            unreliability[number] = unreliability_cost(seen.expected_success, weights)
    return Prices(weights=weights, priors=priors, fixed=fixed, unreliability=unreliability)


@lru_cache(maxsize=8)
def _typical_seconds(graph: ToolGraph) -> Vector:
    return np.array([typical_seconds(card) for card in graph.cards], dtype=float)


@lru_cache(maxsize=32)
def _card_costs(graph: ToolGraph, preference: Preference) -> Vector:
    return np.array([fixed_cost(card, WEIGHTS[preference]) for card in graph.cards], dtype=float)


@lru_cache(maxsize=256)
def _foreign_costs(graph: ToolGraph, fields: frozenset[str]) -> Vector:
    if not fields:
        return np.zeros(len(graph.cards))
    foreign = [fields.isdisjoint(card.domains) for card in graph.cards]
    return np.array(foreign, dtype=float) * FOREIGN_DOMAIN


def read_solution(task: Task, found: Found, posed: PosedProblem) -> Solution:
    """A found solution by names instead of numbers.

    What an unusual order of calls costs is added here, after the search: it is less than what a
    word decides, and so small that it only orders solutions that are all but equal.
    """
    graph = posed.problem.graph
    unusual = posed.prices.priors.unusual(_feeds(found, graph))

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
        cost=found.cost + unusual,
        parts=_parts(found, posed, unusual),
    )


def _feeds(found: Found, graph: ToolGraph) -> set[tuple[str, str]]:
    """The names of every two tools of which one reads what the other one makes."""
    return {
        (graph.cards[found.calls[source].tool].name, graph.cards[call.tool].name)
        for call in found.calls
        for _, sources in call.bound
        for source, _ in sources
        if source >= 0
    }


def _parts(found: Found, posed: PosedProblem, unusual: float) -> tuple[tuple[str, float], ...]:
    """The cost of a solution by kind; the parts sum to the whole."""
    tools = [call.tool for call in found.calls]
    steps = posed.prices.weights.per_step * len(tools)

    def total(costs: Vector) -> float:
        return sum(float(costs[tool]) for tool in tools)  # a few tools: no work for arrays

    named = {
        "relevance": total(posed.relevance),
        "time and money": total(posed.prices.fixed) - steps,
        "steps": steps,
        "unreliability": total(posed.prices.unreliability),
        "other field": total(posed.foreign),
        "binding": found.cost - total(posed.problem.call_costs),
        "unusual order": unusual,
    }
    return tuple((name, round(value, 6)) for name, value in named.items() if abs(value) > 1e-9)
