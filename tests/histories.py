"""Values for tests of the record: runs, events and artefacts, made as short as they can be."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Sequence

from controlllm.events import (
    Outputs,
    RunEvent,
    RunFinished,
    RunId,
    RunState,
    Stamp,
    StepCached,
    StepFailed,
    StepProgressed,
    StepStarted,
    StepSucceeded,
    Used,
)
from controlllm.execution.journal import RunJournal
from controlllm.records import Claim, NewRun
from controlllm_planner.cost import Estimate
from controlllm_planner.plan import Plan
from controlllm_planner.task import Request
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import Resource, ResourceType

START = "2026-11-23T10:00:00.000000+00:00"
CARD_HASH = "c" * 64

NO_STEPS = Plan(goal="do it", resources=(), steps=(), outputs=(), estimate=Estimate(seconds=0.0))
OPENING = ["run_submitted", "planned"]
"""Types of the events that every run begins with."""

_numbers = itertools.count(1)

Make = Callable[[Stamp], RunEvent]


def new_id() -> RunId:
    """An id that no other run of this process has."""
    return RunId(f"run-{next(_numbers):05}")


def at(seq: int) -> str:
    """A time for the event of this number; later numbers are later."""
    return f"2026-11-23T10:{seq // 60:02}:{seq % 60:02}.000000+00:00"


def stamp(run_id: RunId, seq: int) -> Stamp:
    return Stamp(run_id=run_id, seq=seq, at=at(seq))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def new_run(
    request: Request | None = None,
    plan: Plan | None = None,
    cards: Iterable[ToolCard] = (),
    *,
    owner: str = "host/1/1",
) -> NewRun:
    """A run to be accepted; its plan has no steps unless one is given."""
    return NewRun(
        id=new_id(),
        request=request or Request(text="do it"),
        plan=plan or NO_STEPS,
        cards=tuple(cards),
        created_at=at(1),
        owner=owner,
    )


def accept(
    journal: RunJournal,
    request: Request | None = None,
    plan: Plan | None = None,
    cards: Iterable[ToolCard] = (),
    *,
    owner: str = "host/1/1",
) -> Claim:
    """A new run in the hands of an owner."""
    return journal.create(new_run(request, plan, cards, owner=owner))


def add(journal: RunJournal, claim: Claim, *made: Make) -> Claim:
    """Append events in one transaction; returns the claim for the next ones."""
    numbered = enumerate(made, claim.next_seq)
    batch = [make(stamp(claim.run_id, seq)) for seq, make in numbered]
    journal.append(claim, batch)
    return Claim(claim.run_id, claim.epoch, claim.next_seq + len(batch))


def text(content: str, *, name: str = "", type_: str = "text") -> Resource:
    """Small text, inline."""
    return Resource.of_text(type_, content, name=name)


def file(content: str, *, name: str = "a.png", type_: str = "image") -> Resource:
    """An artefact whose bytes are a file."""
    sha256, size = digest(content), len(content)
    return Resource(
        type=ResourceType(type_), sha256=sha256, size_bytes=size, mime="image/png", name=name
    )


def used(port: str, *resources: Resource) -> Used:
    return ((port, tuple((str(each.type), each.sha256) for each in resources)),)


def started(step: str, inputs: Used = (), *, key: str = "", attempt: int = 1) -> Make:
    return lambda stamp: StepStarted(
        stamp=stamp,
        step=step,
        attempt=attempt,
        tool="tool",
        card_hash=CARD_HASH,
        key=digest(key or f"{stamp.run_id} {step}"),
        inputs=inputs,
    )


def succeeded(step: str, port: str, *resources: Resource) -> Make:
    return delivered(step, ((port, resources),))


def delivered(step: str, outputs: Outputs) -> Make:
    return lambda stamp: StepSucceeded(stamp=stamp, step=step, outputs=outputs, seconds=0.5)


def cached(step: str, inputs: Used, outputs: Outputs, source: tuple[str, str]) -> Make:
    return lambda stamp: StepCached(
        stamp=stamp,
        step=step,
        tool="tool",
        card_hash=CARD_HASH,
        key=digest(f"{source}"),
        inputs=inputs,
        outputs=outputs,
        from_run=source[0],
        from_step=source[1],
    )


def progressed(step: str = "s1", message: str = "half way") -> Make:
    return lambda stamp: StepProgressed(stamp=stamp, step=step, fraction=0.5, message=message)


def failed(step: str, message: str = "it broke") -> Make:
    return lambda stamp: StepFailed(stamp=stamp, step=step, error="tool_failed", message=message)


def finished(state: RunState = "succeeded") -> Make:
    return lambda stamp: RunFinished(stamp=stamp, state=state)


def types_of(events: Sequence[RunEvent]) -> list[str]:
    return [event.type for event in events]


def words_of(event: RunEvent) -> str:
    """All words of tools and people in an event, in a row."""
    held = [each for _, held in getattr(event, "outputs", ()) for each in held]
    said = [getattr(event, name, "") for name in ("goal", "message", "because")]
    return "".join((*said, *(each.name + each.caption for each in held)))
