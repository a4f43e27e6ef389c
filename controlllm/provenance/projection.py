"""Turn events into rows of steps, artefacts and links; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from controlllm.events import (
    FINAL_STATES,
    Outputs,
    RunEvent,
    RunFinished,
    RunId,
    StepCached,
    StepFailed,
    StepRetried,
    StepStarted,
    StepSucceeded,
    Used,
)
from controlllm.records import Direction
from controlllm_tools.resources import Resource

Row = dict[str, Any]


@dataclass(slots=True)
class Changes:
    """Rows to write for a batch of events.

    Attributes:
        steps: New or changed columns per step, later events over earlier ones.
        artifacts: New contents by digest.
        links: New links.
        finished: Columns of the run, when it reached a final state.
    """

    run_id: RunId
    steps: dict[str, Row] = field(default_factory=dict)
    artifacts: dict[str, Row] = field(default_factory=dict)
    links: list[Row] = field(default_factory=list)
    finished: Row | None = None


def changes_of(run_id: RunId, events: Iterable[RunEvent]) -> Changes:
    """What a batch of events of one run changes."""
    changes = Changes(run_id)
    for event in events:
        _apply(event, changes)
    return changes


def _apply(event: RunEvent, changes: Changes) -> None:
    at = event.stamp.at
    match event:
        case StepStarted():
            _step(changes, event.step).update(
                tool=event.tool,
                card_hash=event.card_hash,
                key=event.key,
                state="running",
                attempts=event.attempt,
                started_at=at,
            )
            _add_used(changes, event.step, event.inputs)
        case StepSucceeded():
            _step(changes, event.step).update(
                state="succeeded", finished_at=at, seconds=event.seconds
            )
            add_made(changes, event.step, event.outputs, at)
        case StepCached():
            _step(changes, event.step).update(
                tool=event.tool,
                card_hash=event.card_hash,
                key=event.key,
                state="cached",
                attempts=0,
                finished_at=at,
                cached_run=event.from_run,
                cached_step=event.from_step,
            )
            _add_used(changes, event.step, event.inputs)
            add_made(changes, event.step, event.outputs, at)
        case StepRetried():
            _step(changes, event.step).update(
                state="waiting", error=event.error, message=event.message
            )
        case StepFailed():
            _step(changes, event.step).update(
                state="failed", finished_at=at, error=event.error, message=event.message
            )
        case RunFinished() if event.state in FINAL_STATES:
            changes.finished = {"state": event.state, "finished_at": at}
        case _:
            pass


def _step(changes: Changes, step: str) -> Row:
    return changes.steps.setdefault(step, {})


def add_made(changes: Changes, step: str, held: Outputs, at: str) -> None:
    """Add the artefacts that a step, or a person, delivered on some ports."""
    for port, resources in held:
        for position, resource in enumerate(resources):
            changes.artifacts.setdefault(resource.sha256, artifact_row(resource, at))
            link = _link(changes, step, "made", port, position)
            link.update(
                sha256=resource.sha256,
                type=str(resource.type),
                name=resource.name,
                caption=resource.caption,
            )


def _add_used(changes: Changes, step: str, inputs: Used) -> None:
    for port, held in inputs:
        for position, (type_, sha256) in enumerate(held):
            link = _link(changes, step, "used", port, position)
            link.update(sha256=sha256, type=type_, name="", caption="")


def _link(changes: Changes, step: str, direction: Direction, port: str, position: int) -> Row:
    link: Row = {
        "run_id": changes.run_id,
        "step": step,
        "direction": direction,
        "port": port,
        "position": position,
    }
    changes.links.append(link)
    return link


def artifact_row(resource: Resource, at: str) -> Row:
    """The row of an artefact's content."""
    return {
        "sha256": resource.sha256,
        "size_bytes": resource.size_bytes,
        "mime": resource.mime,
        "facts": resource.facts.known(),
        "text": resource.text,
        "created_at": at,
    }
