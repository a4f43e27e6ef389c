"""The run machine when a tool fails for good: another way takes over, or none does."""

from __future__ import annotations

from run_events import failed, handle, stamp, started, succeeded, told
from worlds import alternative, plan_of, step

from controlllm.events import (
    StepFailed,
    StepSubstituted,
)
from controlllm.execution.run import (
    Run,
    StartStep,
    Substitute,
)

SPARE = plan_of(
    step("a"),
    step("b", "a"),
    step("z", "b", task="t2"),
    outputs=["b", "z"],
    alternatives=[alternative("t1", "b", step("a"), step("x", "a"), new="x")],
)


def test_an_alternative_takes_over_keeps_what_is_done_and_feeds_what_comes_after() -> None:
    run = Run(SPARE, {})
    run.next_commands()
    for event in (started("a"), succeeded("a"), started("b")):
        handle(run, event)
    assert told(handle(run, failed("b"))) == ["substitute 0 after b"]
    substituted = StepSubstituted(
        stamp=stamp(), step="b", task="t1", alternative=0, steps=("a", "x")
    )
    assert told(handle(run, substituted)) == ["start x #1"]
    handle(run, started("x"))
    (after,) = handle(run, succeeded("x"))
    assert isinstance(after, StartStep)
    assert after.step.id == "z"
    assert after.inputs[0][1][0].text == "x done"
    handle(run, started("z"))
    assert told(handle(run, succeeded("z"))) == ["finish succeeded"]
    assert sorted(place.step for place in run.outputs()) == ["x", "z"]


def test_an_alternative_with_the_failed_tool_is_of_no_use() -> None:
    same_tool = step("x", "a", tool="tool_b")
    plan = plan_of(
        step("a"),
        step("b", "a"),
        outputs=["b"],
        alternatives=[alternative("t1", "b", step("a"), same_tool, new="x")],
    )
    run = Run(plan, {})
    run.next_commands()
    for event in (started("a"), succeeded("a"), started("b")):
        handle(run, event)
    assert told(handle(run, failed("b"))) == ["finish failed"]


def test_what_only_the_replaced_way_needed_is_skipped() -> None:
    plan = plan_of(
        step("a"),
        step("p"),
        step("b", "a", "p"),
        outputs=["b"],
        alternatives=[alternative("t1", "b", step("x"), new="x")],
    )
    run = Run(plan, {})
    run.next_commands()
    handle(run, started("a"))
    assert told(handle(run, failed("a"))) == ["substitute 0 after a"]
    taken = StepSubstituted(stamp=stamp(), step="a", task="t1", alternative=0, steps=("x",))
    assert told(handle(run, taken)) == ["skip b because a", "start x #1"]


def test_what_a_person_gave_wrongly_is_not_done_in_another_way() -> None:
    run = Run(SPARE, {})
    for event in (started("a"), succeeded("a"), started("b")):
        handle(run, event)
    refused = StepFailed(stamp=stamp(), step="b", error="invalid_input", message="no")
    assert [c for c in handle(run, refused) if isinstance(c, Substitute)] == []


def test_failures_that_come_together_are_answered_once() -> None:
    plan = plan_of(
        step("a"),
        step("b"),
        outputs=["a", "b"],
        alternatives=[alternative("t1", "b", step("x"), new="x")],
    )
    run = Run(plan, {})
    run.next_commands()
    for event in (started("a"), started("b"), failed("a"), failed("b")):
        run.apply(event)
    assert told(run.next_commands()) == ["substitute 0 after b"]


def test_one_result_may_stand_for_two() -> None:
    plan = plan_of(
        step("a"),
        step("b"),
        outputs=["a", "b"],
        alternatives=[alternative("t1", "b", new="a")],
    )
    run = Run(plan, {})
    run.next_commands()
    for event in (started("a"), succeeded("a"), started("b"), failed("b")):
        run.apply(event)
    run.apply(StepSubstituted(stamp=stamp(), step="b", task="t1", alternative=0, steps=()))
    assert told(run.next_commands()) == ["finish succeeded"]


def test_alternatives_are_tried_in_turn() -> None:
    plan = plan_of(
        step("b"),
        outputs=["b"],
        alternatives=[
            alternative("t1", "b", step("x"), new="x"),
            alternative("t1", "b", step("y"), new="y"),
        ],
    )
    run = Run(plan, {})
    run.next_commands()
    handle(run, started("b"))
    handle(run, failed("b"))
    handle(run, StepSubstituted(stamp=stamp(), step="b", task="t1", alternative=0, steps=("x",)))
    handle(run, started("x"))
    assert told(handle(run, failed("x"))) == ["substitute 1 after x"]
