"""Runner: carries the machine's commands to a backend and its events to the journal.

One loop owns the machine. Each turn gathers what happened, lets the machine decide, commits all new
events in one transaction, and only then acts: nothing is begun before it is written that it begins.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import anyio.lowlevel
import anyio.to_thread
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from controlllm.errors import ControlLLMError, RunConflict, StoreUnavailable
from controlllm.events import RunEvent, RunState, Stamp, StepCached, StepStarted
from controlllm.execution.artifacts import ArtifactStore, CorruptArtifact
from controlllm.execution.attempt import StepCaller
from controlllm.execution.backends.base import ExecutionBackend
from controlllm.execution.faults import fault
from controlllm.execution.happenings import (
    CancelWanted,
    Done,
    Failed,
    Happening,
    Progress,
    Stopped,
    TimeUp,
    event_of,
    record_of,
)
from controlllm.execution.journal import Journal
from controlllm.execution.keys import step_key
from controlllm.execution.run import Command, Run, StartStep, StopStep
from controlllm.records import CachedResult, Claim
from controlllm_planner.cost import seconds_on
from controlllm_planner.plan import StepId
from controlllm_tools.card import ToolCard
from controlllm_tools.errors import ToolError

HEARTBEAT_S = 2.0
_OUTCOMES_BUFFERED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerParts:
    """What a runner stands on.

    Attributes:
        journal: Where events are committed.
        artifacts: Where files are stored.
        backend: Where calls run.
        cards: Tool cards by name.
        scratch: Folder for the scratch folders of calls.
        now: UTC time in ISO 8601.
        max_parallel: Calls under way at once.
        use_cache: Whether results of equal work are used again.
        watch: Told of every event after it is committed.
    """

    journal: Journal
    artifacts: ArtifactStore
    backend: ExecutionBackend
    cards: Callable[[str], ToolCard]
    scratch: Path
    now: Callable[[], str]
    max_parallel: int = 2
    use_cache: bool = True
    watch: Callable[[RunEvent], None] = field(default=lambda _event: None)


class Runner:
    """Executes one claimed run to its end."""

    def __init__(self, run: Run, claim: Claim, parts: RunnerParts) -> None:
        self._run = run
        self._claim = claim
        self._parts = parts
        self._seq = claim.next_seq
        self._caller = StepCaller(
            run_id=claim.run_id,
            seed=run.plan.seed,
            artifacts=parts.artifacts,
            backend=parts.backend,
            cards=parts.cards,
            scratch=parts.scratch,
        )
        self._queue: deque[StartStep] = deque()
        self._active: dict[StepId, anyio.CancelScope] = {}
        self._batch: list[RunEvent] = []
        self._begun: list[StartStep] = []

    async def execute(self, opening: Sequence[RunEvent] = (), used_s: float = 0.0) -> RunState:
        """Run until the machine says that it is over.

        Args:
            opening: Events to commit first, such as `resumed`.
            used_s: Wall seconds that earlier sessions used.

        Returns:
            The final state.

        Raises:
            RunConflict: Another process took the run over.
            StoreUnavailable: Events could not be committed; the run can be resumed.
        """
        send, receive = anyio.create_memory_object_stream[Happening](_OUTCOMES_BUFFERED)
        self._batch = list(opening)
        self._seq += len(opening)
        try:
            with send, receive:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self._heartbeat, send)
                    tasks.start_soon(self._watch_budget, send, used_s)
                    await self._loop(tasks, send, receive)
                    tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            raise _first_of(group) from group
        return self._run.state

    async def _loop(
        self,
        tasks: TaskGroup,
        send: MemoryObjectSendStream[Happening],
        receive: MemoryObjectReceiveStream[Happening],
    ) -> None:
        while True:
            await self._follow()
            await self._commit()
            if self._run.state != "running":
                return
            self._act(tasks, send)
            await self._next_happenings(receive)

    async def _next_happenings(self, receive: MemoryObjectReceiveStream[Happening]) -> None:
        """Wait for something to happen, and take everything else that has happened with it."""
        self._take(await receive.receive())
        await anyio.lowlevel.checkpoint()  # calls that end together are committed together
        while receive.statistics().current_buffer_used:
            self._take(receive.receive_nowait())

    def _take(self, happening: Happening) -> None:
        match happening:
            case Progress(step) if step not in self._active:
                return  # it was stopped in the meantime
            case Done(step) | Failed(step) | Stopped(step):
                self._active.pop(step, None)
            case _:
                pass
        if isinstance(happening, Stopped):
            self._run.withdraw(happening.step)
        else:
            self._note(event_of(happening, self._run, self._stamp()))

    async def _follow(self) -> None:
        """Ask the machine until it has nothing new to say; put starts in the queue; fill places."""
        while True:
            # every command is carried out, also after one that changed the machine
            changed = [self._record(command) for command in self._run.next_commands()]
            if any(changed):
                continue
            if not self._may_start():
                return
            await self._start(self._queue.popleft())

    def _may_start(self) -> bool:
        free = self._parts.max_parallel - len(self._active) - len(self._begun)
        return bool(self._queue) and free > 0

    def _record(self, command: Command) -> bool:
        """Carry out a decision; returns whether the machine may now decide something else."""
        match command:
            case StartStep():
                self._queue.append(command)
                return False
            case StopStep(step):
                return self._stop(step)
            case _:
                self._note(record_of(command, self._stamp()))
                return True

    def _stop(self, step: StepId) -> bool:
        """Take a queued start back, or end a call that is under way and wait for it."""
        if step in self._active:
            self._active[step].cancel()
            return False
        self._queue = deque(start for start in self._queue if start.step.id != step)
        self._begun = [start for start in self._begun if start.step.id != step]
        self._run.withdraw(step)
        return True

    async def _start(self, command: StartStep) -> None:
        """Use an earlier result, or write down that an attempt begins."""
        step, card = command.step, self._parts.cards(command.step.tool)
        key = step_key(card.name, step.card_hash, dict(command.inputs), seed=self._run.plan.seed)
        used = tuple(
            (port, tuple((str(each.type), each.sha256) for each in held))
            for port, held in command.inputs
        )
        if self._parts.use_cache and card.deterministic and command.attempt == 1:
            cached = await anyio.to_thread.run_sync(self._cached, key)
            if cached is not None:
                self._note(
                    StepCached(
                        stamp=self._stamp(),
                        step=step.id,
                        tool=card.name,
                        card_hash=step.card_hash,
                        key=key,
                        inputs=used,
                        outputs=cached.outputs,
                        from_run=cached.run_id,
                        from_step=cached.step,
                    )
                )
                return
        self._begun.append(command)
        self._note(
            StepStarted(
                stamp=self._stamp(),
                step=step.id,
                attempt=command.attempt,
                tool=card.name,
                card_hash=step.card_hash,
                key=key,
                inputs=used,
                estimate_s=round(seconds_on(card, dict(command.inputs)), 4),
            )
        )

    def _cached(self, key: str) -> CachedResult | None:
        """An earlier result whose bytes are still what they were; a changed file is a miss."""
        cached = self._parts.journal.find_result(key)
        if cached is None:
            return None
        try:
            for _, held in cached.outputs:
                for resource in held:
                    self._parts.artifacts.verify(resource)
        except CorruptArtifact:
            return None
        return cached

    def _note(self, event: RunEvent) -> None:
        self._batch.append(event)
        self._run.apply(event)

    async def _commit(self) -> None:
        """Commit the events of this turn; whoever watches is told afterwards."""
        batch, self._batch = self._batch, []
        if not batch:
            return
        fault("before_events")
        await anyio.to_thread.run_sync(self._parts.journal.append, self._claim, batch)
        fault("after_events")
        for event in batch:
            self._parts.watch(event)

    def _act(self, tasks: TaskGroup, send: MemoryObjectSendStream[Happening]) -> None:
        begun, self._begun = self._begun, []
        for command in begun:
            self._active[command.step.id] = anyio.CancelScope()
            tasks.start_soon(self._attempt, command, send)

    async def _attempt(self, command: StartStep, send: MemoryObjectSendStream[Happening]) -> None:
        """One attempt at one step; always ends by telling the loop how it went."""
        step = command.step.id
        happening: Happening = Stopped(step)
        held: list[int] = []

        def report(fraction: float, message: str) -> None:
            if send.statistics().current_buffer_used < _OUTCOMES_BUFFERED // 2:
                send.send_nowait(Progress(step, fraction, message))

        with self._active[step]:
            if command.delay_s:
                await anyio.sleep(command.delay_s)
            begun = time.monotonic()
            try:
                outputs = await self._caller.call(command, report, held.append)
            except ToolError as error:
                happening = Failed(step, command.attempt, error)
            else:
                seconds = round(time.monotonic() - begun, 4)
                happening = Done(step, outputs, seconds, max(held, default=None))
        send.send_nowait(happening)  # progress leaves half of the buffer to what ends

    def _stamp(self) -> Stamp:
        stamp = Stamp(run_id=self._claim.run_id, seq=self._seq, at=self._parts.now())
        self._seq += 1
        return stamp

    async def _heartbeat(self, send: MemoryObjectSendStream[Happening]) -> None:
        """Keep the claim, and notice when somebody asks to stop."""
        journal, claim = self._parts.journal, self._claim
        told = False
        while True:
            await anyio.sleep(HEARTBEAT_S)
            try:
                held = await anyio.to_thread.run_sync(journal.renew, claim)
                wanted = await anyio.to_thread.run_sync(journal.is_cancel_requested, claim.run_id)
            except StoreUnavailable:
                continue  # others write for long; a commit of ours says when it is too long
            if not held:
                msg = f"run {claim.run_id} was taken over by another process"
                raise RunConflict(msg)
            if wanted and not told:
                told = True
                await send.send(CancelWanted())

    async def _watch_budget(self, send: MemoryObjectSendStream[Happening], used_s: float) -> None:
        limit = self._run.budget.wall_s
        if limit is None or math.isinf(limit):
            return
        begun = time.monotonic()
        await anyio.sleep(max(0.0, limit - used_s))
        await send.send(TimeUp(used_s + time.monotonic() - begun))


def _first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that tells most: one of ours if there is one, else the first."""
    ours = group.subgroup(ControlLLMError)
    error: BaseException = ours or group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
