"""An invented catalogue of any size, and tasks that it can solve; the same seed gives the same.

Types are families with refinements; tools are verbs that lead from one to three types to one or
two. The words are those of real work, so that relevance has something to tell apart, and close
relatives are many, so that types alone do not decide.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from controlllm_planner.task import FromAttachment, Given, Task, TaskId
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import ResourceType

_FAMILIES = (
    "image audio video text document table chart map mesh scene molecule protein genome signal "
    "spectrum score gesture pose route schedule contract invoice recipe garment circuit blueprint "
    "dataset query report survey portrait terrain forecast orbit microscopy radiograph timeline "
    "keyframe dialogue ontology"
).split()
_KINDS = (
    "clean labelled segmented compressed annotated sparse aligned coarse indexed masked".split()
)
_VERBS = (
    "convert extract detect remove enhance summarize translate classify align merge split crop "
    "denoise colorize stabilize transcribe index rank match compare estimate simulate predict "
    "render trace register calibrate sharpen redact anonymize validate repair compress expand "
    "annotate label cluster filter resample smooth interpolate caption measure count locate group "
    "balance normalize reconstruct vectorize"
).split()
_MANNERS = (
    "quickly carefully for-print for-the-web in-batches by-hand-drawn-hints under-low-light "
    "from-a-single-sample with-few-errors at-full-size over-long-spans without-training "
    "in-real-time for-archives on-noisy-input"
).split()
_FIELDS = (
    "imaging speech film language publishing finance geography chemistry biology medicine "
    "robotics music fashion engineering astronomy logistics law cooking statistics teaching"
).split()
_KINDS_A_FAMILY = 4
_EXTRA_INPUTS = (0.5, 0.35, 0.15)
_SECOND_OUTPUT = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedTask:
    """A task with the tools of one chain that solves it."""

    task: Task
    chain: tuple[str, ...]


def invent_catalogue(tools: int, seed: int) -> dict[str, Any]:
    """The content of a registry file: 200 types and so many tools."""
    dice = random.Random(seed)
    types = _types(dice)
    return {
        "version": 1,
        "types": {name: {"description": _words(name)} for name in types},
        "tools": [_tool(number, types, dice) for number in range(tools)],
    }


def _types(dice: random.Random) -> list[str]:
    names = []
    for family in _FAMILIES:
        kinds = dice.sample(_KINDS, _KINDS_A_FAMILY)
        names += [family, *(f"{family}.{kind}" for kind in kinds)]
    return names


def _tool(number: int, types: Sequence[str], dice: random.Random) -> dict[str, Any]:
    verb, manner = dice.choice(_VERBS), dice.choice(_MANNERS).replace("-", " ")
    count = dice.choices((1, 2, 3), _EXTRA_INPUTS)[0]
    inputs = dice.sample(types, count)
    outputs = dice.sample(types, 2 if dice.random() < _SECOND_OUTPUT else 1)
    source, result = _words(inputs[0]), _words(outputs[0])
    return {
        "name": f"{verb}_{result.replace(' ', '_')}_{number}",
        "version": "1",
        "summary": f"{verb.capitalize()} a {source} and give a {result}, {manner}.",
        "description": (
            f"Takes a {' and a '.join(map(_words, inputs))}; works {manner}. "
            f"The result is a {' with a '.join(map(_words, outputs))}."
        ),
        "domains": dice.sample(_FIELDS, 2),
        "inputs": [{"name": f"in_{at}", "type": name} for at, name in enumerate(inputs)],
        "outputs": [{"name": f"out_{at}", "type": name} for at, name in enumerate(outputs)],
        "examples": [
            f"{verb} this {source} {manner}",
            f"make a {result} from the {source}",
            f"I need the {source} as a {result}",
        ],
        "cost": {"seconds": round(dice.uniform(0.1, 30.0), 1)},
    }


def _words(type_name: str) -> str:
    """`image.masked` as people say it."""
    return " ".join(reversed(type_name.split(".")))


def invent_tasks(cards: Sequence[ToolCard], count: int, seed: int) -> list[InventedTask]:
    """Tasks that a chain of one to four tools solves, said in the words of its tools."""
    dice = random.Random(seed)
    takers: dict[str, list[ToolCard]] = {}
    for card in cards:
        for port in card.inputs:
            takers.setdefault(port.type, []).append(card)
    return [_invent_task(number, cards, takers, dice) for number in range(count)]


def _invent_task(
    number: int, cards: Sequence[ToolCard], takers: dict[str, list[ToolCard]], dice: random.Random
) -> InventedTask:
    chain = [dice.choice(cards)]
    given = [port.type for port in chain[0].inputs]
    for _ in range(number % 4):
        made = ResourceType(chain[-1].outputs[0].type)
        next_ones = [card for above in made.ancestors() for card in takers.get(above, ())]
        following = dice.choice([card for card in next_ones if card not in chain] or list(cards))
        is_fed = [port for port in following.inputs if port.resource_type.accepts(made)]
        if not is_fed:
            break
        given += [port.type for port in following.inputs if port is not is_fed[0]]
        chain.append(following)
    task = Task(
        id=TaskId("t1"),
        goal=", then ".join(dice.choice(card.examples) for card in chain),
        given=tuple(
            Given(type=ResourceType(name), origin=FromAttachment(f"file {at}"))
            for at, name in enumerate(dict.fromkeys(given))
        ),
        wants=(ResourceType(chain[-1].outputs[0].type),),
    )
    return InventedTask(task=task, chain=tuple(card.name for card in chain))
