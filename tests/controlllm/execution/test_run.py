"""The run machine: events in, commands out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run_events import failed, handle, stamp, started, succeeded, told
from worlds import alternative, plan_of, step

from controlllm.events import (
    BudgetExhausted,
    Cancelled,
    RunEvent,
    RunFinished,
    StepCached,
    StepRetried,
    StepSkipped,
    StepStarted,
    StepSubstituted,
    StepSucceeded,
)
from controlllm.execution.run import (
    FinishRun,
    Run,
    SkipStep,
    StartStep,
    Substitute,
)
from controlllm_planner.plan import Plan, StepId
from controlllm_planner.task import Budget

DIAMOND = plan_of(
    step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c"), outputs=["b", "d"]
)


def test_independent_steps_start_together() -> None:
    run = Run(plan_of(step("a"), step("b"), outputs=["a", "b"]), {})
    assert told(run.next_commands()) == ["start a #1", "start b #1"]


def test_a_step_starts_when_its_own_inputs_exist() -> None:
    run = Run(DIAMOND, {})
    assert told(run.next_commands()) == ["start a #1"]
    handle(run, started("a"))
    assert told(handle(run, succeeded("a"))) == ["start b #1", "start c #1"]
    handle(run, started("b"))
    handle(run, started("c"))
    assert told(handle(run, succeeded("c"))) == []
    assert told(handle(run, succeeded("b"))) == ["start d #1"]
    handle(run, started("d"))
    assert told(handle(run, succeeded("d"))) == ["finish succeeded"]


def test_a_step_gets_the_resources_its_bindings_point_to() -> None:
    run = Run(DIAMOND, {})
    run.next_commands()
    handle(run, started("a"))
    first = handle(run, succeeded("a"))[0]
    assert isinstance(first, StartStep)
    ((port, (resource,)),) = first.inputs
    assert (port, resource.text) == ("in0", "a done")


def test_a_commanded_step_is_not_commanded_twice() -> None:
    run = Run(DIAMOND, {})
    run.next_commands()
    assert told(handle(run, started("a"))) == []
    assert told(run.next_commands()) == []


def test_a_failure_that_may_pass_starts_the_same_step_again() -> None:
    run = Run(DIAMOND, {})
    run.next_commands()
    handle(run, started("a"))
    retried = StepRetried(
        stamp=stamp(), step="a", attempt=1, error="transient", message="", delay_s=0.5
    )
    again = handle(run, retried)
    assert told(again) == ["start a #2"]
    assert isinstance(again[0], StartStep)
    assert again[0].delay_s == 0.5


@pytest.mark.promise("P4")
def test_a_final_failure_skips_its_descendants_only() -> None:
    run = Run(DIAMOND, {})
    run.next_commands()
    for event in (started("a"), succeeded("a"), started("b"), started("c")):
        handle(run, event)
    assert told(handle(run, failed("c"))) == ["skip d because c"]
    skipped = StepSkipped(stamp=stamp(), step="d", because="c")
    assert told(handle(run, skipped)) == []
    assert told(handle(run, succeeded("b"))) == ["finish partial"]


def test_a_run_without_any_result_has_failed() -> None:
    run = Run(plan_of(step("a"), outputs=["a"]), {})
    run.next_commands()
    handle(run, started("a"))
    assert told(handle(run, failed("a"))) == ["finish failed"]


def test_the_run_does_not_finish_before_the_last_skip_is_recorded() -> None:
    run = Run(plan_of(step("a"), step("b", "a"), step("c", "b"), outputs=["c"]), {})
    run.next_commands()
    handle(run, started("a"))
    assert told(handle(run, failed("a"))) == ["skip b because a", "skip c because b"]
    assert told(handle(run, StepSkipped(stamp=stamp(), step="b", because="a"))) == []
    assert told(handle(run, StepSkipped(stamp=stamp(), step="c", because="b"))) == ["finish failed"]


def test_cancelling_stops_what_is_under_way_and_starts_nothing() -> None:
    run = Run(DIAMOND, {})
    run.next_commands()
    handle(run, started("a"))
    handle(run, succeeded("a"))
    handle(run, started("b"))
    assert told(handle(run, Cancelled(stamp=stamp()))) == ["stop b", "stop c"]
    run.withdraw(StepId("c"))
    assert told(run.next_commands()) == ["stop b"]
    assert told(handle(run, succeeded("b"))) == ["finish cancelled"]
    assert [place.step for place in run.outputs()] == ["b"]


def test_a_retry_is_not_begun_after_a_cancel() -> None:
    run = Run(DIAMOND, {})
    run.next_commands()
    handle(run, started("a"))
    handle(run, Cancelled(stamp=stamp()))
    retried = StepRetried(
        stamp=stamp(), step="a", attempt=1, error="transient", message="", delay_s=0
    )
    assert told(handle(run, retried)) == ["finish cancelled"]


@pytest.mark.promise("P7")
@pytest.mark.parametrize(
    ("budget", "name"),
    [
        (Budget(steps=1), "steps"),
        (Budget(usd=0.5), "usd"),
        (Budget(stored_bytes=3), "stored_bytes"),
    ],
)
def test_a_budget_that_is_passed_ends_the_run_and_keeps_what_is_done(
    budget: Budget, name: str
) -> None:
    plan = plan_of(step("a", usd=0.3), step("b", "a", usd=0.3), outputs=["a", "b"])
    run = Run(plan, {}, budget)
    run.next_commands()
    handle(run, started("a"))
    commands = told(handle(run, succeeded("a")))
    if commands == ["start b #1"]:
        commands = told(handle(run, started("b")))
    assert commands == [f"exhaust {name}"]
    over = BudgetExhausted(stamp=stamp(), budget=name, used=2, limit=1)
    rest = told(handle(run, over))
    if rest == ["stop b"]:
        run.withdraw(StepId("b"))
        rest = told(run.next_commands())
    assert rest == ["finish budget_exhausted"]
    assert [place.step for place in run.outputs()] == ["a"]


def test_a_cached_step_counts_as_done_without_an_attempt() -> None:
    run = Run(DIAMOND, {})
    run.next_commands()
    cached = StepCached(
        stamp=stamp(),
        step="a",
        tool="t",
        card_hash="c",
        key="k",
        inputs=(),
        outputs=succeeded("a").outputs,
        from_run="r0",
        from_step="a",
    )
    assert told(handle(run, cached)) == ["start b #1", "start c #1"]
    assert run.usage.steps == 0


def test_resume_repeats_only_what_was_under_way() -> None:
    run = Run(DIAMOND, {})
    run.replay([started("a"), succeeded("a"), started("b"), succeeded("b"), started("c")])
    assert told(run.next_commands()) == ["start c #2"]


def test_a_finished_run_commands_nothing() -> None:
    run = Run(DIAMOND, {})
    run.replay([RunFinished(stamp=stamp(), state="cancelled")])
    assert run.next_commands() == []


def test_a_plan_without_results_is_judged_by_its_steps() -> None:
    run = Run(plan_of(step("a"), outputs=[]), {})
    run.next_commands()
    handle(run, started("a"))
    assert told(handle(run, succeeded("a"))) == ["finish succeeded"]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Random graphs of up to six steps, some with alternatives that share steps with the plan."""
    count = draw(st.integers(1, 6))
    names = [f"s{n}" for n in range(count)]
    steps = [
        step(name, *draw(st.lists(st.sampled_from(names[:n]), unique=True, max_size=2)))
        if n
        else step(name)
        for n, name in enumerate(names)
    ]
    outputs = draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    others = []
    for number in range(draw(st.integers(0, 2))):
        old = draw(st.sampled_from(outputs))
        others.append(
            alternative("t1", old, step(f"x{number}", tool=f"spare{number}"), new=f"x{number}")
        )
    return plan_of(*steps, outputs=outputs, alternatives=others)


