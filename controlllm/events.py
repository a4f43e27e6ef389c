"""Run events: what is streamed is what is stored is what is replayed.

A closed union of frozen values. `seq` numbers the events of a run without gaps from 1; `at` is UTC
in ISO 8601. The JSON form is flat, one object an event, with the event's name under `type`.

Words of tools and people lose control characters and broken Unicode when an event is made of them,
so that every reader, a terminal included, may show an event as it is. Contents stay what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, ClassVar, Literal, NewType

from controlllm_tools.resources import Resource, without_controls

RunId = NewType("RunId", str)

RunState = Literal["running", "succeeded", "partial", "failed", "cancelled", "budget_exhausted"]
FINAL_STATES: frozenset[RunState] = frozenset(
    ("succeeded", "partial", "failed", "cancelled", "budget_exhausted")
)

MESSAGE_LIMIT_CHARS = 4_000
"""How much of what a tool says of its failure is kept."""

Outputs = tuple[tuple[str, tuple[Resource, ...]], ...]
"""Resources by output port, in the order of the card."""

Used = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""By input port, the type and digest of each resource that a step reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Which run, which place in it, and when."""

    run_id: RunId
    seq: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    type: ClassVar[str]

    stamp: Stamp

    def __post_init__(self) -> None:
        """Clean the words."""
        for name in self.__slots__:
            value = getattr(self, name)
            clean = _clean(name, value)
            if clean is not value:
                object.__setattr__(self, name, clean)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSubmitted(_Event):
    """A request was accepted and stored."""

    type: ClassVar[str] = "run_submitted"

    goal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(_Event):
    """The plan of the run was stored; from here on it is frozen."""

    type: ClassVar[str] = "planned"

    plan: str
    steps: int
    estimate_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(_Event):
    """An attempt at a step is about to begin.

    `estimate_s` is what the card expects of a call on these very inputs, whatever the plan said.
    """

    type: ClassVar[str] = "step_started"

    step: str
    attempt: int
    tool: str
    card_hash: str
    key: str
    inputs: Used
    estimate_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgressed(_Event):
    """A running tool reported how far it is."""

    type: ClassVar[str] = "step_progressed"

    step: str
    fraction: float
    message: str

    def __post_init__(self) -> None:
        """Clean the words, and hold the fraction to its range; a tool may report anything."""
        _Event.__post_init__(self)
        fraction = min(1.0, max(0.0, self.fraction))  # NaN becomes 0, too
        object.__setattr__(self, "fraction", fraction)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRetried(_Event):
    """An attempt failed and another one will follow."""

    type: ClassVar[str] = "step_retried"

    step: str
    attempt: int
    error: str
    message: str
    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSucceeded(_Event):
    """A step delivered; its outputs are stored.

    `memory_bytes` is the most that its call held, where the backend knows it.
    """

    type: ClassVar[str] = "step_succeeded"

    step: str
    outputs: Outputs
    seconds: float
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCached(_Event):
    """A step was not run: the same work was done before, with this result."""

    type: ClassVar[str] = "step_cached"

    step: str
    tool: str
    card_hash: str
    key: str
    inputs: Used
    outputs: Outputs
    from_run: str
    from_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed(_Event):
    """A step failed for good."""

    type: ClassVar[str] = "step_failed"

    step: str
    error: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped(_Event):
    """A step will not be run, because of another one or because nobody needs it any more."""

    type: ClassVar[str] = "step_skipped"

    step: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSubstituted(_Event):
    """An alternative of the plan takes over for a task."""

    type: ClassVar[str] = "step_substituted"

    step: str
    task: str
    alternative: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetExhausted(_Event):
    """A budget of the run is used up; nothing more is started."""

    type: ClassVar[str] = "budget_exhausted"

    budget: str
    used: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(_Event):
    """Somebody asked to stop the run for good."""

    type: ClassVar[str] = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(_Event):
    """A process took up a run that another one left unfinished."""

    type: ClassVar[str] = "resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(_Event):
    """The run reached a final state."""

    type: ClassVar[str] = "run_finished"

    state: RunState


