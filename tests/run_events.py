"""Events for tests of the run machine, and its commands in short."""

from __future__ import annotations

import itertools

from controlllm.events import (
    RunEvent,
    RunId,
    Stamp,
    StepFailed,
    StepStarted,
    StepSucceeded,
)
from controlllm.execution.run import (
    Command,
    ExhaustBudget,
    FinishRun,
    Run,
    SkipStep,
    StartStep,
    StopStep,
    Substitute,
)
from controlllm_tools.resources import Resource

NUMBERS = itertools.count(1)


def stamp() -> Stamp:
    return Stamp(run_id=RunId("r"), seq=next(NUMBERS), at="2026-01-01T00:00:00+00:00")


def started(name: str, attempt: int = 1) -> StepStarted:
    return StepStarted(
        stamp=stamp(), step=name, attempt=attempt, tool="t", card_hash="c", key="k", inputs=()
    )


def succeeded(name: str, size: str = "done") -> StepSucceeded:
    outputs = (("out", (Resource.of_text("text", f"{name} {size}"),)),)
    return StepSucceeded(stamp=stamp(), step=name, outputs=outputs, seconds=0.1)


def failed(name: str) -> StepFailed:
    return StepFailed(stamp=stamp(), step=name, error="tool_failed", message="no")


def handle(run: Run, event: RunEvent) -> list[Command]:
    """What the machine commands after one event."""
    run.apply(event)
    return run.next_commands()


def told(commands: list[Command]) -> list[str]:
    """Commands in short."""
    short = []
    for command in commands:
        match command:
            case StartStep():
                short.append(f"start {command.step.id} #{command.attempt}")
            case StopStep(name):
                short.append(f"stop {name}")
            case SkipStep(name, because):
                short.append(f"skip {name} because {because}")
            case Substitute():
                short.append(f"substitute {command.alternative} after {command.failed}")
            case ExhaustBudget(over):
                short.append(f"exhaust {over.budget}")
            case FinishRun(state):
                short.append(f"finish {state}")
    return short