def play(plan: Plan, choices: st.DataObject) -> Iterator[tuple[Run, RunEvent]]:
    """Play a run to its end, with random order and random failures; yields every event."""
    run = Run(plan, {})
    waiting = run.next_commands()
    running: list[StartStep] = []
    while run.state == "running":
        event: RunEvent
        if waiting:
            command = waiting.pop(0)
            match command:
                case StartStep():
                    running.append(command)
                    event = started(command.step.id, command.attempt)
                case SkipStep(name, because):
                    event = StepSkipped(stamp=stamp(), step=name, because=because)
                case Substitute():
                    event = StepSubstituted(
                        stamp=stamp(),
                        step=command.failed,
                        task=command.task,
                        alternative=command.alternative,
                        steps=command.steps,
                    )
                case FinishRun(state):
                    event = RunFinished(stamp=stamp(), state=state)
                case _:
                    raise AssertionError(command)
        else:
            assert running, "a run that is not over has something under way"
            index = choices.draw(st.integers(0, len(running) - 1))
            name = running.pop(index).step.id
            event = failed(name) if choices.draw(st.integers(0, 3)) == 0 else succeeded(name)
        waiting += handle(run, event)
        yield run, event


@given(plan=plans(), choices=st.data())
@settings(max_examples=300, deadline=None)
def test_every_run_ends_starts_no_step_twice_and_no_step_before_its_inputs(
    plan: Plan, choices: st.DataObject
) -> None:
    begun: list[str] = []
    done: set[str] = set()
    run = Run(plan, {})
    for run, event in play(plan, choices):
        if isinstance(event, StepStarted):
            assert event.step not in begun
            assert set(run.wiring.before[StepId(event.step)]) <= done
            begun.append(event.step)
        if isinstance(event, StepSucceeded):
            done.add(event.step)
    assert run.state in {"succeeded", "partial", "failed"}
    assert (run.state == "succeeded") == (len(run.outputs()) == len(plan.outputs))
    assert all(state not in {"commanded", "running"} for state in run.states.values())


@given(plan=plans(), choices=st.data())
@settings(max_examples=300, deadline=None)
def test_replaying_any_beginning_of_a_run_gives_the_state_it_had(
    plan: Plan, choices: st.DataObject
) -> None:
    history: list[RunEvent] = []
    for run, event in play(plan, choices):
        history.append(event)
        again = Run(plan, {})
        again.replay(history)
        idle = {
            name: "waiting" if state in {"commanded", "running"} else state
            for name, state in run.states.items()
        }
        # a skip is decided the moment it is commanded, and recorded one event later
        settled = {name: state for name, state in idle.items() if state != "skipped"}
        assert {n: s for n, s in again.states.items() if n in settled} == settled
        assert again.results == run.results
        assert again.attempts == run.attempts
