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
    RunState,
    StepCached,
    StepFailed,
    StepRetried,
    StepStarted,
    StepSucceeded,
)
from controlllm.records import Direction
from controlllm_tools.resources import Resource

Row = dict[str, Any]


@dataclass(slots=True)
class Changes:
    """Rows to write for a batch of events.

    Attributes:
        run_id: The run.
        begun: Whole rows of the steps that the batch begins, as they stand after it.
        ended: New columns of steps that earlier batches began.
        artifacts: New contents by digest.
        links: New links.
        finished: The final state and its time, when the run reached one.
    """

    run_id: RunId
    begun: dict[str, Row] = field(default_factory=dict)
    ended: dict[str, Row] = field(default_factory=dict)
    artifacts: dict[str, Row] = field(default_factory=dict)
    links: list[Row] = field(default_factory=list)
    finished: tuple[RunState, str] | None = None


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
            _begin(
                changes,
                event,
                state="running",
                attempts=event.attempt,
                started_at=at,
                estimate_s=event.estimate_s,
            )
        case StepCached():
            _begin(
                changes,
                event,
                state="cached",
                finished_at=at,
                cached_run=event.from_run,
                cached_step=event.from_step,
                ended_seq=event.stamp.seq,
            )
            add_made(changes, event.step, event.outputs, at)
        case StepSucceeded():
            _end(
                changes,
                event,
                state="succeeded",
                finished_at=at,
                seconds=event.seconds,
                memory_bytes=event.memory_bytes,
            )
            add_made(changes, event.step, event.outputs, at)
        case StepRetried():
            _end(changes, event, state="waiting", error=event.error, message=event.message)
        case StepFailed():
            _end(
                changes,
                event,
                state="failed",
                finished_at=at,
                error=event.error,
                message=event.message,
            )
        case RunFinished() if event.state in FINAL_STATES:
            changes.finished = (event.state, at)
        case _:
            pass


def _begin(changes: Changes, event: StepStarted | StepCached, **columns: object) -> None:
    """A new row; a further attempt begins with a clean one."""
    changes.ended.pop(event.step, None)
    changes.begun[event.step] = {
        "run_id": changes.run_id,
        "step": event.step,
        "tool": event.tool,
        "card_hash": event.card_hash,
        "key": event.key,
        "attempts": 0,
        "started_at": None,
        "estimate_s": None,
        "cached_run": None,
        "cached_step": None,
        "begun_seq": event.stamp.seq,
        **_ending(),
        **columns,
    }
    for port, held in event.inputs:
        for position, (type_, sha256) in enumerate(held):
            link = _link(changes, event.step, "used", port, position)
            link.update(sha256=sha256, type=type_)


def _end(
    changes: Changes, event: StepSucceeded | StepRetried | StepFailed, **columns: object
) -> None:
    row = changes.begun.get(event.step)
    if row is None:
        row = changes.ended.setdefault(event.step, {})
    row.update(_ending())
    row.update(columns, ended_seq=event.stamp.seq)


def _ending() -> Row:
    """The columns that the end of an attempt sets, empty; every ending sets all of them."""
    return {
        "state": "running",
        "finished_at": None,
        "seconds": None,
        "memory_bytes": None,
        "error": None,
        "message": None,
        "ended_seq": None,
    }


def add_made(changes: Changes, step: str, held: Outputs, at: str) -> None:
    """Add the artefacts that a step, or a person, delivered on some ports."""
    for port, resources in held:
        for position, resource in enumerate(resources):
            facts = resource.facts.known()
            changes.artifacts.setdefault(resource.sha256, _artifact(resource, facts, at))
            link = _link(changes, step, "made", port, position)
            link.update(
                sha256=resource.sha256,
                type=str(resource.type),
                name=resource.name,
                caption=resource.caption,
                mime=resource.mime,
                facts=facts,
            )


def _artifact(resource: Resource, facts: Row, at: str) -> Row:
    text = resource.text
    return {
        "sha256": resource.sha256,
        "size_bytes": resource.size_bytes,
        "mime": resource.mime,
        "facts": facts,
        "content": None if text is None else text.encode("utf-8", "surrogatepass"),
        "created_at": at,
    }


def _link(changes: Changes, step: str, direction: Direction, port: str, position: int) -> Row:
    link: Row = {
        "run_id": changes.run_id,
        "step": step,
        "direction": direction,
        "port": port,
        "position": position,
        "name": "",
        "caption": "",
        "mime": None,
        "facts": None,
    }
    changes.links.append(link)
    return link
