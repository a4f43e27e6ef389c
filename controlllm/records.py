"""Values that execution, provenance and interfaces exchange about the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from controlllm.errors import RunConflict
from controlllm.events import Outputs, Planned, RunEvent, RunId, RunState, RunSubmitted, Stamp
from controlllm_planner.plan import Plan
from controlllm_planner.task import Request
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import Resource

Direction = Literal["made", "used"]

FROM_PERSON = ""
"""The step of a link whose artefact a person handed over."""

SPOKEN = "words:"
"""How the port of such a link begins when the artefact is a value from the request's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run.

    Attributes:
        id: Its id.
        goal: The words of the request.
        state: `running`, or the final state.
        plan: Digest of its plan.
        created_at: When it was accepted.
        finished_at: When it reached a final state.
        cancel_requested: Whether somebody asked to stop it.
        owner: The process that executes it, if any.
    """

    id: RunId
    goal: str
    state: RunState
    plan: str
    created_at: str
    finished_at: str | None
    cancel_requested: bool
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step of a run, as far as it came.

    Attributes:
        run_id: The run.
        step: Its id in the plan.
        tool: Name of the tool.
        version: Version of the tool; `?` when its card is not known.
        card_hash: Digest of the card.
        key: What decides its result; equal keys, equal work.
        state: `running`, `waiting` for another attempt, `succeeded`, `cached`, `failed`, or
            `stopped` with its run.
        attempts: Attempts begun; 0 for a step that was taken from elsewhere.
        started_at: When the last attempt began.
        finished_at: When it ended for good.
        seconds: How long the successful attempt took.
        estimate_s: How long its card expects a call on these inputs to take.
        memory_bytes: The most memory that the successful attempt held.
        error: Kind of the failure, of a step that failed or waits.
        message: The failure in words.
        cached_run: The run whose result was used again.
        cached_step: Its step.
        begun_seq: Number of the event by which the last attempt began.
        ended_seq: Number of the event by which it ended.
    """

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
    begun_seq: int
    ended_seq: int | None
    estimate_s: float | None = None
    memory_bytes: int | None = None


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
    """A run that is about to be stored, in the hands of the process that accepts it.

    Attributes:
        id: Its id.
        request: What is asked for.
        plan: The plan that was agreed to; execution follows this one and no other.
        cards: The cards of the plan's tools.
        created_at: Now.
        owner: The process that accepts it.
    """

    id: RunId
    request: Request
    plan: Plan
    cards: tuple[ToolCard, ...]
    created_at: str
    owner: str

    def opening(self) -> tuple[RunSubmitted, Planned]:
        """The first events of the run."""
        submitted = RunSubmitted(
            stamp=Stamp(run_id=self.id, seq=1, at=self.created_at), goal=self.request.text
        )
        planned = Planned(
            stamp=Stamp(run_id=self.id, seq=2, at=self.created_at),
            plan=self.plan.digest,
            steps=len(self.plan.steps),
            estimate_s=self.plan.estimate.seconds,
        )
        return submitted, planned

    def claim(self) -> Claim:
        """The right of the process that accepts the run to go on with it."""
        return Claim(self.id, epoch=1, next_seq=len(self.opening()) + 1)


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

    def check_batch(self, batch: Sequence[RunEvent]) -> None:
        """Check that events belong to the run and follow each other without a gap.

        Raises:
            ValueError: They do not, which is a defect of the caller.
        """
        first = batch[0].stamp.seq
        for seq, event in enumerate(batch, first):
            if event.stamp.run_id != self.run_id or event.stamp.seq != seq:
                at = f"event {event.stamp.seq} of run {event.stamp.run_id}"
                msg = f"expected event {seq} of run {self.run_id}, got {at}"
                raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a run stands, as far as the right to write to it goes.

    Attributes:
        run_id: The run.
        state: `running`, or the final state.
        epoch: Of the latest claim.
        next_seq: Number of the next event.
        owner: Who executes it, if anybody.
        lease_until_s: Until when the owner has it without a sign of life, in seconds since 1970.
    """

    run_id: RunId
    state: RunState
    epoch: int
    next_seq: int
    owner: str | None
    lease_until_s: float

    def check_write(self, claim: Claim, seq: int) -> None:
        """Check that the holder of a claim may add the event of this number.

        Raises:
            RunConflict: The run was claimed again, is finished, or goes on at another event.
        """
        if self.epoch != claim.epoch:
            msg = f"run {self.run_id} was taken over by another process; nothing was written"
            raise RunConflict(msg)
        self.check_unfinished()
        if self.next_seq != seq:
            msg = f"run {self.run_id} goes on at event {self.next_seq}, not {seq}"
            raise RunConflict(f"{msg}; nothing was written")

    def check_free(self, now_s: float, is_gone: Callable[[str], bool]) -> None:
        """Check that the run may be claimed.

        Args:
            now_s: Current time, in seconds since 1970.
            is_gone: Whether an owner is known to be dead; then its lease need not run out.

        Raises:
            RunConflict: It is finished, or a living process executes it.
        """
        self.check_unfinished()
        if self.owner and self.lease_until_s > now_s and not is_gone(self.owner):
            msg = f"run {self.run_id} is being executed by {self.owner}; wait for it, or cancel it"
            raise RunConflict(msg)

    def check_unfinished(self) -> None:
        """Check that the run may still change.

        Raises:
            RunConflict: It is finished.
        """
        if self.state != "running":
            msg = f"run {self.run_id} is already finished: {self.state}"
            raise RunConflict(msg)