RunEvent = (
    RunSubmitted
    | Planned
    | StepStarted
    | StepProgressed
    | StepRetried
    | StepSucceeded
    | StepCached
    | StepFailed
    | StepSkipped
    | StepSubstituted
    | BudgetExhausted
    | Cancelled
    | Resumed
    | RunFinished
)

EVENT_TYPES: Mapping[str, type[RunEvent]] = {
    event.type: event
    for event in (
        RunSubmitted,
        Planned,
        StepStarted,
        StepProgressed,
        StepRetried,
        StepSucceeded,
        StepCached,
        StepFailed,
        StepSkipped,
        StepSubstituted,
        BudgetExhausted,
        Cancelled,
        Resumed,
        RunFinished,
    )
}

_OWN_FIELDS = {
    name: tuple(field.name for field in fields(event) if field.name != "stamp")
    for name, event in EVENT_TYPES.items()
}


def _clean(name: str, value: Any) -> Any:  # noqa: ANN401 - fields of many types
    """The value without what no reader should meet; the very same object when that is nothing."""
    if name == "outputs":
        return value if all(map(_is_clean, value)) else tuple(map(_cleaned, value))
    if name == "message" and len(value) > MESSAGE_LIMIT_CHARS:
        value = value[: MESSAGE_LIMIT_CHARS - 1] + "…"
    return without_controls(value) if isinstance(value, str) and not value.isprintable() else value


def _is_clean(output: tuple[str, tuple[Resource, ...]]) -> bool:
    return all(each.name.isprintable() and each.caption.isprintable() for each in output[1])


def _cleaned(output: tuple[str, tuple[Resource, ...]]) -> tuple[str, tuple[Resource, ...]]:
    port, held = output
    return port, tuple(
        replace(each, name=without_controls(each.name), caption=without_controls(each.caption))
        for each in held
    )


def event_to_json(event: RunEvent) -> dict[str, Any]:
    """One flat object: `seq`, `type`, `run_id`, `at`, then the event's own fields."""
    data: dict[str, Any] = {
        "seq": event.stamp.seq,
        "type": event.type,
        "run_id": event.stamp.run_id,
        "at": event.stamp.at,
    }
    for name in _OWN_FIELDS[event.type]:
        data[name] = _plain(name, getattr(event, name))
    return data


def event_from_json(data: Mapping[str, Any]) -> RunEvent:
    """Undo `event_to_json`.

    Raises:
        ValueError: The type is unknown, as after a downgrade.
    """
    event = EVENT_TYPES.get(data["type"])
    if event is None:
        msg = f"{data['type']!r} is not an event of this version"
        raise ValueError(msg)
    values = {
        field.name: _restored(field.name, data[field.name])
        for field in fields(event)
        # an event of an older version lacks what was added since, which then has a default
        if field.name != "stamp" and (field.name in data or field.default is MISSING)
    }
    stamp = Stamp(run_id=RunId(data["run_id"]), seq=data["seq"], at=data["at"])
    return event(stamp=stamp, **values)


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 - fields of many types
    if name == "outputs":
        return outputs_to_json(value)
    if name == "inputs":
        return {port: [list(each) for each in held] for port, held in value}
    return value


def _restored(name: str, value: Any) -> Any:  # noqa: ANN401 - fields of many types
    if name == "outputs":
        return outputs_from_json(value)
    if name == "inputs":
        return tuple((port, tuple((t, d) for t, d in held)) for port, held in value.items())
    return tuple(value) if isinstance(value, list) else value


def outputs_to_json(outputs: Outputs) -> dict[str, list[dict[str, Any]]]:
    """Outputs as an object of lists."""
    return {port: [resource.to_json() for resource in held] for port, held in outputs}


def outputs_from_json(data: Mapping[str, list[dict[str, Any]]]) -> Outputs:
    """Undo `outputs_to_json`."""
    return tuple(
        (port, tuple(Resource.from_json(each) for each in held)) for port, held in data.items()
    )
