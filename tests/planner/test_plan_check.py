"""Plans from outside are held to what the planner itself could have made."""

from __future__ import annotations

from dataclasses import replace

import pytest
import worlds
from worlds import GRAPH, request

from controlllm_planner.errors import InvalidRequest, OverBudget
from controlllm_planner.plan import FromResource, FromStep, Plan, PlanStep, StepId
from controlllm_planner.plan_check import check_plan
from controlllm_planner.task import Budget, Constraints

PLAN = worlds.planner().plan(
    request("highlight the dog in a.png, then describe it", "a.png:image", "b.mp4:video")
)


def with_step(number: int, **changes: object) -> Plan:
    steps = list(PLAN.steps)
    steps[number] = replace(steps[number], **changes)  # type: ignore[arg-type]
    return replace(PLAN, steps=tuple(steps))


def bound(step: PlanStep, binding: FromResource | FromStep) -> object:
    port, _ = step.inputs[0]
    return ((port, (binding,)), *step.inputs[1:])


def test_what_the_planner_makes_passes() -> None:
    assert len(PLAN.steps) >= 2
    check_plan(PLAN, GRAPH, {})


LAST = len(PLAN.steps) - 1
WRONG = {
    "a name that is a path": (
        with_step(0, id=StepId("x/../../../../victim")),
        "is no name for a step",
    ),
    "an unknown tool": (with_step(0, tool="format_disk"), "there is no tool 'format_disk'"),
    "a step before itself": (
        with_step(0, after=(PLAN.steps[0].id,)),
        "comes after a step that does not come before it",
    ),
    "a later step": (
        with_step(0, inputs=bound(PLAN.steps[0], FromStep(PLAN.steps[LAST].id, "text"))),
        "is not made by an earlier step",
    ),
    "an output that is none": (
        with_step(LAST, inputs=bound(PLAN.steps[LAST], FromStep(PLAN.steps[0].id, "soul"))),
        "soul is not made by an earlier step",
    ),
    "a file of nobody": (
        with_step(0, inputs=bound(PLAN.steps[0], FromResource("/etc/passwd"))),
        "'/etc/passwd', which is no file of the plan",
    ),
    "a file of the wrong type": (
        with_step(0, inputs=bound(PLAN.steps[0], FromResource("b.mp4"))),
        "takes image, not video",
    ),
    "a port that is none": (
        with_step(0, inputs=(("wish", (FromResource("a.png"),)),)),
        "has no port 'wish'",
    ),
    "an empty port": (with_step(0, inputs=()), "leaves port 'image' of"),
    "an output of nobody": (
        replace(PLAN, outputs=(FromStep(StepId("s99"), "image"),)),
        "s99.image is not made",
    ),
}


@pytest.mark.promise("P2")
@pytest.mark.parametrize("case", WRONG)
def test_what_it_could_not_have_made_is_refused(case: str) -> None:
    plan, words = WRONG[case]
    with pytest.raises(InvalidRequest, match=words):
        check_plan(plan, GRAPH, {})


@pytest.mark.promise("P8")
def test_a_plan_keeps_to_the_limits_of_the_request_that_runs_it() -> None:
    planner = worlds.planner()
    tool = PLAN.steps[0].tool
    with pytest.raises(InvalidRequest, match=f"{tool} may not be used: the request denies it"):
        planner.check(PLAN, Constraints(deny_tools=frozenset((tool,))))
    with pytest.raises(OverBudget, match="the budget is 1 steps"):
        planner.check(PLAN, Constraints(budget=Budget(steps=1)))
    planner.check(PLAN, Constraints())
