"""Run: the state of one run as a pure machine. Events in, commands out; no clock, no I/O.

The machine is the only place that decides what happens next. It is rebuilt by replaying stored
events, so whatever it knows comes from them. A step counts as commanded the moment its command is
returned; a late event cannot make it start twice. Commands hold for the state they were asked in:
first apply everything that happened, then ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, assert_never

from controlllm.events import (
    BudgetExhausted,
    Cancelled,
    Outputs,
    Planned,
    Resumed,
    RunEvent,
    RunFinished,
    RunState,
    RunSubmitted,
    StepCached,
    StepFailed,
    StepProgressed,
    StepRetried,
    StepSkipped,
    StepStarted,
    StepSubstituted,
    StepSucceeded,
)
from controlllm.execution.budget import Excess, Usage, excess
from controlllm.execution.retry import RetryPolicy
from controlllm.execution.wiring import Wiring
from controlllm_planner.plan import FromStep, Plan, PlanStep, StepId
from controlllm_planner.task import Budget
from controlllm_tools.errors import InvalidInput
from controlllm_tools.resources import Resource

StepState = Literal["waiting", "commanded", "running", "done", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class StartStep:
    """Start an attempt at a step, after a wait."""

    step: PlanStep
    attempt: int
    inputs: Outputs
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StopStep:
    """Stop an attempt that is under way."""

    step: StepId


@dataclass(frozen=True, slots=True)
class SkipStep:
    """Record that a step will not be run."""

    step: StepId
    because: str


@dataclass(frozen=True, slots=True)
class Substitute:
    """Record that an alternative takes over."""

    failed: StepId
    task: str
    alternative: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExhaustBudget:
    """Record that a budget is used up."""

    excess: Excess


@dataclass(frozen=True, slots=True)
class FinishRun:
    """Record the final state."""

    state: RunState


Command = StartStep | StopStep | SkipStep | Substitute | ExhaustBudget | FinishRun


@dataclass(slots=True)
class Run:
    """Which steps wait, run and are done; decides what happens next.

    Attributes:
        plan: The frozen plan.
        resources: Contents of the plan's attachments, by name.
        budget: Limits of the run.
        retries: Which failures are tried again.
        wiring: The plan's steps as they stand after substitutions.
        states: State of every step, substitutes included.
        attempts: Attempts begun per step.
        results: Resources by output.
        usage: What was used so far.
        state: `running`, or the final state.
    """

    plan: Plan
    resources: dict[str, Resource]
    budget: Budget = field(default_factory=Budget)
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    wiring: Wiring = field(init=False)
    states: dict[StepId, StepState] = field(init=False)
    attempts: dict[StepId, int] = field(default_factory=dict)
    results: dict[FromStep, tuple[Resource, ...]] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    state: RunState = "running"
    _ending: RunState | None = None
    _busy: dict[StepId, None] = field(default_factory=dict)
    _candidates: dict[StepId, None] = field(default_factory=dict)
    _in_trouble: bool = False
    _delays: dict[StepId, float] = field(default_factory=dict)
    _refused: set[StepId] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.wiring = Wiring(self.plan)
        self.states = {step.id: "waiting" for step in self.plan.steps}
        self._candidates = dict.fromkeys(self.wiring.steps)

    def replay(self, events: Iterable[RunEvent]) -> None:
        """Rebuild the state from stored events; what was under way counts as not begun."""
        for event in events:
            self.apply(event)
        for step_id in list(self._busy):
            self.withdraw(step_id)
        self._delays.clear()
        self._candidates = dict.fromkeys(self.wiring.steps)

    def next_commands(self) -> list[Command]:
        """What is to be done now; also how a new or resumed run begins."""
        if self.state != "running":
            return []
        if self._ending is not None:
            return self._wind_down(self._ending)
        over = excess(self.budget, self.usage)
        if over is not None:
            return [ExhaustBudget(over)]
        substitute = self._substitute() if self._in_trouble else None
        if substitute is not None:
            return [substitute]
        commands: list[Command] = list(self._skips()) if self._in_trouble else []
        commands += self._starts()
        if not commands and not self._busy:
            commands.append(FinishRun(self._verdict()))
        return commands

    def withdraw(self, step_id: StepId) -> None:
        """Take back a command: the step was queued or under way, and has been stopped."""
        self._busy.pop(step_id, None)
        if self.states[step_id] in {"commanded", "running"}:
            self.states[step_id] = "waiting"
            self._candidates[step_id] = None

    def outputs(self) -> dict[FromStep, tuple[Resource, ...]]:
        """The plan's outputs that were made, under the places where they were made."""
        places = (self.wiring.current(output) for output in self.plan.outputs)
        return {place: self.results[place] for place in places if place in self.results}

    def apply(self, event: RunEvent) -> None:
        """Take in what happened; O(steps directly after it)."""
        match event:
            case StepSubstituted():
                for step in self.wiring.take_over(event.alternative):
                    self.states.setdefault(step, "waiting")
                self._candidates = dict.fromkeys(self.wiring.steps)
                self._in_trouble = True
            case BudgetExhausted():
                self._ending = self._ending or "budget_exhausted"
            case Cancelled():
                self._ending = "cancelled"
            case RunFinished():
                self.state = event.state
            case RunSubmitted() | Planned() | StepProgressed() | Resumed():
                pass
            case _:
                self._apply_to_step(event)

    def _apply_to_step(
        self,
        event: StepStarted | StepSucceeded | StepCached | StepRetried | StepFailed | StepSkipped,
    ) -> None:
        step_id = StepId(event.step)
        match event:
            case StepStarted():
                self._begin(step_id, event.attempt)
            case StepSucceeded() | StepCached():
                self._deliver(step_id, event.outputs)
            case StepRetried():
                self._end(step_id, "waiting")
                self._candidates[step_id] = None
                self._delays[step_id] = event.delay_s
            case StepFailed():
                self._end(step_id, "failed")
                self._in_trouble = True
                if event.error == InvalidInput.kind:
                    self._refused.add(step_id)
            case StepSkipped():
                self._end(step_id, "skipped")
            case _:
                assert_never(event)

    def _begin(self, step_id: StepId, attempt: int) -> None:
        self.states[step_id] = "running"
        self._busy[step_id] = None
        self.attempts[step_id] = attempt
        self.usage = self.usage.with_start(self.wiring.steps[step_id].estimate)

    def _end(self, step_id: StepId, state: StepState) -> None:
        self.states[step_id] = state
        self._busy.pop(step_id, None)

    def _deliver(self, step_id: StepId, outputs: Outputs) -> None:
        self._end(step_id, "done")
        for port, held in outputs:
            self.results[FromStep(step_id, port)] = held
            self.usage = self.usage.with_stored(sum(each.size_bytes for each in held))
        self._candidates.update(dict.fromkeys(self.wiring.after[step_id]))

    def _start(self, step: PlanStep) -> StartStep:
        self.states[step.id] = "commanded"
        self._busy[step.id] = None
        inputs = self.wiring.inputs(step, self.resources, self.results)
        attempt = self.attempts.get(step.id, 0) + 1
        return StartStep(step, attempt, inputs, self._delays.pop(step.id, 0.0))

    def _starts(self) -> Iterator[StartStep]:
        """Start what has all it needs; only steps whose situation changed are looked at."""
        candidates, self._candidates = self._candidates, {}
        for step_id in candidates:
            if self.states[step_id] != "waiting" or step_id not in self.wiring.needed:
                continue
            if all(self.states[earlier] == "done" for earlier in self.wiring.before[step_id]):
                yield self._start(self.wiring.steps[step_id])

    def _skips(self) -> Iterator[SkipStep]:
        """Waiting steps that lost an input, or that nobody needs since an alternative took over."""
        for step_id in self.wiring.steps:
            if self.states[step_id] != "waiting":
                continue
            lost = next((b for b in self.wiring.before[step_id] if self._is_lost(b)), None)
            if lost is not None:
                yield self._skip(step_id, lost)
            elif step_id not in self.wiring.needed:
                yield self._skip(step_id, "substituted")

    def _skip(self, step_id: StepId, because: str) -> SkipStep:
        self.states[step_id] = "skipped"
        self._busy[step_id] = None  # until it is recorded, so that the run does not end before
        return SkipStep(step_id, because)

    def _is_lost(self, step_id: StepId) -> bool:
        return self.states[step_id] in {"failed", "skipped"}

    def _substitute(self) -> Substitute | None:
        """The first unused alternative for a task whose result can no longer be made.

        A step that refused what it was given is not replaced: the person has to act, and another
        tool would only do something else with it.
        """
        lost = self._lost_steps()
        bad_tools = {self.wiring.steps[s].tool for s in lost if self.states[s] == "failed"}
        for number, alternative in enumerate(self.plan.alternatives):
            if number in self.wiring.taken:
                continue
            upstream = self.wiring.upstream_of(alternative)
            failed = sorted(s for s in upstream & lost if self.states[s] == "failed")
            if not failed or not self._refused.isdisjoint(failed):
                continue
            open_steps = [s for s in alternative.steps if self.states.get(s.id) != "done"]
            if all(
                step.tool not in bad_tools
                and step.id not in lost
                and lost.isdisjoint(self.wiring.needs_of(step))
                for step in open_steps
            ):
                steps = tuple(step.id for step in alternative.steps)
                return Substitute(failed[0], alternative.task, number, steps)
        return None

    def _lost_steps(self) -> set[StepId]:
        """Steps that failed, and everything that depends on them."""
        lost: set[StepId] = set()
        for step_id in self.wiring.steps:
            done = self.states[step_id] == "done"
            if not done and (
                self._is_lost(step_id) or not lost.isdisjoint(self.wiring.before[step_id])
            ):
                lost.add(step_id)
        return lost

    def _wind_down(self, ending: RunState) -> list[Command]:
        if self._busy:
            return [StopStep(step_id) for step_id in self._busy]
        return [FinishRun(ending)]

    def _verdict(self) -> RunState:
        if not self.plan.outputs:
            # a plan of steps without results, as from an untyped catalogue, is judged by its steps
            done = sum(state == "done" for state in self.states.values())
            return "succeeded" if done == len(self.states) else "partial" if done else "failed"
        made = sum(self.wiring.current(output) in self.results for output in self.plan.outputs)
        if made == len(self.plan.outputs):
            return "succeeded"
        return "partial" if made else "failed"
