"""What calls cost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import card

from controlllm_planner.cost import WEIGHTS, Estimate, estimate_call, fixed_cost, relevance_costs
from controlllm_tools.card import Cost, GpuNeed, Needs
from controlllm_tools.resources import MediaFacts

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


def test_only_a_tool_that_needs_a_gpu_takes_gpu_seconds() -> None:
    gpu = card("gpu", "", "out:image", needs=Needs(gpu=GpuNeed(vram_bytes=4 * 2**30)), seconds=3.0)
    estimate = estimate_call(gpu, ())
    assert estimate.gpu_seconds == pytest.approx(3.0)
    assert estimate.vram_bytes == 4 * 2**30
    assert estimate_call(card("cpu", "", "out:image"), ()).gpu_seconds == 0.0
