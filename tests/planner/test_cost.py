"""What calls cost."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import CARDS, TYPES, card, planner, request

from controlllm_planner.cost import WEIGHTS, Estimate, estimate_call, fixed_cost, relevance_costs
from controlllm_planner.plan import Plan
from controlllm_planner.task import Attachment, Request
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Cost, GpuNeed, Needs, Port
from controlllm_tools.resources import MediaFacts, Resource, ResourceType

BALANCED = WEIGHTS["balanced"]


@given(st.floats(0, 1))
def test_no_cost_is_negative(relevance: float) -> None:
    assert relevance_costs(np.array([relevance]), BALANCED) >= 0.0


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_better_match_never_costs_more(one: float, other: float) -> None:
    low, high = sorted((one, other))
    better, worse = relevance_costs(np.array([high, low]), BALANCED)
    assert better <= worse


def test_fast_prefers_the_quick_tool_and_cheap_the_free_one() -> None:
    slow_free = card("a", "", "out:text", seconds=60.0)
    quick_paid = card("b", "", "out:text").__class__(
        **{**card("b", "", "out:text").__dict__, "cost": Cost(seconds=0.1, usd=0.02)}
    )
    fast, cheap = WEIGHTS["fast"], WEIGHTS["cheap"]
    assert fixed_cost(quick_paid, fast) < fixed_cost(slow_free, fast)
    assert fixed_cost(slow_free, cheap) < fixed_cost(quick_paid, cheap)


def test_an_estimate_follows_the_size_of_the_inputs() -> None:
    sized = card("sized", "video:video", "out:text").__class__(
        **{
            **card("sized", "video:video", "out:text").__dict__,
            "cost": Cost(seconds=1.0, per_second=0.5, per_megapixel=2.0, per_kilochar=0.1),
        }
    )
    facts = MediaFacts(width_px=1000, height_px=1000, duration_s=10.0)
    assert estimate_call(sized, (facts,), characters=2_000) == Estimate(seconds=8.2)


COMPOSE = replace(
    next(each for each in CARDS if each.name == "compose"),
    inputs=(
        Port(name="mood", type="beats"),
        Port(name="seconds", type="number.seconds", optional=True, default=30, description="long"),
    ),
    cost=Cost(seconds=1.0, per_asked={"seconds": 0.1}),
)
JOIN = replace(
    card("join", "clips:video*", "video:video", "Join clips into one video."),
    cost=Cost(seconds=1.0, per_second=0.5),
)


def plan(text: str, *videos: float) -> Plan:
    """A plan with these two tools, for videos of so many seconds: a.mp4, b.mp4, ..."""
    others = [each for each in CARDS if each.name != "compose"]
    graph = ToolGraph([*others, COMPOSE, JOIN], TYPES)
    attachments = tuple(
        attached(f"{name}.mp4", seconds) for name, seconds in zip("abc", videos, strict=False)
    )
    return planner(graph).plan(Request(text=text, attachments=attachments))


def attached(name: str, seconds: float) -> Attachment:
    type_ = ResourceType("video")
    facts = MediaFacts(duration_s=seconds, width_px=640, height_px=360)
    resource = Resource(type=type_, sha256="a" * 64, size_bytes=9, mime="video/mp4", facts=facts)
    return Attachment(name=name, type=type_, resource=resource)


def seconds_of(made: Plan, tool: str) -> Sequence[float]:
    return [step.estimate.seconds for step in made.steps if step.tool == tool]


def test_a_plan_reckons_with_the_number_that_the_words_ask_for() -> None:
    graph = ToolGraph([COMPOSE], TYPES)
    asked = planner(graph).plan(
        request("Compose background music, 300 seconds long", "mood.json:beats")
    )
    left_open = planner(graph).plan(request("Compose background music", "mood.json:beats"))
    assert seconds_of(asked, "compose") == [pytest.approx(1 + 30)]
    assert seconds_of(left_open, "compose") == [pytest.approx(1 + 3)]


def test_a_length_that_an_earlier_step_will_measure_is_that_of_what_it_reads() -> None:
    made = plan("Dub a.mp4 with a suitable background music", 600.0)
    assert seconds_of(made, "compose") == [pytest.approx(1 + 60)]


def test_a_plan_counts_every_item_of_a_list() -> None:
    made = plan("Join a.mp4 and b.mp4 and c.mp4 into one video", 4.0, 6.0, 10.0)
    assert seconds_of(made, "join") == [pytest.approx(1 + 0.5 * 20)]


def test_values_that_are_no_numbers_cost_nothing() -> None:
    assert estimate_call(COMPOSE, (), asked={"seconds": "long"}).seconds == pytest.approx(4.0)
    assert estimate_call(COMPOSE, (), asked={"seconds": 10}).seconds == pytest.approx(2.0)


def test_only_a_tool_that_needs_a_gpu_takes_gpu_seconds() -> None:
    gpu = card("gpu", "", "out:image", needs=Needs(gpu=GpuNeed(vram_bytes=4 * 2**30)), seconds=3.0)
    estimate = estimate_call(gpu, ())
    assert estimate.gpu_seconds == pytest.approx(3.0)
    assert estimate.vram_bytes == 4 * 2**30
    assert estimate_call(card("cpu", "", "out:image"), ()).gpu_seconds == 0.0
