"""Whether the first solution is the cheapest for sure."""

from dataclasses import replace

import numpy as np
from worlds import GRAPH

from controlllm_planner.search.base import SearchBudget, SearchProblem, Start
from controlllm_planner.search.beam import Beam
from controlllm_planner.search.best_first import BestFirst
from controlllm_planner.search.exhaustive import Exhaustive

NUMBER = {str(name): at for at, name in enumerate(GRAPH.type_names)}
PROBLEM = SearchProblem(
    graph=GRAPH,
    starts=(Start(type=NUMBER["video"]),),
    wants=(NUMBER["dance"],),
    call_costs=np.ones(len(GRAPH.cards)),
    scores=np.ones(len(GRAPH.cards)),
)
BUDGET = SearchBudget(max_steps=5)


def test_best_first_proves_its_first_solution_though_it_does_not_see_all_others() -> None:
    result = BestFirst().search(PROBLEM, replace(BUDGET, patience=0, solutions=50))
    everything = Exhaustive().search(PROBLEM, replace(BUDGET, expansions=200_000))
    assert result.proven
    assert everything.proven
    assert result.found[0].cost == everything.found[0].cost


def test_a_search_that_its_budget_ended_first_proves_nothing() -> None:
    result = BestFirst().search(PROBLEM, replace(BUDGET, expansions=1))
    assert result.found
    assert not result.proven
    assert not Exhaustive().search(PROBLEM, replace(BUDGET, expansions=1)).proven


def test_a_search_that_keeps_only_the_most_promising_proves_nothing() -> None:
    assert not Beam().search(PROBLEM, BUDGET).proven


def test_where_there_is_no_solution_nothing_is_proven_the_cheapest() -> None:
    nowhere = replace(PROBLEM, starts=(Start(type=NUMBER["dance"]),), wants=(NUMBER["image"],))
    assert not BestFirst().search(nowhere, BUDGET).proven
