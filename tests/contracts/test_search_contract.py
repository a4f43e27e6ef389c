"""One suite for every search strategy: sound, deterministic, bounded; and A* against exhaustive."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from controlllm_planner.graph_arrays import arrays_of
from controlllm_planner.search.adaptive import Adaptive
from controlllm_planner.search.base import (
    Found,
    SearchBudget,
    SearchProblem,
    SearchStrategy,
    Start,
)
from controlllm_planner.search.beam import Beam
from controlllm_planner.search.best_first import BestFirst
from controlllm_planner.search.bounds import Bound
from controlllm_planner.search.exhaustive import Exhaustive
from controlllm_planner.search.greedy import Greedy
from controlllm_planner.search.infeasible import prove_no_route
from controlllm_planner.search.partial import Growth, Partial
from controlllm_planner.search.relaxation import Relaxation
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Port, ToolCard

STRATEGIES: dict[str, SearchStrategy] = {
    "greedy": Greedy(),
    "beam": Beam(),
    "adaptive": Adaptive(),
    "exhaustive": Exhaustive(),
    "best_first": BestFirst(),
}
TYPES = ("text", "text.title", "image", "image.mask", "audio", "boxes")
WIDE = SearchBudget(expansions=60_000, max_steps=4, solutions=10_000, margin=1e6)


@pytest.fixture(params=sorted(STRATEGIES))
def strategy(request: pytest.FixtureRequest) -> SearchStrategy:
    return STRATEGIES[request.param]


def port(name: str, type_: str, *, many: bool = False, optional: bool = False) -> Port:
    return Port(name=name, type=type_, many=many, optional=optional)


def tool(name: str, inputs: list[Port], outputs: list[Port]) -> ToolCard:
    return ToolCard(
        name=name, version="1", summary=name, inputs=tuple(inputs), outputs=tuple(outputs)
    )


@st.composite
def problems(draw: st.DrawFn) -> SearchProblem:
    """Small random catalogues with refined, optional and list ports, and tasks on them."""
    cards = []
    for number in range(draw(st.integers(1, 6))):
        inputs = [
            port(
                f"in{i}",
                draw(st.sampled_from(TYPES)),
                many=draw(st.booleans()) and draw(st.booleans()),
                optional=draw(st.booleans()) and draw(st.booleans()),
            )
            for i in range(draw(st.integers(0, 2)))
        ]
        outputs = [
            port(f"out{i}", draw(st.sampled_from(TYPES)), many=draw(st.integers(0, 5)) == 0)
            for i in range(draw(st.integers(1, 2)))
        ]
        cards.append(tool(f"tool_{number}", inputs, outputs))
    graph = ToolGraph(cards)
    known = st.integers(0, len(graph.type_names) - 1)
    weights = st.floats(0, 1).map(lambda x: round(x, 2))
    starts = tuple(
        Start(type=draw(known), required=draw(st.booleans()), weight=draw(weights))
        for _ in range(draw(st.integers(0, 3)))
    )
    costs = [draw(st.floats(0.05, 3).map(lambda x: round(x, 2))) for _ in cards]
    return SearchProblem(
        graph=graph,
        starts=starts,
        wants=tuple(draw(known) for _ in range(draw(st.integers(1, 2)))),
        via=tuple(draw(known) for _ in range(draw(st.integers(0, 1)))),
        call_costs=np.array(costs),
        scores=np.array([draw(st.floats(0, 1)) for _ in cards]),
    )


def check_sound(problem: SearchProblem, found: Found, max_steps: int) -> None:
    """Soundness, stated anew and independent of how solutions are built."""
    graph = problem.graph
    assert 1 <= len(found.calls) <= max_steps
    used_outputs = set(found.wanted)
    used_given: set[int] = set()
    for number, call in enumerate(found.calls):
        card = graph.cards[call.tool]
        bound = dict(call.bound)
        assert {p.name for p in card.required_inputs} <= set(bound)
        sources = list(itertools.chain(*bound.values()))
        assert len(sources) == len(set(sources)), "one source fills two ports of one call"
        for name, on_port in bound.items():
            wanted = card.input(name)
            assert wanted is not None
            assert len(on_port) == 1 or wanted.many
            for place, index in on_port:
                if place < 0:
                    used_given.add(index)
                    type_, is_list = graph.type_names[problem.starts[index].type], False
                else:
                    assert place < number, "a call reads from a later one"
                    output = graph.cards[found.calls[place].tool].outputs[index]
                    type_, is_list = output.resource_type, output.many
                    used_outputs.add((place, index))
                assert wanted.resource_type.accepts(type_)
                assert wanted.many or not is_list
    assert {place for place, _ in used_outputs} == set(range(len(found.calls))), "a dead end"
    required = {i for i, start in enumerate(problem.starts) if start.required}
    assert required <= used_given
    made = {
        graph.cards[found.calls[place].tool].outputs[index].resource_type
        for place, index in used_outputs
    }
    for via in problem.via:
        assert any(graph.type_names[via].accepts(type_) for type_ in made)
    for want, (place, index) in zip(problem.wants, found.wanted, strict=True):
        output = graph.cards[found.calls[place].tool].outputs[index]
        assert graph.type_names[want].accepts(output.type)
    calls = [(call.tool, call.bound) for call in found.calls]
    assert len(set(calls)) == len(calls), "the same call is made twice"


@given(problem=problems())
@settings(max_examples=150, deadline=None)
def test_every_solution_is_sound(problem: SearchProblem) -> None:
    budget = SearchBudget(max_steps=4, expansions=3_000)
    for strategy in STRATEGIES.values():
        for found in strategy.search(problem, budget).found:
            check_sound(problem, found, max_steps=4)


@given(problem=problems())
@settings(max_examples=400, deadline=None)
def test_best_first_costs_what_the_cheapest_of_all_solutions_costs(problem: SearchProblem) -> None:
    everything = Exhaustive().search(problem, WIDE)
    assume(everything.complete)
    first = BestFirst().search(problem, SearchBudget(max_steps=4, solutions=1))
    assert first.complete
    assert [f.cost for f in first.found] == pytest.approx([f.cost for f in everything.found[:1]])


@given(problem=problems())
@settings(max_examples=200, deadline=None)
def test_best_first_ranks_alternatives_as_exhaustive_search_does(problem: SearchProblem) -> None:
    everything = Exhaustive().search(problem, WIDE)
    assume(everything.complete)
    few = BestFirst().search(problem, SearchBudget(max_steps=4, solutions=3, margin=2.0))
    near = [f.cost for f in everything.found if f.cost <= everything.found[0].cost + 2.0]
    assert [f.cost for f in few.found] == pytest.approx(near[: len(few.found)])
    assert len(few.found) >= min(1, len(near))


@given(problem=problems())
@settings(max_examples=200, deadline=None)
def test_the_bound_never_exceeds_the_cost_of_a_solution(problem: SearchProblem) -> None:
    everything = Exhaustive().search(problem, WIDE)
    assume(everything.complete)
    assume(everything.found)
    growth = Growth(problem, 4)
    relaxation = Relaxation(problem, arrays_of(problem.graph))
    cheapest = everything.found[0]
    assert Bound(relaxation, growth)(growth.root()) <= cheapest.cost + 1e-9
    for found in everything.found:
        for call in found.calls:
            assert relaxation.through[call.tool] <= found.cost + 1e-9


@given(problem=problems())
@settings(max_examples=150, deadline=None)
def test_a_proof_of_no_route_means_that_nothing_is_found(problem: SearchProblem) -> None:
    graph = problem.graph
    given_types = [graph.type_names[start.type] for start in problem.starts]
    proof = prove_no_route(graph, given_types, [graph.type_names[w] for w in problem.wants])
    if proof is not None:
        assert Exhaustive().search(problem, WIDE).found == ()


@given(problem=problems())
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_registry_changes_nothing(problem: SearchProblem) -> None:
    turned = SearchProblem(
        graph=ToolGraph(reversed(problem.graph.cards)),
        starts=problem.starts,
        wants=problem.wants,
        via=problem.via,
        call_costs=problem.call_costs,
        scores=problem.scores,
    )
    for strategy in STRATEGIES.values():
        budget = SearchBudget(max_steps=4, expansions=2_000)
        assert strategy.search(problem, budget) == strategy.search(turned, budget)


def chain(length: int) -> SearchProblem:
    """A catalogue with many equivalent ways along a chain of types."""
    names = [f"t{i}" for i in range(length + 1)]
    cards = [
        tool(f"step_{i}_{way}", [port("x", names[i])], [port("y", names[i + 1])])
        for i in range(length)
        for way in range(4)
    ]
    graph = ToolGraph(cards)
    return SearchProblem(
        graph=graph,
        starts=(Start(type=graph.type_names.index("t0")),),
        wants=(graph.type_names.index(f"t{length}"),),
        call_costs=np.linspace(0.1, 1.0, len(graph.cards)),
        scores=np.ones(len(graph.cards)),
    )


def test_a_search_keeps_to_its_expansions(strategy: SearchStrategy) -> None:
    result = strategy.search(chain(8), SearchBudget(expansions=5))
    assert result.expanded <= 6
    assert not result.complete


def test_a_search_stops_when_its_clock_says_so(strategy: SearchStrategy) -> None:
    budget = SearchBudget(is_over=lambda: True, solutions=100_000, margin=1e6)
    result = strategy.search(chain(9), budget)
    assert result.expanded <= 64


def test_a_search_respects_the_number_of_steps(strategy: SearchStrategy) -> None:
    assert strategy.search(chain(5), SearchBudget(max_steps=4)).found == ()
    assert strategy.search(chain(5), SearchBudget(max_steps=5)).found != ()


def test_a_tool_with_infinite_cost_is_never_called(strategy: SearchStrategy) -> None:
    problem = chain(2)
    problem.call_costs[0] = np.inf
    result = strategy.search(problem, SearchBudget(solutions=100))
    assert result.found
    assert all(call.tool != 0 for found in result.found for call in found.calls)


def test_the_suite_catches_a_strategy_that_skips_a_required_port() -> None:
    problem = chain(2)
    result = BestFirst().search(problem, SearchBudget(solutions=1))
    broken = Found(calls=result.found[0].calls[1:], wanted=((0, 0),), cost=0.0)
    with pytest.raises(AssertionError):
        check_sound(problem, broken, max_steps=4)


def completions(growth: Growth, partial: Partial) -> Iterator[Partial]:
    """Every complete solution that a partial one grows into."""
    stack = [partial]
    while stack:
        top = stack.pop()
        if growth.is_complete(top):
            yield top
        else:
            stack += growth.children(top)


@given(problem=problems())
@settings(max_examples=200, deadline=None)
def test_no_bound_of_a_child_exceeds_what_completing_it_costs(problem: SearchProblem) -> None:
    growth = Growth(problem, 3)
    bound = Bound(Relaxation(problem, arrays_of(problem.graph)), growth)
    root = growth.root()
    parents = [root, *itertools.islice(growth.children(root), 10)]
    for parent in parents:
        makers = growth.new_makers(parent)
        at_once = bound.with_new_calls(parent) if makers else ()
        for maker, together in zip(makers, at_once, strict=True):
            child = growth.with_new_call(parent, maker)
            if child is None:
                continue
            ends = itertools.islice(completions(growth, child), 500)
            left = min((end.cost - child.cost for end in ends), default=float("inf"))
            assert together <= left + 1e-9
            assert bound(child) <= left + 1e-9


def test_alternatives_take_no_more_work_than_the_budget_has_patience_for() -> None:
    cards = [tool(f"tool_{n}", [port("a", "image")], [port("b", "image")]) for n in range(9)]
    graph = ToolGraph(cards)
    problem = SearchProblem(
        graph=graph,
        starts=(Start(type=0),),
        wants=(0,),
        call_costs=np.linspace(1.0, 1.2, len(cards)),
        scores=np.ones(len(cards)),
    )
    many = BestFirst().search(problem, SearchBudget(solutions=60, patience=1_000))
    few = BestFirst().search(problem, SearchBudget(solutions=60, patience=5))
    assert len(many.found) > len(few.found) > 0
    assert few.found == many.found[: len(few.found)]
    assert not few.complete
    assert few.expanded < many.expanded / 5
