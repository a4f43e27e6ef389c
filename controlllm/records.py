"""Values that execution, provenance and interfaces exchange about the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from controlllm.events import Outputs, RunId, RunState
from controlllm_planner.task import Request
from controlllm_tools.resources import Resource

Direction = Literal["made", "used"]

FROM_PERSON = ""
"""The step of a link whose artefact a person handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run.

    Attributes:
        id: Its id.
        goal: The words of the request.
        state: `running`, or the final state.
        plan: Digest of its plan, once there is one.
        created_at: When it was accepted.
        finished_at: When it reached a final state.
        cancel_requested: Whether somebody asked to stop it.
        owner: The process that executes it, if any.
    """

    id: RunId
    goal: str
    state: RunState
    plan: str | None
    created_at: str
    finished_at: str | None
    cancel_requested: bool
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step of a run, as far as it came."""

    run_id: RunId
    step: str
    tool: str
    version: str
    card_hash: str
    key: str
    state: str
    attempts: int
    started_at: str | None
    finished_at: str | None
    seconds: float | None
    error: str | None
    message: str | None
    cached_run: str | None
    cached_step: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRecord:
    """An artefact that a step made or used, or that a person handed over.

    Attributes:
        run_id: The run.
        step: The step; empty when a person handed the artefact over.
        direction: `made` or `used`.
        port: Port, or the name of the attachment.
        position: Place on the port.
        resource: The artefact, under the name and type it had there.
    """

    run_id: RunId
    step: str
    direction: Direction
    port: str
    position: int
    resource: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run that is about to be stored."""

    id: RunId
    request: Request
    created_at: str
    owner: str
    lease_until_s: float


@dataclass(frozen=True, slots=True)
class CachedResult:
    """The result of equal work done before.

    Attributes:
        run_id: The run that did it.
        step: Its step.
        outputs: What it delivered.
    """

    run_id: RunId
    step: str
    outputs: Outputs


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to execute a run; every write carries its epoch.

    Attributes:
        run_id: The run.
        epoch: Grows with every claim, so that a late write of an earlier owner is refused.
        next_seq: Number of the next event.
    """

    run_id: RunId
    epoch: int
    next_seq: int
