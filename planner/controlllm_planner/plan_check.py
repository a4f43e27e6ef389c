"""Check a plan that comes from outside, such as from a file, before anything acts on it.

A plan that the planner made passes by construction. O(steps + bindings).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from controlllm_planner.errors import InvalidRequest
from controlllm_planner.plan import Binding, FromResource, FromStep, Plan, PlanStep, StepId
from controlllm_planner.problem import Refusals
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import ResourceType

_STEP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_plan(plan: Plan, graph: ToolGraph, refused: Refusals) -> None:
    """Check that every step is one that the planner could have made.

    Args:
        plan: The plan.
        graph: The catalogue it will run with.
        refused: Tools that may not be used, each with the rule and the reason.

    Raises:
        InvalidRequest: A name is no name, a tool is unknown or may not be used, a binding points
            to nothing that comes earlier, or to something that its port does not take.
    """
    given = {each.name: each.type for each in plan.resources}
    main = _Before(given, {}, set())
    for step in plan.steps:
        _check_step(step, graph, refused, main)
    main.check_made(plan.outputs)
    for alternative in plan.alternatives:
        here = _Before(given, dict(main.made), set(main.steps))
        for step in alternative.steps:
            _check_step(step, graph, refused, here)
        here.check_made(ref for pair in alternative.replaces for ref in pair)


@dataclass(frozen=True, slots=True)
class _Before:
    """What a step may read: the plan's files, and what was made before it."""

    given: dict[str, ResourceType]
    made: dict[FromStep, ResourceType]
    steps: set[StepId]

    def check_made(self, refs: Iterable[FromStep]) -> None:
        for ref in refs:
            if ref not in self.made:
                raise _wrong(f"{ref.step[:80]}.{ref.output[:80]} is not made by an earlier step")


def _check_step(step: PlanStep, graph: ToolGraph, refused: Refusals, before: _Before) -> None:
    if not _STEP_ID.fullmatch(step.id):
        raise _wrong(f"{step.id[:80]!r} is no name for a step")
    if step.tool not in graph.tool_number:
        raise _wrong(f"there is no tool {step.tool[:80]!r}; see `controlllm tools list`")
    if step.tool in refused:
        raise _wrong(f"{step.tool} may not be used: {refused[step.tool][1]}")
    card = graph.card(step.tool)
    if not before.steps.issuperset(step.after):
        raise _wrong(f"step {step.id} comes after a step that does not come before it")
    for port, bindings in step.inputs:
        for binding in bindings:
            _check_binding(step, card, port, binding, before)
    bound = {port for port, held in step.inputs if held}
    unbound = [port.name for port in card.required_inputs if port.name not in bound]
    if unbound:
        raise _wrong(f"step {step.id} leaves port {unbound[0]!r} of {card.name} empty")
    before.steps.add(step.id)
    for output in step.outputs:
        before.made[FromStep(step.id, output.name)] = output.type


def _check_binding(
    step: PlanStep, card: ToolCard, port: str, binding: Binding, before: _Before
) -> None:
    wanted = card.input(port)
    if wanted is None:
        raise _wrong(f"{card.name} has no port {port[:80]!r}")
    match binding:
        case FromStep():
            before.check_made([binding])
            type_ = before.made[binding]
        case FromResource(name) if name in before.given:
            type_ = before.given[name]
        case FromResource(name):
            raise _wrong(f"step {step.id} reads {name[:80]!r}, which is no file of the plan")
        case _:
            return  # a value is checked when it becomes the resource of a port
    if not wanted.resource_type.accepts(type_):
        raise _wrong(f"port {port!r} of {card.name} takes {wanted.type}, not {type_}")


def _wrong(what: str) -> InvalidRequest:
    return InvalidRequest(f"the plan cannot be run: {what}; make it anew with `controlllm plan`")
