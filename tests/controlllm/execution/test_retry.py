"""Which failures are tried again."""

import pytest

from controlllm.execution.retry import Retries, RetryPolicy

POLICY = RetryPolicy()


@pytest.mark.parametrize(
    "kind",
    [
        "invalid_input",
        "tool_failed",
        "bad_output",
        "timeout",
        "cancelled",
        "no_space",
        "unheard_of",
    ],
)
def test_a_failure_that_cannot_pass_is_final(kind: str) -> None:
    assert POLICY.delay_before_next(kind, 1) is None


def test_a_transient_failure_is_tried_three_times_with_growing_waits() -> None:
    waits = [POLICY.delay_before_next("transient", attempt) for attempt in (1, 2, 3)]
    assert waits == [0.5, 1.0, None]


def test_a_lost_worker_gets_one_more_try_at_once() -> None:
    assert POLICY.delay_before_next("worker_lost", 1) == 0.0
    assert POLICY.delay_before_next("worker_lost", 2) is None


def test_the_table_can_be_another_one() -> None:
    patient = RetryPolicy({"timeout": Retries(attempts=2, delay_s=3.0)})
    assert patient.delay_before_next("timeout", 1) == 3.0
    assert patient.delay_before_next("transient", 1) is None
