"""Where the values of parameters come from, and which tools only connect others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from controlllm_planner.arguments.spoken import wished_words
from controlllm_planner.plan import CallRef, FromStep, GivenRef, PlanStep, Value
from controlllm_planner.reasoning.scene import Scene
from controlllm_planner.task import SpokenNumber
from controlllm_planner.wording import type_names

_TOKEN = re.compile(r"[-+]?\d+(?:[.,]\d+)?\S*(?:\s+(?![a-z]*ing\b)[^\W\d]+)?")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_WORTHS = (1.0, 60.0, 3_600.0, 0.001, 0.01)
"""What one of a unit is worth: seconds of a minute and an hour, and shares of a hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A parameter that was filled, and from what.

    Attributes:
        tool: The tool.
        port: Its parameter.
        value: The literal, or where a result is: `s1.seconds`.
        source: Where it comes from, in a few words.
        is_result: Whether it is what another step makes.
    """

    tool: str
    port: str
    value: str | float | bool
    source: str
    is_result: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {name: getattr(self, name) for name in Filled.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A tool that nobody asked for, because another one takes what it makes.

    Attributes:
        tool: Its name.
        takes: What it is given, by the names of types.
        makes: What it is there for.
        reader: The tool that takes that.
        needs: What the reader takes there.
    """

    tool: str
    takes: tuple[str, ...]
    makes: str
    reader: str
    needs: str

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**{name: getattr(self, name) for name in Connection.__slots__}}


def connections(scene: Scene) -> Iterator[Connection]:
    """The calls of the solution that only serve others, each with who takes what it makes."""
    calls, names = scene.best.calls, type_names(scene.planner.graph)
    ends = {made.call for made in scene.best.wanted}
    types = scene.answer.task.given
    for reader in calls:
        for port, refs in reader.inputs:
            for ref in refs:
                if not isinstance(ref, CallRef) or ref.call in ends:
                    continue
                call = calls[ref.call]
                made = next(o for o in scene.card(call.tool).outputs if o.name == ref.output)
                takes = [
                    types[each.index].type
                    if isinstance(each, GivenRef)
                    else _output_type(scene, calls[each.call].tool, each.output)
                    for _, fed in call.inputs
                    for each in fed
                ]
                needs = scene.card(reader.tool).input(port)
                yield Connection(
                    tool=call.tool,
                    takes=tuple(dict.fromkeys(map(names.of, takes))),
                    makes=names.of(made.type),
                    reader=reader.tool,
                    needs=names.of(needs.type) if needs else names.of(made.type),
                )


def _output_type(scene: Scene, tool: str, output: str) -> str:
    return next(o.type for o in scene.card(tool).outputs if o.name == output)


def filled(scene: Scene, steps: tuple[PlanStep, ...]) -> Iterator[Filled]:
    """The values and the inherited results that the steps of a task take.

    Args:
        scene: The task.
        steps: Those of its solution.
    """
    tools = {step.id: step.tool for step in steps}
    bound = {(call.tool, port) for call in scene.best.calls for port, _ in call.inputs}
    for step in steps:
        for port, bindings in step.inputs:
            for binding in bindings:
                if isinstance(binding, Value):
                    source = _source(scene, step, port, binding)
                    yield Filled(tool=step.tool, port=port, value=binding.value, source=source)
                elif isinstance(binding, FromStep) and (step.tool, port) not in bound:
                    maker = tools.get(binding.step, "an earlier step")
                    yield Filled(
                        tool=step.tool,
                        port=port,
                        value=f"{binding.step}.{binding.output}",
                        source=f"found out by {maker}",
                        is_result=True,
                    )


def _source(scene: Scene, step: PlanStep, port: str, bound: Value) -> str:
    """The words that a value comes from."""
    task, value = scene.answer.task, bound.value
    text = wished_words(task).replace("\n", " ")
    if isinstance(value, bool):
        return "from the words"
    if isinstance(value, int | float):
        return _number_source(float(value), task.numbers, text)
    known = scene.card(step.tool).input(port)
    if known is not None and known.choices:
        return f"from the word {value!r}"
    if value == task.label:
        return "from the words, as the thing that is meant"
    if any(f"{a}{value}{b}" in scene.request.text for a, b in ('""', "''", "\u201c\u201d", "``")):
        return "from the quotation"
    if value.startswith(("http://", "https://")):
        return "from the address"
    optional = known is not None and known.optional  # those never get the whole wish
    part = optional or (value in text and len(value) < len(text))
    return "from the words" if part else "from the words of the wish as they stand"


def _number_source(value: float, numbers: tuple[SpokenNumber, ...], text: str) -> str:
    """The number in the words that a value was made of, with its unit."""
    options = {round(value * worth, 6) for worth in _WORTHS} | {
        round(value / worth, 6) for worth in _WORTHS
    }
    for token in _TOKEN.findall(text):
        digits = _NUMBER.match(token.replace(",", "."))
        if digits and round(float(digits.group()), 6) in options:
            return f"from {token.strip(' .,;:!?)')!r}"
    for number in numbers:
        if round(number.value, 6) in options:
            near = (*reversed(number.before[:1]), *number.after[:2])
            return f"from the words around {' '.join(near)!r}" if near else "from the words"
    return "from the words"
