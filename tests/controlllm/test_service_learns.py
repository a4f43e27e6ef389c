"""Plans of the service learn from runs, on toy tools and a real database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import anyio
import pytest
import toolbox

from controlllm.app import open_service
from controlllm.events import RunId, RunState
from controlllm.service import RunService
from controlllm.settings import Settings
from controlllm_planner.plan import Plan
from controlllm_planner.task import Attachment, Constraints, Request
from controlllm_tools.card import Port
from controlllm_tools.registry import Registry, TypeInfo
from controlllm_tools.resources import Resource, ResourceType

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", backend="inline", lease_s=6.0)


async def run(service: RunService, made: Plan, request: Request) -> tuple[RunId, RunState]:
    run_id = await service.submit(request, made)
    with anyio.fail_after(60):
        return run_id, await service.execute(run_id)


def summing_up() -> Registry:
    """Two tools that say they take notes, of which one always fails, and one that needs notes."""
    text, notes = (Port(name="text", type=type_) for type_ in ("text", "text.notes"))
    made = (Port(name="out", type="text.notes"),)
    cards = [
        replace(toolbox.card(tool, name=name, inputs=(text,), outputs=made), summary="Take notes.")
        for tool, name in (("Raise", "hear"), ("Echo", "note"))
    ]
    summary = (Port(name="out", type="text.summary"),)
    sum_up = toolbox.card("Echo", name="sum_up", inputs=(notes,), outputs=summary)
    cards.append(replace(sum_up, summary="Sum up a talk."))
    types = {ResourceType(name): TypeInfo() for name in ("text", "text.notes", "text.summary")}
    return Registry(types=types, cards={card.name: card for card in cards})


def sum_up(*deny: str) -> Request:
    talk = Resource.of_text("text", "foreign", name="talk.txt")
    attachment = Attachment(name="talk.txt", type=ResourceType("text"), resource=talk)
    constraints = Constraints(deny_tools=frozenset(deny))
    return Request(text="Sum up talk.txt", attachments=(attachment,), constraints=constraints)


async def planned_and_run(settings: Settings, *deny: str) -> tuple[Plan, RunState]:
    """What a process plans that was just started, and how the run ends."""
    with open_service(settings, summing_up()) as opened:
        made = opened.plan(sum_up(*deny))
        run_id, state = await run(opened, made, sum_up(*deny))
        assert opened.result(run_id).plan == made.digest
        return made, state


def planned_now(settings: Settings) -> Plan:
    with open_service(settings, summing_up()) as opened:
        return opened.plan(sum_up())


def tools_of(made: Plan) -> list[str]:
    return [each.tool for each in made.steps]


async def test_a_tool_that_failed_more_than_once_is_no_longer_the_first_choice(
    settings: Settings,
) -> None:
    chosen = [tools_of(planned_now(settings))]
    for _ in range(2):
        _, state = await planned_and_run(settings, "note")
        assert state == "failed"
        chosen.append(tools_of(planned_now(settings)))
    assert chosen == [["hear", "sum_up"], ["hear", "sum_up"], ["note", "sum_up"]]
    reasons = {each.candidate: each.reason for each in planned_now(settings).decisions}
    assert "observed 0 of 2 runs worked" in reasons["hear"]
    assert "observed" not in reasons["note"]


@pytest.mark.promise("P1")
async def test_plans_learn_from_runs_and_a_plan_runs_as_it_was_shown(settings: Settings) -> None:
    first, state = await planned_and_run(settings)
    assert state == "succeeded"
    second = planned_now(settings)
    assert (tools_of(first), tools_of(second)) == (["hear", "sum_up"], ["note", "sum_up"])
    assert {step.estimate.source for step in first.steps} == {"card"}
    assert {step.estimate.source for step in second.steps} == {"observed n=1"}
    with open_service(settings, summing_up()) as opened:
        # a plan of earlier days runs as it was shown, whatever is known by now
        run_id, _ = await run(opened, first, sum_up())
        assert opened.store.steps(run_id)[0].tool == "hear"


async def test_a_person_may_want_plans_that_go_by_cards_alone(settings: Settings) -> None:
    deaf = settings.model_copy(update={"learn": False})
    plans = [(await planned_and_run(deaf))[0] for _ in range(4)]
    assert {made.digest for made in plans} == {plans[0].digest}
    assert {step.estimate.source for made in plans for step in made.steps} == {"card"}
