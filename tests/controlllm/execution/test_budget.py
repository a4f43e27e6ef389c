"""Budgets."""

import pytest

from controlllm.execution.budget import Excess, Usage, excess
from controlllm_planner.cost import Estimate
from controlllm_planner.task import Budget


def test_a_started_attempt_reserves_what_it_is_expected_to_take() -> None:
    usage = Usage().with_start(Estimate(gpu_seconds=2.0, usd=0.1, tokens=5))
    assert usage == Usage(gpu_s=2.0, usd=0.1, tokens=5, steps=1)


def test_stored_bytes_add_up() -> None:
    assert Usage().with_stored(3).with_stored(4).stored_bytes == 7


@pytest.mark.parametrize(
    ("budget", "usage", "over"),
    [
        (Budget(), Usage(steps=9_999), None),
        (Budget(), Usage(steps=10_001), Excess("steps", 10_001, 10_000)),
        (Budget(usd=1.0), Usage(usd=1.0), None),
        (Budget(usd=1.0), Usage(usd=1.5), Excess("usd", 1.5, 1.0)),
        (Budget(gpu_s=0.0), Usage(gpu_s=0.1), Excess("gpu_s", 0.1, 0.0)),
        (Budget(tokens=10), Usage(tokens=11), Excess("tokens", 11, 10)),
        (Budget(stored_bytes=1), Usage(stored_bytes=2), Excess("stored_bytes", 2, 1)),
    ],
)
def test_a_budget_is_over_when_it_is_passed_not_when_it_is_met(
    budget: Budget, usage: Usage, over: Excess | None
) -> None:
    assert excess(budget, usage) == over
