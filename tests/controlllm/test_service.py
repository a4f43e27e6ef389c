"""Whole runs through the service, on toy tools and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
import toolbox
from toolbox import out, plan, step

from controlllm.app import open_service
from controlllm.errors import RunConflict, RunNotFound
from controlllm.events import RunEvent, RunId, RunState, StepFailed
from controlllm.service import RunService
from controlllm.settings import Settings
from controlllm_planner.plan import Alternative, Plan
from controlllm_planner.task import Budget, Constraints, Request, TaskId

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", backend="inline", max_parallel=4, lease_s=6.0)


@pytest.fixture
def service(settings: Settings) -> Iterator[RunService]:
    with open_service(settings, toolbox.registry()) as opened:
        yield opened


def asked(**limits: object) -> Request:
    budget = Budget(**limits)  # type: ignore[arg-type]
    return Request(text="test", constraints=Constraints(budget=budget))


async def run(
    service: RunService, made: Plan, request: Request | None = None
) -> tuple[RunId, RunState]:
    run_id = await service.submit(request or asked(), made)
    with anyio.fail_after(60):
        return run_id, await service.execute(run_id)


def told(events: list[RunEvent]) -> list[str]:
    return [f"{event.type} {getattr(event, 'step', '')}".strip() for event in events]


def texts(service: RunService, run_id: RunId) -> dict[str, str | None]:
    return {each.step: each.resource.text for each in service.result(run_id).deliveries}


@pytest.mark.promise("P1")
async def test_a_run_does_what_its_plan_says_and_writes_down_every_step(
    service: RunService,
) -> None:
    made = plan(step("a", "echo", text="hello"), step("b", "echo", text=out("a")))
    run_id, state = await run(service, made)
    assert state == "succeeded"
    assert texts(service, run_id) == {"a": "hello", "b": "hello"}
    events = [e for e in service.store.events(run_id) if e.type != "step_progressed"]
    assert told(events) == [
        "run_submitted",
        "planned",
        "step_started a",
        "step_succeeded a",
        "step_started b",
        "step_succeeded b",
        "run_finished",
    ]
    every = service.store.events(run_id)
    assert [event.stamp.seq for event in every] == list(range(1, len(every) + 1))


async def test_what_was_done_before_is_not_done_again(service: RunService, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    made = plan(step("a", "count_once", text="x", log=str(log)))
    first, _ = await run(service, made)
    second, state = await run(service, made)
    assert state == "succeeded"
    assert log.read_text(encoding="utf-8") == "x\n"
    assert service.digests(first) == service.digests(second)
    (record,) = service.store.steps(second)
    assert (record.state, record.cached_run, record.cached_step) == ("cached", first, "a")


async def test_a_tool_that_is_not_deterministic_is_called_every_time(
    service: RunService, tmp_path: Path
) -> None:
    log = tmp_path / "calls.log"
    made = plan(step("a", "count", text="x", log=str(log)))
    await run(service, made)
    await run(service, made)
    assert log.read_text(encoding="utf-8") == "x\nx\n"


async def test_a_result_whose_file_was_changed_is_made_anew(
    service: RunService, tmp_path: Path
) -> None:
    log = tmp_path / "calls.log"
    made = plan(step("a", "count_once", text="x", log=str(log)))
    first, _ = await run(service, made)
    stored = service.artifacts.path(service.result(first).deliveries[0].resource.sha256)
    stored.chmod(0o644)
    stored.write_bytes(b"y" * stored.stat().st_size)
    second, state = await run(service, made)
    assert state == "succeeded"
    assert log.read_text(encoding="utf-8") == "x\nx\n"
    assert service.digests(first) == service.digests(second)


async def test_a_failure_that_passes_is_tried_again(service: RunService) -> None:
    run_id, state = await run(service, plan(step("a", "failonce", text="once")))
    assert state == "succeeded"
    assert texts(service, run_id) == {"a": "at last"}
    assert "step_retried a" in told(service.store.events(run_id))
    assert service.store.steps(run_id)[0].attempts == 2


@pytest.mark.promise("P4")
@pytest.mark.parametrize(
    ("tool", "text", "kind"),
    [
        ("raise", "tool_failed", "tool_failed"),
        ("raise", "invalid_input", "invalid_input"),
        ("raise", "foreign", "tool_failed"),
        ("returnnothing", "x", "bad_output"),
    ],
)
async def test_a_failed_step_blocks_its_descendants_and_nothing_else(
    service: RunService, tool: str, text: str, kind: str
) -> None:
    made = plan(
        step("good", "echo", text="fine"),
        step("bad", tool, text=text),
        step("after", "echo", text=out("bad")),
    )
    run_id, state = await run(service, made)
    assert state == "partial"
    assert texts(service, run_id) == {"good": "fine"}
    events = service.store.events(run_id)
    (failure,) = [event for event in events if isinstance(event, StepFailed)]
    assert (failure.step, failure.error) == ("bad", kind)
    assert "step_skipped after" in told(events)
    assert failure.message in service.result(run_id).answer


async def test_a_run_that_makes_nothing_has_failed(service: RunService) -> None:
    _, state = await run(service, plan(step("a", "raise", text="tool_failed")))
    assert state == "failed"


@pytest.mark.promise("P1")
async def test_the_next_way_takes_over_when_a_tool_fails_for_good(service: RunService) -> None:
    other = Alternative(
        task=TaskId("t1"),
        steps=(step("x", "echo_again", text="spare"),),
        replaces=((out("bad"), out("x")),),
        cost=2.0,
    )
    made = plan(
        step("bad", "raise", text="tool_failed"),
        step("after", "echo", text=out("bad")),
        alternatives=(other,),
    )
    run_id, state = await run(service, made)
    assert state == "succeeded"
    assert texts(service, run_id) == {"x": "spare", "after": "spare"}
    assert "step_substituted bad" in told(service.store.events(run_id))


async def test_a_step_that_takes_too_long_fails_and_the_rest_goes_on(service: RunService) -> None:
    made = plan(step("slow", "sleep", text="60", timeout_s=0.3), step("quick", "echo", text="fine"))
    run_id, state = await run(service, made)
    assert state == "partial"
    assert texts(service, run_id) == {"quick": "fine"}


@pytest.mark.promise("P7")
async def test_the_wall_time_budget_ends_the_run_and_keeps_what_is_done(
    service: RunService,
) -> None:
    made = plan(step("quick", "echo", text="fine"), step("slow", "sleep", text="60"))
    run_id, state = await run(service, made, asked(wall_s=1.0))
    assert state == "budget_exhausted"
    assert texts(service, run_id) == {"quick": "fine"}
    assert {each.step: each.state for each in service.store.steps(run_id)}["slow"] == "stopped"


async def test_the_step_budget_counts_retries(service: RunService) -> None:
    made = plan(step("a", "raise", text="transient"))
    run_id, state = await run(service, made, asked(steps=2))
    assert state == "budget_exhausted"
    assert service.store.steps(run_id)[0].attempts <= 3


async def test_somebody_else_can_cancel_a_run(service: RunService, settings: Settings) -> None:
    run_id = await service.submit(asked(), plan(step("slow", "sleep", text="60")))
    asleep = anyio.Event()
    states: list[RunState] = []

    def watch(event: RunEvent) -> None:
        if event.type == "step_progressed":
            asleep.set()

    async def execute() -> None:
        states.append(await service.execute(run_id, watch))

    with anyio.fail_after(30), open_service(settings, toolbox.registry()) as elsewhere:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(execute)
            await asleep.wait()
            assert await elsewhere.cancel(run_id) is False
    assert states == ["cancelled"]
    assert told(service.store.events(run_id))[-2:] == ["cancelled", "run_finished"]


async def test_a_run_that_nobody_executes_is_cancelled_at_once(service: RunService) -> None:
    run_id = await service.submit(asked(), plan(step("a", "echo", text="x")))
    assert await service.cancel(run_id) is True
    assert service.store.run(run_id).state == "cancelled"
    with pytest.raises(RunConflict, match="already finished: cancelled"):
        await service.execute(run_id)


async def test_a_run_under_way_cannot_be_executed_by_somebody_else(
    service: RunService, settings: Settings
) -> None:
    run_id = await service.submit(asked(), plan(step("slow", "sleep", text="60")))
    asleep = anyio.Event()

    def watch(event: RunEvent) -> None:
        if event.type == "step_progressed":
            asleep.set()

    with anyio.fail_after(30), open_service(settings, toolbox.registry()) as elsewhere:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(service.execute, run_id, watch)
            await asleep.wait()
            with pytest.raises(RunConflict, match="is being executed by"):
                await elsewhere.execute(run_id)
            tasks.cancel_scope.cancel()
    assert service.store.run(run_id).state == "running"


async def test_an_interrupted_run_goes_on_where_it_was(service: RunService, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    made = plan(
        step("a", "count", text="x", log=str(log)),
        step("b", "sleep", text="0.5"),
        step("c", "count", text=out("b"), log=str(log)),
    )
    run_id = await service.submit(asked(), made)
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:

            def watch(event: RunEvent) -> None:
                if event.type == "step_succeeded":
                    tasks.cancel_scope.cancel()

            tasks.start_soon(service.execute, run_id, watch)
    assert service.store.run(run_id).state == "running"
    assert await service.execute(run_id) == "succeeded"
    assert log.read_text(encoding="utf-8") == "x\nrested\n"
    assert told(service.store.events(run_id)).count("resumed") == 1


async def test_a_replay_makes_the_same_again_without_earlier_results(
    service: RunService, tmp_path: Path
) -> None:
    log = tmp_path / "calls.log"
    made = plan(step("a", "count_once", text="x", log=str(log)))
    first, _ = await run(service, made)
    again = await service.replay(first)
    assert again != first
    assert log.read_text(encoding="utf-8") == "x\nx\n"
    assert service.digests(again) == service.digests(first)


async def test_a_damaged_input_fails_its_step_and_is_named(service: RunService) -> None:
    first, _ = await run(service, plan(step("a", "writefile", text="x")))
    resource = service.result(first).deliveries[0].resource
    made = plan(step("a", "writefile", text="x"), step("b", "echo", text=out("a")))
    run_id = await service.submit(asked(), made)

    def damage(event: RunEvent) -> None:
        if event.type in {"step_cached", "step_succeeded"}:
            service.artifacts.path(resource.sha256).unlink(missing_ok=True)

    assert await service.execute(run_id, damage) == "partial"
    (failure,) = [e for e in service.store.events(run_id) if isinstance(e, StepFailed)]
    assert (failure.step, failure.error) == ("b", "corrupt_artifact")
    assert resource.handle in failure.message


async def test_an_unknown_run_is_named_with_those_there_are(service: RunService) -> None:
    run_id, _ = await run(service, plan(step("a", "echo", text="x")))
    with pytest.raises(RunNotFound, match=run_id):
        await service.execute(RunId("nonsense"))


async def test_two_runs_at_once_on_one_database_both_end(service: RunService) -> None:
    made = [plan(*(step(f"s{n}", "echo", text=f"{r}-{n}") for n in range(20))) for r in range(2)]
    states: list[RunState] = []

    async def one(each: Plan) -> None:
        states.append((await run(service, each))[1])

    async with anyio.create_task_group() as tasks:
        for each in made:
            tasks.start_soon(one, each)
    assert states == ["succeeded", "succeeded"]


async def test_a_cancel_outlives_the_process_that_was_to_obey_it(service: RunService) -> None:
    run_id = await service.submit(asked(), plan(step("a", "echo", text="x")))
    claim = service.store.claim(run_id, "dead", lambda owner: True)
    service.store.request_cancel(run_id)
    service.store.release(claim)
    assert await service.execute(run_id) == "cancelled"
    assert [event.type for event in service.store.events(run_id)][-2:] == [
        "cancelled",
        "run_finished",
    ]


async def test_a_plan_of_a_changed_tool_is_refused_before_a_run_is_accepted(
    service: RunService,
) -> None:
    made = plan(step("a", "echo", text="x"))
    other = replace(made, steps=(replace(made.steps[0], card_hash="0" * 64),))
    with pytest.raises(RunConflict, match="tool echo has changed since the plan was made"):
        await service.submit(asked(), other)
    assert service.store.runs() == []


async def test_a_run_that_waits_uses_no_wall_time(service: RunService) -> None:
    """Killed before its first step, twice, and taken up much later."""
    made = plan(step("a", "echo", text="x"))
    run_id = await service.submit(asked(wall_s=30.0), made)
    claim = service.store.claim(run_id, "dead", lambda owner: True)
    service.store.release(claim)
    assert await service.execute(run_id) == "succeeded"
    assert "resumed" in [event.type for event in service.store.events(run_id)]


async def test_many_calls_that_are_stopped_together_end_the_run_once(service: RunService) -> None:
    made = plan(*(step(f"s{n}", "sleep") for n in range(12)))
    run_id = await service.submit(asked(wall_s=0.5), made)
    with anyio.fail_after(60):
        assert await replace(service, max_parallel=12).execute(run_id) == "budget_exhausted"
    types = [event.type for event in service.store.events(run_id)]
    assert types.count("run_finished") == types.count("budget_exhausted") == 1
    assert types[-1] == "run_finished"
