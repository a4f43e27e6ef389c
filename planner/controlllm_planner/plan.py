"""Solutions of single tasks, and the plan that joins them: frozen, digestible, replayable.

A plan is shown before it is run and is run exactly as shown; its digest covers everything that
execution reads, alternatives included.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NewType, Self

from controlllm_planner.cost import Estimate
from controlllm_planner.task import TaskId
from controlllm_tools.resources import ResourceType, digest_of

StepId = NewType("StepId", str)

Verdict = Literal[
    "kept",
    "pruned_by_type",
    "pruned_by_score",
    "pruned_by_availability",
    "pruned_by_effects",
    "pruned_by_licence",
    "pruned_by_request",
    "dominated",
]


@dataclass(frozen=True, slots=True)
class GivenRef:
    """An input of a call: the task's given resource at this index."""

    index: int


@dataclass(frozen=True, slots=True)
class CallRef:
    """An input of a call: an output of an earlier call of the same solution."""

    call: int
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One tool call of a solution; a port without an entry keeps its default."""

    tool: str
    inputs: tuple[tuple[str, tuple[GivenRef | CallRef, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Calls that solve one task, in an order in which they can run.

    Attributes:
        task: The task.
        calls: The calls; a `CallRef` points to an earlier index.
        wanted: Where each wanted type is made, in the order of the task's wants.
        cost: Sum of all parts.
        parts: The cost by kind, for explanations.
    """

    task: TaskId
    calls: tuple[Call, ...]
    wanted: tuple[CallRef, ...]
    cost: float
    parts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why a tool is, or is not, in the plan.

    Attributes:
        task: Which task.
        candidate: The tool.
        verdict: What became of it.
        score: Its relevance to the task, 0 to 1.
        bound: Least cost of any solution with this tool; infinite when there is none.
        reason: One sentence.
        by: Who decided: a strategy, the catalogue, the request.
    """

    task: TaskId
    candidate: str
    verdict: Verdict
    score: float
    bound: float
    reason: str
    by: str

    def to_json(self) -> dict[str, Any]:
        """Plain data; an infinite bound becomes null."""
        data: dict[str, Any] = {name: getattr(self, name) for name in Decision.__slots__}
        data["bound"] = None if self.bound == float("inf") else self.bound
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Undo `to_json`."""
        bound = float("inf") if data["bound"] is None else data["bound"]
        return cls(**{**data, "bound": bound})


@dataclass(frozen=True, slots=True)
class FromResource:
    """A port holds an attachment of the request."""

    name: str


@dataclass(frozen=True, slots=True)
class FromStep:
    """A port holds an output of an earlier step."""

    step: StepId
    output: str


@dataclass(frozen=True, slots=True)
class Value:
    """A port holds a literal from the request, of the type that the port asks for."""

    value: str | int | float | bool
    type: str = "text"


Binding = FromResource | FromStep | Value


def binding_to_json(binding: Binding) -> dict[str, Any]:
    """The binding in the batch format."""
    match binding:
        case FromResource(name):
            return {"resource": name}
        case FromStep(step, output):
            return {"step": step, "output": output}
        case Value(value, type_):
            return {"value": value, "type": type_}


