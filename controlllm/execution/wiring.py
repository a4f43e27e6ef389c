"""The steps of a plan as they stand after substitutions: who feeds whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from controlllm.events import Outputs
from controlllm_planner.plan import (
    Alternative,
    Binding,
    FromResource,
    FromStep,
    Plan,
    PlanStep,
    StepId,
    Value,
)
from controlllm_tools.resources import Resource


class Wiring:
    """Steps by id, in an order in which they can run, and which output stands in for which.

    Attributes:
        steps: The steps, those of alternatives that took over included.
        before: Per step, the steps directly before it, by data or by order.
        after: Per step, the steps directly after it.
        needed: The steps that some output of the plan depends on.
        taken: Numbers of the alternatives that took over.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._stand_ins: dict[FromStep, FromStep] = {}
        self.taken: set[int] = set()
        self.steps: dict[StepId, PlanStep] = {step.id: step for step in plan.steps}
        self._connect()

    def current(self, ref: FromStep) -> FromStep:
        """The output that now stands for one of the original plan."""
        while ref in self._stand_ins:
            ref = self._stand_ins[ref]
        return ref

    def inputs(
        self,
        step: PlanStep,
        resources: Mapping[str, Resource],
        results: Mapping[FromStep, tuple[Resource, ...]],
    ) -> Outputs:
        """The resources on each bound port of a step whose inputs are all there."""

        def held(binding: Binding) -> tuple[Resource, ...]:
            match binding:
                case FromResource(name):
                    return (resources[name],)
                case FromStep():
                    return results[self.current(binding)]
                case Value(value, type_):
                    return (Resource.of_value(type_, value),)

        return tuple(
            (port, tuple(each for binding in bindings for each in held(binding)))
            for port, bindings in step.inputs
        )

    def upstream_of(self, alternative: Alternative) -> frozenset[StepId]:
        """The steps that make the outputs which an alternative replaces, and all before them."""
        ends = {self.current(old).step for old, _ in alternative.replaces}
        return _upstream(ends, self.before)

    def needs_of(self, step: PlanStep) -> tuple[StepId, ...]:
        """The steps directly before a step that may not be part of the wiring yet."""
        by_data = _steps_in(step)
        now = [self.current(ref).step for ref in by_data]
        original = {ref.step for ref in by_data}
        by_order = [each for each in step.after if each not in original]
        return tuple(dict.fromkeys((*now, *by_order)))

    def take_over(self, number: int) -> list[StepId]:
        """Put an alternative in place; returns its steps."""
        alternative = self._plan.alternatives[number]
        self.taken.add(number)
        for step in alternative.steps:
            self.steps.setdefault(step.id, step)
        for old, new in alternative.replaces:
            if self.current(old) != new:
                self._stand_ins[self.current(old)] = new
        self._connect()
        return [step.id for step in alternative.steps]

    def _connect(self) -> None:
        self.before = {step.id: self.needs_of(step) for step in self.steps.values()}
        self.steps = {each: self.steps[each] for each in _in_order(self.before)}
        self.after: dict[StepId, list[StepId]] = {step_id: [] for step_id in self.steps}
        for step_id in self.steps:
            for earlier in self.before[step_id]:
                self.after[earlier].append(step_id)
        ends = {self.current(output).step for output in self._plan.outputs}
        self.needed = _upstream(ends or self.steps, self.before)


def _steps_in(step: PlanStep) -> list[FromStep]:
    return [b for _, bindings in step.inputs for b in bindings if isinstance(b, FromStep)]


def _upstream(
    ends: Iterable[StepId], before: Mapping[StepId, tuple[StepId, ...]]
) -> frozenset[StepId]:
    waiting = list(ends)
    found: set[StepId] = set()
    while waiting:
        step_id = waiting.pop()
        if step_id not in found:
            found.add(step_id)
            waiting += before[step_id]
    return frozenset(found)


def _in_order(before: Mapping[StepId, tuple[StepId, ...]]) -> list[StepId]:
    """Every step after those before it; otherwise in the given order. O(steps + edges)."""
    ordered: dict[StepId, None] = {}
    for step_id in before:
        stack = [step_id]
        while stack:
            top = stack[-1]
            missing = [each for each in before[top] if each not in ordered]
            if missing:
                stack += missing
            else:
                ordered[stack.pop()] = None
    return list(ordered)
