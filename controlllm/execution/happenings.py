"""What happens to a run from outside its machine, and how it is written down; pure."""

from __future__ import annotations

from dataclasses import dataclass

from controlllm.events import (
    BudgetExhausted,
    Cancelled,
    Outputs,
    RunEvent,
    RunFinished,
    Stamp,
    StepFailed,
    StepProgressed,
    StepRetried,
    StepSkipped,
    StepSubstituted,
    StepSucceeded,
)
from controlllm.execution.run import ExhaustBudget, FinishRun, Run, SkipStep, Substitute
from controlllm_planner.plan import StepId
from controlllm_tools.errors import ToolError


@dataclass(frozen=True, slots=True)
class Progress:
    """A running tool said how far it is."""

    step: StepId
    fraction: float
    message: str


@dataclass(frozen=True, slots=True)
class Done:
    """An attempt delivered."""

    step: StepId
    outputs: Outputs
    seconds: float
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt failed."""

    step: StepId
    attempt: int
    error: ToolError


@dataclass(frozen=True, slots=True)
class Stopped:
    """An attempt was stopped on our request; it leaves no event of its own."""

    step: StepId


@dataclass(frozen=True, slots=True)
class CancelWanted:
    """Somebody asked to stop the run for good."""


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The wall time budget is used up."""

    used_s: float


Happening = Progress | Done | Failed | Stopped | CancelWanted | TimeUp
Decision = SkipStep | Substitute | ExhaustBudget | FinishRun


def event_of(
    happening: Progress | Done | Failed | CancelWanted | TimeUp, run: Run, stamp: Stamp
) -> RunEvent:
    """The event that records what happened; the run's policy says whether a failure is final."""
    match happening:
        case Progress(step, fraction, message):
            return StepProgressed(stamp=stamp, step=step, fraction=fraction, message=message)
        case Done():
            return StepSucceeded(
                stamp=stamp,
                step=happening.step,
                outputs=happening.outputs,
                seconds=happening.seconds,
                memory_bytes=happening.memory_bytes,
            )
        case Failed():
            return _failure(happening, run, stamp)
        case CancelWanted():
            return Cancelled(stamp=stamp)
        case TimeUp(used_s):
            limit = run.budget.wall_s or 0.0
            used = round(used_s, 3)
            return BudgetExhausted(stamp=stamp, budget="wall_s", used=used, limit=limit)


def _failure(failed: Failed, run: Run, stamp: Stamp) -> RunEvent:
    error = failed.error
    delay = run.retries.delay_before_next(error.kind, failed.attempt)
    if delay is None:
        return StepFailed(stamp=stamp, step=failed.step, error=error.kind, message=error.message)
    return StepRetried(
        stamp=stamp,
        step=failed.step,
        attempt=failed.attempt,
        error=error.kind,
        message=error.message,
        delay_s=delay,
    )


def record_of(decision: Decision, stamp: Stamp) -> RunEvent:
    """The event that records what the machine decided."""
    match decision:
        case SkipStep(step, because):
            return StepSkipped(stamp=stamp, step=step, because=because)
        case Substitute():
            return StepSubstituted(
                stamp=stamp,
                step=decision.failed,
                task=decision.task,
                alternative=decision.alternative,
                steps=decision.steps,
            )
        case ExhaustBudget(over):
            return BudgetExhausted(
                stamp=stamp, budget=over.budget, used=over.used, limit=over.limit
            )
        case FinishRun(state):
            return RunFinished(stamp=stamp, state=state)
