"""The plan of the engine benchmark: columns of steps, each reading the one before it.

Built from plan values directly, so that nothing of the planner is timed. Every column starts from
another number and every step adds one: no two steps of a run do equal work, so none is taken from
the cache unless an earlier run of the same seed did it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from controlllm_planner.cost import Estimate
from controlllm_planner.plan import Binding, FromStep, Plan, PlanStep, StepId, StepOutput, Value
from controlllm_planner.task import TaskId
from controlllm_tools.card import ToolCard
from controlllm_tools.registry import Registry, load_registry
from controlllm_tools.resources import ResourceType

_NUMBER_PORT = {"name": "value", "type": "number"}
_CATALOGUE = {
    "version": 1,
    "types": {"number": {"description": "a number"}},
    "tools": [
        {
            "name": "add_one",
            "version": "1",
            "summary": "Add one to a number.",
            "inputs": [_NUMBER_PORT],
            "outputs": [_NUMBER_PORT],
            "entry_point": "benchmarks.add_one:AddOne",
            "deterministic": True,
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How many columns, and how many steps in each."""

    wide: int
    deep: int

    @property
    def steps(self) -> int:
        """Steps in all."""
        return self.wide * self.deep


def make_registry(folder: Path) -> Registry:
    """A catalogue of one tool, written and read as any other."""
    file = folder / "registry.yaml"
    file.write_text(yaml.safe_dump(_CATALOGUE), encoding="utf-8")
    return load_registry(file)


def make_plan(card: ToolCard, shape: Shape, seed: int) -> Plan:
    """The plan; another seed makes all of its work new to the cache."""
    steps = [
        _step(card, column, row, shape) for row in range(shape.deep) for column in range(shape.wide)
    ]
    ends = tuple(_made(column, shape.deep - 1) for column in range(shape.wide))
    return Plan(
        goal="columns", resources=(), steps=tuple(steps), outputs=ends, estimate=Estimate(),
        seed=seed,
    )  # fmt: skip


def _step(card: ToolCard, column: int, row: int, shape: Shape) -> PlanStep:
    before = _made(column, row - 1)
    source: Binding = before if row else Value(column * shape.deep, "number")
    return PlanStep(
        id=_made(column, row).step,
        task=TaskId("t1"),
        tool=card.name,
        version=card.version,
        card_hash=card.card_hash,
        inputs=(("value", (source,)),),
        outputs=(StepOutput(name="value", type=ResourceType("number")),),
        after=(before.step,) if row else (),
        estimate=Estimate(),
        timeout_s=60.0,
    )


def _made(column: int, row: int) -> FromStep:
    return FromStep(StepId(f"c{column}r{row}"), "value")