def binding_from_json(data: dict[str, Any]) -> Binding:
    """Undo `binding_to_json`."""
    if "resource" in data:
        return FromResource(data["resource"])
    if "step" in data:
        return FromStep(StepId(data["step"]), data["output"])
    return Value(data["value"], data.get("type", "text"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutput:
    """What a step delivers on one port."""

    name: str
    type: ResourceType
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One bound tool call.

    Attributes:
        id: Unique in the plan.
        task: The task it serves first; a step shared by tasks is listed once.
        tool: Name of the tool.
        version: Version of the tool.
        card_hash: Digest of the card the plan was made from.
        inputs: Bindings by port, in the order of the card.
        outputs: What it delivers.
        after: The steps directly before this one, by data or by order.
        estimate: What it is expected to use.
        timeout_s: When it is ended by force.
    """

    id: StepId
    task: TaskId
    tool: str
    version: str
    card_hash: str
    inputs: tuple[tuple[str, tuple[Binding, ...]], ...]
    outputs: tuple[StepOutput, ...]
    after: tuple[StepId, ...]
    estimate: Estimate
    timeout_s: float

    def to_json(self) -> dict[str, Any]:
        """Plain data: the batch format of ARCHITECTURE section 8, and what running needs."""
        return {
            "id": self.id,
            "task": self.task,
            "tool": self.tool,
            "version": self.version,
            "card_hash": self.card_hash,
            "inputs": {port: [binding_to_json(b) for b in bound] for port, bound in self.inputs},
            "outputs": [
                {"name": o.name, "type": str(o.type), "many": o.many} for o in self.outputs
            ],
            "after": list(self.after),
            "estimate": self.estimate.to_json(),
            "timeout_s": self.timeout_s,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Undo `to_json`."""
        return cls(
            id=StepId(data["id"]),
            task=TaskId(data["task"]),
            tool=data["tool"],
            version=data["version"],
            card_hash=data["card_hash"],
            inputs=tuple(
                (port, tuple(binding_from_json(b) for b in bound))
                for port, bound in data["inputs"].items()
            ),
            outputs=tuple(
                StepOutput(name=o["name"], type=ResourceType(o["type"]), many=o["many"])
                for o in data["outputs"]
            ),
            after=tuple(StepId(step) for step in data["after"]),
            estimate=Estimate.from_json(data["estimate"]),
            timeout_s=data["timeout_s"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another way to do one task, ready to take over when a tool of the first way fails for good.

    Attributes:
        task: The task it solves.
        steps: Its steps; one that equals a step of the plan keeps that step's id and its result.
        replaces: Outputs of the plan and the outputs that stand in for them.
        cost: Of the solution it comes from.
    """

    task: TaskId
    steps: tuple[PlanStep, ...]
    replaces: tuple[tuple[FromStep, FromStep], ...]
    cost: float

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "task": self.task,
            "steps": [step.to_json() for step in self.steps],
            "replaces": [
                [binding_to_json(old), binding_to_json(new)] for old, new in self.replaces
            ],
            "cost": self.cost,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Undo `to_json`."""
        return cls(
            task=TaskId(data["task"]),
            steps=tuple(PlanStep.from_json(step) for step in data["steps"]),
            replaces=tuple((_step_ref(old), _step_ref(new)) for old, new in data["replaces"]),
            cost=data["cost"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanResource:
    """An attachment as the plan knows it; the digest is None when only planning."""

    name: str
    type: ResourceType
    sha256: str | None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"name": self.name, "type": str(self.type), "sha256": self.sha256}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A frozen graph of steps.

    Attributes:
        goal: The request's words.
        resources: What was handed over, read by a step or not.
        steps: In an order in which they can run.
        outputs: What the person gets.
        estimate: Of the whole.
        alternatives: Other ways to do single tasks, best first.
        decisions: Why these tools; not part of the digest.
        seed: Of every random choice.
        notes: What the person should know of how the request was read; not part of the digest.
    """

    goal: str
    resources: tuple[PlanResource, ...]
    steps: tuple[PlanStep, ...]
    outputs: tuple[FromStep, ...]
    estimate: Estimate
    alternatives: tuple[Alternative, ...] = ()
    decisions: tuple[Decision, ...] = ()
    seed: int = 0
    notes: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """sha256 over everything that execution reads."""
        data = self.to_json()
        del data["decisions"], data["goal"], data["notes"]  # words about the plan, not the plan
        return digest_of(data)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "goal": self.goal,
            "resources": [each.to_json() for each in self.resources],
            "steps": [step.to_json() for step in self.steps],
            "outputs": [binding_to_json(output) for output in self.outputs],
            "estimate": self.estimate.to_json(),
            "alternatives": [each.to_json() for each in self.alternatives],
            "decisions": [each.to_json() for each in self.decisions],
            "seed": self.seed,
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Undo `to_json`."""
        return cls(
            goal=data["goal"],
            resources=tuple(
                PlanResource(name=r["name"], type=ResourceType(r["type"]), sha256=r["sha256"])
                for r in data["resources"]
            ),
            steps=tuple(PlanStep.from_json(step) for step in data["steps"]),
            outputs=tuple(_step_ref(output) for output in data["outputs"]),
            estimate=Estimate.from_json(data["estimate"]),
            alternatives=tuple(Alternative.from_json(each) for each in data["alternatives"]),
            decisions=tuple(Decision.from_json(each) for each in data["decisions"]),
            seed=data["seed"],
            notes=tuple(data.get("notes", ())),  # plans of earlier versions have none
        )


def _step_ref(data: dict[str, Any]) -> FromStep:
    return FromStep(StepId(data["step"]), data["output"])
