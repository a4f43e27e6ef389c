"""RunService: the one door. Every interface translates to and from these few calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import anyio.to_thread

from controlllm.answer import Delivery, RunResult, answer_of
from controlllm.errors import RunConflict
from controlllm.events import (
    Cancelled,
    Planned,
    Resumed,
    RunEvent,
    RunFinished,
    RunId,
    RunState,
    RunSubmitted,
    Stamp,
)
from controlllm.execution.artifacts import ArtifactStore
from controlllm.execution.backends.base import ExecutionBackend
from controlllm.execution.faults import fault
from controlllm.execution.run import Run
from controlllm.execution.runner import Runner, RunnerParts
from controlllm.intake import Intake
from controlllm.provenance.store import SqlStore
from controlllm.records import Claim, NewRun
from controlllm_planner.plan import Plan, PlanStep
from controlllm_planner.planner import Planner
from controlllm_planner.task import Request
from controlllm_planner.trace import Trace
from controlllm_tools.card import ToolCard
from controlllm_tools.registry import Registry
from controlllm_tools.resources import Resource

_FIRST_EXECUTION = 2
"""Epoch of the first claim after the one by which a run is accepted."""

Watch = Callable[[RunEvent], None]


def watch_nothing(event: RunEvent) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class RunService:
    """Plans, runs, and tells about runs.

    Attributes:
        registry: The catalogue.
        planner: Makes plans.
        store: The record.
        artifacts: The files.
        intake: Takes files of users in.
        backend: Makes a backend; called when a run begins.
        scratch: Folder for the scratch folders of this process.
        owner: Name of this process in claims.
        is_gone: Whether the owner of a claim is known to be dead.
        now: UTC time in ISO 8601.
        new_id: Makes run ids.
        max_parallel: Calls under way at once.
        use_cache: Whether results of equal work are used again.
    """

    registry: Registry
    planner: Planner
    store: SqlStore
    artifacts: ArtifactStore
    intake: Intake
    backend: Callable[[], ExecutionBackend]
    scratch: Path
    owner: str
    is_gone: Callable[[str], bool]
    now: Callable[[], str]
    new_id: Callable[[], RunId]
    max_parallel: int = 2
    use_cache: bool = True

    def plan(self, request: Request) -> Plan:
        """Make a plan and keep it, without running anything.

        Raises:
            PlanningError: There is none; the error says who acts next.
        """
        return self.trace(request).plan

    def trace(self, request: Request) -> Trace:
        """Make a plan and keep it, and tell how it came about.

        Raises:
            PlanningError: There is none; the error says who acts next.
        """
        trace = self.planner.trace(request)
        if all(each.resource for each in request.attachments):
            self.store.keep_plan(trace.plan, self._cards_of(trace.plan), self.now())
        return trace

    async def submit(self, request: Request, plan: Plan | None = None) -> RunId:
        """Accept a request: once this returns, the run survives a crash.

        Args:
            request: The request, with stored attachments.
            plan: The plan that was shown; by default one is made now.

        Raises:
            PlanningError: There is no plan, or the one given may not be run like this.
            RunConflict: A tool has changed since the plan was made.
            StoreUnavailable: The run could not be stored; it was not accepted.
        """
        claim = await anyio.to_thread.run_sync(self._accept, request, plan or self.plan(request))
        return claim.run_id

    async def execute(self, run_id: RunId, watch: Watch = watch_nothing) -> RunState:
        """Execute an accepted run, from wherever it stands, to its end.

        Args:
            run_id: The run.
            watch: Told of every event once it is stored.

        Raises:
            RunNotFound: There is no such run.
            RunConflict: It is finished, or a living process executes it.
        """
        claim = await anyio.to_thread.run_sync(self.store.claim, run_id, self.owner, self.is_gone)
        try:
            return await self._execute(claim, watch)
        finally:
            self.store.release(claim)

    async def cancel(self, run_id: RunId) -> bool:
        """Stop a run for good; what is done stays.

        Returns:
            Whether it is stopped already; otherwise the process that executes it will stop it.

        Raises:
            RunNotFound: There is no such run.
            RunConflict: It is finished.
        """
        await anyio.to_thread.run_sync(self.store.request_cancel, run_id)
        try:
            claim = await anyio.to_thread.run_sync(
                self.store.claim, run_id, self.owner, self.is_gone
            )
        except RunConflict:
            return False
        await anyio.to_thread.run_sync(self._end_cancelled, claim)
        return True

    async def replay(self, run_id: RunId, watch: Watch = watch_nothing) -> RunId:
        """Run the plan of a run once more, without using earlier results.

        Raises:
            RunNotFound: There is no such run.
            RunConflict: A tool of its plan has changed since.
        """
        again = replace(self, use_cache=False)
        plan = self.store.plan_of(run_id)
        new_id = await again.submit(self.store.request(run_id), plan)
        await again.execute(new_id, watch)
        return new_id

    def result(self, run_id: RunId) -> RunResult:
        """What a run has delivered so far.

        Raises:
            RunNotFound: There is no such run.
        """
        record = self.store.run(run_id)
        run = self._rebuild(run_id, self.store.events(run_id))
        deliveries = tuple(
            Delivery(resource=resource, step=place.step, port=place.output)
            for place, held in run.outputs().items()
            for resource in held
        )
        failures = [
            (step.tool, step.message or step.error or "")
            for step in self.store.steps(run_id)
            if step.state == "failed"
        ]
        return RunResult(
            run_id=run_id,
            state=record.state,
            plan=record.plan,
            deliveries=deliveries,
            answer=answer_of(record.state, deliveries, failures),
        )

    def path_of(self, resource: Resource) -> Path | None:
        """The stored file of an artefact; None when it is inline."""
        return None if resource.text is not None else self.artifacts.path(resource.sha256)

    def digests(self, run_id: RunId) -> dict[tuple[str, str, int], str]:
        """Digest of every artefact that the steps of a run made, by step, port and position."""
        return {
            (link.step, link.port, link.position): link.resource.sha256
            for link in self.store.links_of_run(run_id)
            if link.direction == "made" and link.step
        }

    def _end_cancelled(self, claim: Claim) -> None:
        cancelled = Cancelled(stamp=self._stamp(claim.run_id, claim.next_seq))
        stamp = self._stamp(claim.run_id, claim.next_seq + 1)
        self.store.append(claim, [cancelled, RunFinished(stamp=stamp, state="cancelled")])

    def _accept(self, request: Request, plan: Plan) -> Claim:
        self.planner.check(plan, request.constraints)
        new = NewRun(
            id=self.new_id(),
            request=request,
            plan=plan,
            cards=tuple(self._cards_of(plan)),
            created_at=self.now(),
            owner=self.owner,
        )
        claim = self.store.create(new)
        fault("run_accepted")
        self.store.release(claim)
        return claim

    async def _execute(self, claim: Claim, watch: Watch) -> RunState:
        if self.store.is_cancel_requested(claim.run_id):
            # whoever was to stop it died before it could
            self._end_cancelled(claim)
            return "cancelled"
        events = self.store.events(claim.run_id)
        run = self._rebuild(claim.run_id, events)
        for event in events:
            watch(event)
        opening: list[RunEvent] = []
        if claim.epoch > _FIRST_EXECUTION:
            opening.append(Resumed(stamp=self._stamp(claim.run_id, claim.next_seq)))
        backend = self.backend()
        try:
            runner = Runner(run, claim, self._parts(backend, watch, run.plan))
            state = await runner.execute(opening, _seconds_used(events))
            fault("run_finished")
            return state
        finally:
            await backend.close()

    def _parts(self, backend: ExecutionBackend, watch: Watch, plan: Plan) -> RunnerParts:
        cards = {step.tool: self._card(step.tool, step.card_hash) for step in _all_steps(plan)}
        return RunnerParts(
            journal=self.store,
            artifacts=self.artifacts,
            backend=backend,
            cards=cards.__getitem__,
            scratch=self.scratch,
            now=self.now,
            max_parallel=self.max_parallel,
            use_cache=self.use_cache,
            watch=watch,
        )

    def _rebuild(self, run_id: RunId, events: Sequence[RunEvent]) -> Run:
        request = self.store.request(run_id)
        resources = {each.name: each.resource for each in request.attachments if each.resource}
        run = Run(self.store.plan_of(run_id), resources, request.constraints.budget)
        run.replay(events)
        return run

    def _cards_of(self, plan: Plan) -> Iterator[ToolCard]:
        for tool, card_hash in {step.tool: step.card_hash for step in _all_steps(plan)}.items():
            yield self._card(tool, card_hash)

    def _card(self, tool: str, card_hash: str) -> ToolCard:
        """The card of a step; it must be the very card the plan was made from.

        Raises:
            RunConflict: The catalogue has changed since.
        """
        card = self.registry.cards.get(tool)
        if card is None or card.card_hash != card_hash:
            msg = f"tool {tool} has changed since the plan was made; plan the request again"
            raise RunConflict(msg)
        return card

    def _stamp(self, run_id: RunId, seq: int) -> Stamp:
        return Stamp(run_id=run_id, seq=seq, at=self.now())


def _all_steps(plan: Plan) -> Iterator[PlanStep]:
    yield from plan.steps
    for alternative in plan.alternatives:
        yield from alternative.steps


def _seconds_used(events: Sequence[RunEvent]) -> float:
    """Wall seconds of earlier sessions: from the first event of each to its last.

    A run that was accepted and waits uses nothing.
    """
    total = 0.0
    begun = last = None
    for event in events:
        if isinstance(event, RunSubmitted | Planned):
            continue
        at = datetime.fromisoformat(event.stamp.at)
        if begun is None or isinstance(event, Resumed):
            total += (last - begun).total_seconds() if begun and last else 0.0
            begun = at
        last = at
    return total + ((last - begun).total_seconds() if begun and last else 0.0)
