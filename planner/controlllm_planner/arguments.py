"""Fill a tool's optional parameters from the words of a task; never invent one."""

from __future__ import annotations

import re

from controlllm_planner.relevance import terms_of
from controlllm_planner.task import Task
from controlllm_tools.card import Port, ToolCard

_WORD = re.compile(r"[^\W_]+")


def spoken_parameters(card: ToolCard, task: Task) -> dict[str, str | int | float | bool]:
    """Values for optional parameters that the task's words state.

    A number goes to the parameter whose name and description share most stems with the words
    around it, each number and each parameter once. A choice is taken when its word is said.
    """
    found: dict[str, str | int | float | bool] = {}
    free = [port for port in card.inputs if port.optional and port.resource_type.root == "number"]
    for number in task.numbers:
        scored = [(len(_words_of(port) & number.near), -index) for index, port in enumerate(free)]
        best = max(scored, default=(0, 0))
        if best[0] > 0:
            port = free.pop(-best[1])
            value = number.value
            found[port.name] = int(value) if value.is_integer() else value
    said = {word.lower() for word in _WORD.findall(task.goal)}
    for port in card.inputs:
        chosen = [choice for choice in port.choices if choice.lower() in said]
        if port.optional and len(chosen) == 1:
            found[port.name] = chosen[0]
    return found


def _words_of(port: Port) -> frozenset[str]:
    return frozenset(terms_of(f"{port.name} {port.description}"))
