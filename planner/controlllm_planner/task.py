"""What a person asks for: a request, and the tasks it is taken apart into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NewType, Self

from controlllm_tools.errors import InvalidInput
from controlllm_tools.resources import Resource, ResourceType, without_controls

TaskId = NewType("TaskId", str)

Preference = Literal["balanced", "fast", "cheap", "best"]

REQUEST_LIMIT_CHARS = 20_000
ATTACHMENT_LIMIT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a run may use at most; None means no limit of that kind.

    Attributes:
        wall_s: Seconds from the first step to the last.
        gpu_s: GPU-seconds over all steps.
        usd: Money over all steps.
        tokens: Language-model tokens.
        steps: Tool calls, counting retries.
        stored_bytes: Bytes of artefacts.
    """

    wall_s: float | None = None
    gpu_s: float | None = None
    usd: float | None = None
    tokens: int | None = None
    steps: int | None = 10_000
    stored_bytes: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no limit, whoever sets it.

        Raises:
            InvalidInput: A limit is negative, infinite or not a number.
        """
        for name in Budget.__slots__:
            limit = getattr(self, name)
            if limit is not None and not 0 <= limit < float("inf"):
                msg = f"the budget {name} must be a finite number and not negative, got {limit}"
                raise InvalidInput(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """What a plan must respect.

    Attributes:
        budget: Limits of the run.
        allow_tools: When not empty, only these tools.
        deny_tools: Never these tools.
        allow_effects: Effects a tool may have besides none; `network` must be allowed explicitly.
        licences: When not empty, a tool's licence must contain one of these words.
        preference: What to favour among equivalent tools.
        seed: Seed of every random choice in the run.
    """

    budget: Budget = Budget()
    allow_tools: frozenset[str] = frozenset()
    deny_tools: frozenset[str] = frozenset()
    allow_effects: frozenset[str] = frozenset()
    licences: frozenset[str] = frozenset()
    preference: Preference = "balanced"
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain data for the journal."""
        return {
            "budget": {name: getattr(self.budget, name) for name in Budget.__slots__},
            "allow_tools": sorted(self.allow_tools),
            "deny_tools": sorted(self.deny_tools),
            "allow_effects": sorted(self.allow_effects),
            "licences": sorted(self.licences),
            "preference": self.preference,
            "seed": self.seed,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Undo `to_json`."""
        return cls(
            budget=Budget(**data["budget"]),
            allow_tools=frozenset(data["allow_tools"]),
            deny_tools=frozenset(data["deny_tools"]),
            allow_effects=frozenset(data["allow_effects"]),
            licences=frozenset(data["licences"]),
            preference=data["preference"],
            seed=data["seed"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A resource handed over with a request.

    Attributes:
        name: The name by which the request and the plan call it; unique in the request.
        type: What it is.
        resource: The stored content; None when only planning.
    """

    name: str
    type: ResourceType
    resource: Resource | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data for the journal."""
        resource = self.resource.to_json() if self.resource else None
        return {"name": self.name, "type": str(self.type), "resource": resource}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Undo `to_json`."""
        resource = Resource.from_json(data["resource"]) if data["resource"] else None
        return cls(name=data["name"], type=ResourceType(data["type"]), resource=resource)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Words, files and limits; the words lose control characters and broken Unicode."""

    text: str
    attachments: tuple[Attachment, ...] = ()
    constraints: Constraints = Constraints()

    def __post_init__(self) -> None:
        """Clean the words here, where the requests of all interfaces pass."""
        object.__setattr__(self, "text", without_controls(self.text))

    def to_json(self) -> dict[str, Any]:
        """Plain data for the journal."""
        return {
            "text": self.text,
            "attachments": [each.to_json() for each in self.attachments],
            "constraints": self.constraints.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Undo `to_json`."""
        return cls(
            text=data["text"],
            attachments=tuple(Attachment.from_json(each) for each in data["attachments"]),
            constraints=Constraints.from_json(data["constraints"]),
        )


@dataclass(frozen=True, slots=True)
class FromAttachment:
    """A task's given resource: an attachment of the request."""

    name: str


@dataclass(frozen=True, slots=True)
class FromTask:
    """A task's given resource: what another task makes."""

    task: TaskId


@dataclass(frozen=True, slots=True)
class Spoken:
    """A value taken from the words of the request."""

    value: str | int | float | bool


Origin = FromAttachment | FromTask | Spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Something a task may start from.

    Attributes:
        type: What it is.
        origin: Where it comes from.
        required: Whether a solution must use it; a file that was named must be used, a value that
            was merely found in the words may be.
        weight: Extra cost of using it, for values that are a guess.
        many: Whether it is a list.
    """

    type: ResourceType
    origin: Origin
    required: bool = True
    weight: float = 0.0
    many: bool = False


NEVER = 50.0
"""Weight of something that no solution should use if there is any other."""

NumberKind = Literal["plain", "pixels", "seconds", "factor", "percent", "decibels", "rate", "glued"]


@dataclass(frozen=True, slots=True)
class SpokenNumber:
    """A number in the words of a task.

    Attributes:
        value: The number; a length of time in seconds.
        before: Words before it, nearest first, up to a comma, an `and` or another number.
        after: Words after it, in the same way, without its unit.
        kind: What its unit or form makes it; `glued` for a unit nobody knows, the first of `after`.
        place: `width` or `height` in a size, `left` or `top` in a point, `start` or `end` in a
            range, `moment` for a time such as 0:42 at which something is; else empty.
    """

    value: float
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    kind: NumberKind = "plain"
    place: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """A tool that may make what a task wants first.

    Attributes:
        tool: Its name.
        fit: How well it fits the words, next to the best one: 1 for that.
        probability: That the words ask for it.
    """

    tool: str
    fit: float = 1.0
    probability: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause of a request, and what was read of it.

    Attributes:
        text: The words as they were written.
        asks: Whether it asks for a tool of its own; else it says more of the same wish, or nothing.
        none: Probability that it asks for nothing.
        tools: The tools that it most likely asks for, with their probabilities, likeliest first.
        refuses: Whether it says what not to do: no tool is sought for it, and nothing is read off
            its words but yes and no.
        unclear: Whether it asks for something and nobody can tell for what: it is left aside.
        unmet: Whether it asks for something that no tool is known for.
    """

    text: str
    asks: bool
    none: float = 0.0
    tools: tuple[tuple[str, float], ...] = ()
    refuses: bool = False
    unclear: bool = False
    unmet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One wish: from these resources, make one of those types.

    Attributes:
        id: Unique in the request.
        goal: The words that state the wish; relevance is measured against them.
        given: What to start from.
        wants: Types to make, each by a tool call.
        via: Types that must be made and used on the way, because the words name them.
        domains: Fields of work to favour.
        after: Tasks that must be done before, without handing anything over.
        numbers: Numbers for parameters of the tools.
        endings: The only tools that may make the first wanted type; empty for any tool.
        label: The thing that is meant among many, for tools that keep those with a label; it is
            the last of what is given then.
        tool: The one tool to call, for tools whose cards say nothing of what they take and make.
        clauses: Of the request, those that make up the wish, and those that say what not to do.
            Parameters are read off their words. Two tasks that differ in them alone are equal.
        note: What the person should know of how the request was read; empty for nothing.
    """

    id: TaskId
    goal: str
    given: tuple[Given, ...] = ()
    wants: tuple[ResourceType, ...] = ()
    via: tuple[ResourceType, ...] = ()
    domains: tuple[str, ...] = ()
    after: tuple[TaskId, ...] = ()
    numbers: tuple[SpokenNumber, ...] = ()
    endings: tuple[Ending, ...] = ()
    label: str = ""
    tool: str | None = None
    clauses: tuple[Clause, ...] = field(default=(), compare=False)
    note: str = field(default="", compare=False)
