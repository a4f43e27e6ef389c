"""A task once more, with less, more or something else asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Literal

from controlllm_planner.stand_ins import is_own
from controlllm_planner.task import NEVER, Given, Spoken, Task
from controlllm_tools.resources import ResourceType

Eased = Literal["nothing", "things", "tools"]
"""What is not asked for any more: things that a solution had to use, or the tools that the words
ask for."""

_MOST_THINGS = 4
"""Each costs a search."""


def relaxed(task: Task) -> Iterator[tuple[Eased, Task]]:
    """The task, then the task with less asked of it and what that is, to try in turn."""
    yield "nothing", task
    if task.via:
        yield "things", replace(task, via=())
    free = tuple(
        replace(given, required=given.required and not isinstance(given.origin, Spoken))
        for given in task.given
    )
    if free != task.given:
        yield "things", replace(task, via=(), given=free)
    if task.endings:
        yield "tools", replace(task, via=(), given=free, endings=())


def of_more(task: Task) -> Iterator[Task]:
    """The task without the words of the wish, and with a thing that it may use as one it must.

    "Compare the photo with the video" is about the photo and a frame of the video beside it. Of
    things of one type the first is tried.
    """
    given = tuple(replace(each, weight=NEVER) if is_own(each) else each for each in task.given)
    yield replace(task, given=given)
    for at in islice(_usable(given), _MOST_THINGS):
        must = replace(given[at], required=True, weight=0.0)
        yield replace(task, given=(*given[:at], must, *given[at + 1 :]))


def _usable(given: tuple[Given, ...]) -> Iterator[int]:
    """Where things stand that may be used, one of each type."""
    seen: set[ResourceType] = set()
    for at, each in enumerate(given):
        if not each.required and not isinstance(each.origin, Spoken) and each.type not in seen:
            seen.add(each.type)
            yield at
