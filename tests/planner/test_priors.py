"""What was seen of tools, and what plans make of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import CARDS, GRAPH, TYPES, calls, card, planner, request

from controlllm_planner.cost import RELIABLE, WEIGHTS, Estimate, Weights, unreliability_cost
from controlllm_planner.plan import Plan
from controlllm_planner.planner import Planner
from controlllm_planner.priors import (
    LEAST_SHARE,
    NOTHING_SEEN,
    ORDER_STRENGTH,
    START_S,
    TIME_STRENGTH,
    UNUSUAL,
    WORKS_FLOOR,
    WORKS_MEAN,
    WORKS_STRENGTH,
    Observed,
    Priors,
    log_ratio,
    stretched,
)
from controlllm_planner.search.base import SearchBudget
from controlllm_planner.task import Attachment, Request
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Cost, ToolCard
from controlllm_tools.resources import MediaFacts, Resource, ResourceType

BALANCED = WEIGHTS["balanced"]


def seen_of(tool: ToolCard, **counts: float) -> Observed:
    return Observed(tool=tool.name, card_hash=tool.card_hash, **counts)  # type: ignore[arg-type]


def priors(*seen: Observed, feeds: dict[tuple[str, str], int] | None = None) -> Priors:
    return Priors(tools={each.card_hash: each for each in seen}, feeds=feeds or {})


def experienced(known: Priors, graph: ToolGraph = GRAPH) -> Planner:
    return replace(planner(graph), priors=lambda: known)


def tools_of(plan: Plan) -> Sequence[str]:
    return [step.tool for step in plan.steps]


# How often a tool works


def test_one_run_is_told_of_as_one() -> None:
    seen = Observed(tool="cut", card_hash="c", worked=1, seconds=2.0)
    assert str(seen) == "observed 1 of 1 run worked, 2 s on average"


def test_a_tool_that_nobody_ran_is_expected_to_work_as_often_as_any() -> None:
    assert Observed(tool="a", card_hash="a").expected_success == WORKS_MEAN


def test_expected_success_is_the_mean_of_the_beta_posterior() -> None:
    seen = Observed(tool="a", card_hash="a", worked=14, failed=1)
    a, b = WORKS_STRENGTH * WORKS_MEAN + 14, WORKS_STRENGTH * (1 - WORKS_MEAN) + 1
    assert seen.expected_success == pytest.approx(a / (a + b))
    assert seen.expected_success == pytest.approx(23.7 / 25)


def test_a_call_that_a_person_stopped_counts_half_a_failure() -> None:
    stopped = Observed(tool="a", card_hash="a", worked=3, stopped=4)
    failed = Observed(tool="a", card_hash="a", worked=3, failed=2)
    assert stopped.expected_success == failed.expected_success
    assert stopped.runs == 7


def test_no_tool_becomes_impossible() -> None:
    hopeless = Observed(tool="a", card_hash="a", failed=1_000_000)
    assert hopeless.expected_success == WORKS_FLOOR
    # such a tool stays within the margin of search, so that it can still be an alternative
    most = max(unreliability_cost(WORKS_FLOOR, weights) for weights in WEIGHTS.values())
    assert most < SearchBudget().margin


@given(worked=st.integers(0, 2_000), failed=st.integers(0, 2_000), stopped=st.integers(0, 50))
def test_a_failure_never_makes_a_tool_cheaper_and_no_cost_is_negative(
    worked: int, failed: int, stopped: int
) -> None:
    seen = Observed(tool="a", card_hash="a", worked=worked, failed=failed, stopped=stopped)
    worse = replace(seen, failed=failed + 1)
    costs = [unreliability_cost(each.expected_success, BALANCED) for each in (seen, worse)]
    assert 0.0 <= costs[0] <= costs[1] < math.inf
    assert WORKS_FLOOR <= worse.expected_success <= seen.expected_success < 1.0


@pytest.mark.parametrize("weights", WEIGHTS.values())
def test_unreliability_costs_the_log_of_how_far_a_tool_is_from_reliable(weights: Weights) -> None:
    assert unreliability_cost(WORKS_MEAN, weights) == 0.0
    assert unreliability_cost(RELIABLE, weights) == 0.0
    half = unreliability_cost(RELIABLE / 2, weights)
    assert half == pytest.approx(weights.unreliability * math.log(2))


def test_the_interval_is_the_one_of_wilson() -> None:
    # values of statsmodels.stats.proportion.proportion_confint(14, 15, method="wilson")
    assert Observed(tool="a", card_hash="a", worked=14, failed=1).interval == pytest.approx(
        (0.70184, 0.98814), abs=1e-4
    )
    assert Observed(tool="a", card_hash="a", stopped=3).interval == (0.0, 1.0)
    low, high = Observed(tool="a", card_hash="a", failed=5).interval
    assert (low, high < 0.5) == (0.0, True)


# How long it takes


def test_a_ratio_is_that_of_both_times_with_the_start_of_a_worker_added() -> None:
    assert log_ratio(7.0, 7.0) == 0.0
    assert log_ratio(17.0, 7.0) == pytest.approx(math.log(2))


def test_expected_time_is_the_mean_of_the_normal_posterior() -> None:
    seen = Observed(tool="a", card_hash="a", timed=12, log_ratio=0.8)
    assert seen.expected_log_ratio(0.0) == pytest.approx(0.8 * 12 / (12 + TIME_STRENGTH))
    assert seen.expected_log_ratio(0.4) == pytest.approx((12 * 0.8 + TIME_STRENGTH * 0.4) / 16)


def test_one_odd_call_changes_little() -> None:
    odd = Observed(tool="a", card_hash="a", timed=1, log_ratio=log_ratio(100.0, 1.0))
    (seconds,) = stretched(np.array([1.0]), odd.expected_log_ratio(0.0))
    assert 1.0 < seconds < 6.0


def test_estimates_of_small_calls_are_added_to_and_those_of_large_ones_multiplied() -> None:
    start = log_ratio(1.0, 0.01)  # small calls that take as long as libraries take to load
    small, large = stretched(np.array([0.01, 100.0]), start)
    assert small == pytest.approx(1.0)
    assert large == pytest.approx(100.0, rel=0.4)
    slow = log_ratio(200.0, 100.0)
    assert stretched(np.array([100.0, 1_000.0]), slow) == pytest.approx([200.0, 2_000.0], rel=0.02)


@given(by_card=st.floats(0, 1e6), ratio=st.floats(-20, 5))
def test_an_estimate_stays_above_a_share_of_what_the_card_says(
    by_card: float, ratio: float
) -> None:
    (seconds,) = stretched(np.array([by_card]), ratio)
    assert seconds >= by_card * LEAST_SHARE


SLOW = replace(
    card("slow_blur", "video:video", "video:video", "Blur a video."),
    cost=Cost(seconds=0.0, per_second=1.0),
)
LENGTHS = (10.0, 40.0)


def blurred(known: Priors, seconds: float) -> Plan:
    type_ = ResourceType("video")
    facts = MediaFacts(duration_s=seconds, width_px=640, height_px=360)
    resource = Resource(type=type_, sha256="a" * 64, size_bytes=9, mime="video/mp4", facts=facts)
    attachment = Attachment(name="a.mp4", type=type_, resource=resource)
    made = experienced(known, ToolGraph([SLOW], TYPES))
    return made.plan(Request(text="Blur a.mp4", attachments=(attachment,)))


def test_estimates_follow_what_was_seen_at_any_size_of_the_input() -> None:
    twice = priors(seen_of(SLOW, worked=36, timed=36, log_ratio=math.log(2)))
    (usual,) = {twice.usual_log_ratio}
    ratio = math.exp((36 * math.log(2) + TIME_STRENGTH * usual) / 40)
    for seconds in LENGTHS:
        assert blurred(NOTHING_SEEN, seconds).estimate == Estimate(seconds=seconds)
        plan = blurred(twice, seconds)
        expected = (seconds + START_S) * ratio - START_S
        assert plan.steps[0].estimate.seconds == pytest.approx(expected, abs=1e-3)
        assert plan.steps[0].estimate.source == plan.estimate.source == "observed n=36"


def test_a_tool_that_was_quick_keeps_the_time_limit_of_its_card() -> None:
    quick = priors(seen_of(SLOW, worked=100, timed=100, log_ratio=-1.0))
    by_card, seen = (blurred(known, 40.0).steps[0] for known in (NOTHING_SEEN, quick))
    assert seen.estimate.seconds < by_card.estimate.seconds / 2
    assert seen.timeout_s == by_card.timeout_s == 800.0


def test_what_tools_have_in_common_is_expected_of_those_that_nobody_ran() -> None:
    others = [seen_of(each, worked=9, timed=9, log_ratio=0.5) for each in CARDS[:4]]
    known = priors(*others, seen_of(CARDS[4], worked=9, timed=9, log_ratio=3.0))
    assert known.usual_log_ratio == pytest.approx(0.5 * 5 / (5 + TIME_STRENGTH))
    estimate = known.corrected(SLOW, Estimate(seconds=10.0))
    assert estimate.source == "observed of other tools"
    assert estimate.seconds == pytest.approx(13 * math.exp(known.usual_log_ratio) - 3, abs=1e-3)


# What it makes of plans


ONE, OTHER = (
    card(name, "audio:audio", "text:text", "Write down what is said.") for name in ("hear", "note")
)
TWINS = ToolGraph([*CARDS, ONE, OTHER], TYPES)
WISH = request("Write down what is said in a.wav", "a.wav:audio")
GRAPH_OF_EQUALS = ToolGraph(
    [
        card("hear", "audio:audio", "notes:beats", "Take notes."),
        card("note", "audio:audio", "notes:beats", "Take notes."),
        card("sum_up", "notes:beats", "summary:text.summary", "Sum up a recording."),
    ],
    TYPES,
)
SUM_UP = request("Sum up the recording a.wav", "a.wav:audio")


def test_a_tool_that_fails_loses_to_its_equal_and_one_failure_is_not_enough() -> None:
    def chosen(worked: int, failed: int) -> str:
        known = priors(seen_of(GRAPH_OF_EQUALS.card("hear"), worked=worked, failed=failed))
        plan = experienced(known, GRAPH_OF_EQUALS).plan(SUM_UP)
        assert len(plan.alternatives) == 1  # the other one stays at hand
        return plan.steps[0].tool

    assert [chosen(0, failed) for failed in range(4)] == ["hear", "hear", "note", "note"]
    assert [chosen(20, failed) for failed in (1, 4, 5, 9)] == ["hear", "hear", "note", "note"]


def test_a_tool_that_the_words_fit_a_little_better_loses_after_a_few_failures() -> None:
    better = TWINS.card(experienced(priors(), TWINS).plan(WISH).steps[0].tool)
    (other,) = {ONE.name, OTHER.name} - {better.name}

    def chosen(failed: int) -> str:
        known = priors(seen_of(better, failed=failed))
        return experienced(known, TWINS).plan(WISH).steps[0].tool

    assert [chosen(failed) for failed in (0, 1, 10)] == [better.name, better.name, other]


def test_words_count_more_than_a_few_failures() -> None:
    blur = GRAPH.card("blur_picture")
    known = priors(seen_of(blur, worked=1, failed=3))
    plan = experienced(known).plan(request("Blur a.png", "a.png:image"))
    assert tools_of(plan) == ["blur_picture"]


def test_a_changed_tool_starts_anew() -> None:
    changed = replace(SLOW, version="2")
    known = priors(seen_of(SLOW, worked=9, failed=9, timed=9, log_ratio=1.0))
    assert known.of(SLOW) is not None
    assert known.of(changed) is None


def test_without_runs_plans_are_those_of_the_cards() -> None:
    for text in ("Blur a.png", "Highlight the dog in a.png", "Read the words in a.png aloud"):
        wish = request(text, "a.png:image")
        assert experienced(Priors()).plan(wish) == planner().plan(wish)


def test_two_equal_requests_get_equal_plans_from_equal_experience() -> None:
    def known() -> Priors:
        return priors(seen_of(ONE, failed=4), feeds={("hear", "summarise"): 3})

    one, other = (experienced(known(), TWINS).plan(WISH) for _ in range(2))
    assert one == other
    assert one.digest == other.digest


def test_a_decision_tells_what_was_seen() -> None:
    known = priors(seen_of(ONE, worked=14, failed=1, seconds=1.82, stopped=2))
    made = experienced(known, TWINS).plan(WISH)
    (reason,) = {each.reason for each in made.decisions if each.candidate == "hear"}
    assert "observed 14 of 15 runs worked, 1.82 s on average, 2 stopped by a person" in reason


def test_the_parts_of_a_cost_tell_how_much_failures_counted() -> None:
    wish = request("Blur a.png", "a.png:image")
    (task,) = planner().decomposer.decompose(wish)
    known = priors(seen_of(GRAPH.card("blur_picture"), failed=5))
    (solution, *_) = experienced(known).solve(task, wish.constraints).solutions
    parts = dict(solution.parts)
    expected = unreliability_cost(WORKS_STRENGTH * WORKS_MEAN / (WORKS_STRENGTH + 5), BALANCED)
    assert parts["unreliability"] == pytest.approx(expected, abs=1e-6)
    assert expected > 0.3
    assert sum(parts.values()) == pytest.approx(solution.cost, abs=1e-5)


# In which order tools are used


def test_an_order_costs_what_it_lacks_of_the_most_usual_one() -> None:
    known = priors(feeds={("a", "z"): 15, ("b", "z"): 5})
    assert known.unusual([("a", "z")]) == 0.0
    assert known.unusual([("b", "z")]) == pytest.approx(
        UNUSUAL * (1 - (ORDER_STRENGTH + 5) / (ORDER_STRENGTH + 15))
    )
    assert known.unusual([("never", "z")]) == pytest.approx(UNUSUAL * 15 / 20)
    assert known.unusual([("a", "z"), ("b", "z")]) == pytest.approx(UNUSUAL * 0.25)


def test_where_nothing_is_known_no_order_is_unusual() -> None:
    assert NOTHING_SEEN.unusual([("a", "z")]) == 0.0
    assert priors(feeds={("a", "z"): 9}).unusual([("a", "y"), ("z", "a")]) == 0.0
    assert priors(feeds={("a", "z"): 9}).unusual([]) == 0.0


@given(
    st.dictionaries(st.tuples(*[st.sampled_from("abc")] * 2), st.integers(1, 10**6)),
    st.lists(st.tuples(*[st.sampled_from("abcd")] * 2), max_size=12),
)
def test_no_order_outweighs_a_word(
    feeds: dict[tuple[str, str], int], order: list[tuple[str, str]]
) -> None:
    assert 0.0 <= priors(feeds=feeds).unusual(order) <= UNUSUAL


def test_of_equal_tools_the_one_that_usually_stands_there_is_taken() -> None:
    for first in ("hear", "note"):
        known = priors(feeds={(first, "sum_up"): 20})
        plan = experienced(known, GRAPH_OF_EQUALS).plan(SUM_UP)
        assert calls(plan)[0].startswith(f"s1 {first}("), calls(plan)
        assert tools_of(plan) == [first, "sum_up"]
    assert known.before("sum_up") == [("note", 20)]
    assert known.after("note") == [("sum_up", 20)]
