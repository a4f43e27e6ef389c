"""Only an ending makes the first wanted type, whatever the strategy."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import GRAPH, TYPES, card

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
from controlllm_planner.search.exhaustive import Exhaustive
from controlllm_planner.search.greedy import Greedy
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType

STRATEGIES: list[SearchStrategy] = [Greedy(), Beam(), Adaptive(), Exhaustive(), BestFirst()]
BUDGET = SearchBudget(max_steps=4, expansions=5_000, solutions=50, margin=100.0)


@pytest.fixture(params=STRATEGIES, ids=lambda each: type(each).__name__)
def strategy(request: pytest.FixtureRequest) -> SearchStrategy:
    return request.param  # type: ignore[no-any-return]


def problem(
    *endings: str,
    start: str = "image",
    wants: tuple[str, ...] = ("text",),
    graph: ToolGraph = GRAPH,
) -> SearchProblem:
    number = {str(name): at for at, name in enumerate(graph.type_names)}
    costs = np.linspace(0.1, 1.0, len(graph.cards))
    return SearchProblem(
        graph=graph,
        starts=(Start(type=number[start]),),
        wants=tuple(number[want] for want in wants),
        call_costs=costs,
        scores=np.ones(len(costs)),
        endings=frozenset(graph.tool_number[name] for name in endings),
    )


def last(asked: SearchProblem, found: Found, want: int = 0) -> str:
    call, _ = found.wanted[want]
    return asked.graph.cards[found.calls[call].tool].name


@pytest.mark.parametrize("ending", ["read_words", "caption_picture", "make_title", "summarise"])
def test_only_an_ending_makes_what_is_wanted(strategy: SearchStrategy, ending: str) -> None:
    asked = problem(ending)
    found = strategy.search(asked, BUDGET).found
    assert found
    assert {last(asked, each) for each in found} == {ending}


def test_without_endings_any_tool_may_make_it() -> None:
    asked = problem()
    found = Exhaustive().search(asked, BUDGET).found
    assert {"read_words", "caption_picture"} <= {last(asked, each) for each in found}


def test_each_of_several_endings_may_make_it() -> None:
    asked = problem("read_words", "caption_picture")
    found = BestFirst().search(asked, BUDGET).found
    assert {last(asked, each) for each in found} == {"read_words", "caption_picture"}


def test_another_tool_may_still_stand_on_the_way(strategy: SearchStrategy) -> None:
    asked = problem("speak", wants=("audio",))
    (first, *_) = strategy.search(asked, BUDGET).found
    tools = [GRAPH.cards[call.tool].name for call in first.calls]
    assert tools[-1] == "speak"
    assert len(tools) > 1


def test_only_the_first_wanted_type_is_bound_to_endings(strategy: SearchStrategy) -> None:
    asked = problem("make_title", wants=("text.title", "text"))
    found = strategy.search(asked, BUDGET).found
    assert found
    assert {last(asked, each) for each in found} == {"make_title"}


def test_an_ending_that_does_not_make_it_leaves_nothing(strategy: SearchStrategy) -> None:
    assert strategy.search(problem("blur_picture"), BUDGET).found == ()


def test_an_ending_that_may_not_be_used_leaves_nothing(strategy: SearchStrategy) -> None:
    asked = problem("read_words")
    asked.call_costs[GRAPH.tool_number["read_words"]] = np.inf
    assert strategy.search(asked, BUDGET).found == ()


def test_an_ending_serves_a_refinement_of_what_is_wanted(strategy: SearchStrategy) -> None:
    cards = [card("title_it", "image:image", "title:text.title"), *GRAPH.cards]
    graph = ToolGraph(cards, TYPES)
    asked = problem("title_it", graph=graph)
    (first, *_) = strategy.search(asked, BUDGET).found
    assert last(asked, first) == "title_it"
    assert graph.type_names[asked.wants[0]] == ResourceType("text")


@given(
    st.sets(st.sampled_from([each.name for each in GRAPH.cards]), min_size=1, max_size=5),
    st.sampled_from(["image", "video", "text", "audio"]),
    st.sampled_from(["text", "audio", "image", "video", "boxes"]),
)
@settings(max_examples=60, deadline=None)
def test_endings_leave_of_all_solutions_those_that_end_so(
    endings: set[str], start: str, want: str
) -> None:
    free = problem(start=start, wants=(want,))
    bound = problem(*endings, start=start, wants=(want,))
    budget = replace(BUDGET, max_steps=3, solutions=10_000, expansions=60_000)
    everything = Exhaustive().search(free, budget)
    kept = [each for each in everything.found if last(free, each) in endings]
    for each in STRATEGIES:
        found = each.search(bound, budget).found
        assert {last(bound, one) for one in found} <= endings
        if everything.complete and isinstance(each, BestFirst):
            assert [one.cost for one in found[:1]] == pytest.approx([k.cost for k in kept[:1]])
