"""A task once more, with less, more or something else asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from controlllm_planner.stand_ins import is_own
from controlllm_planner.task import NEVER, Given, Spoken, Task
from controlllm_tools.resources import ResourceType

_MOST_THINGS = 4
"""Each costs a search."""


def relaxed(task: Task) -> list[Task]:
    """The task, then the task with less asked of it, to try in turn."""
    attempts = [task]
    if task.via:
        attempts.append(replace(task, via=()))
    free = tuple(
        replace(given, required=given.required and not isinstance(given.origin, Spoken))
        for given in task.given
    )
    if free != task.given:
        attempts.append(replace(task, via=(), given=free))
    if task.endings:
        attempts.append(replace(task, via=(), given=free, endings=()))
    return attempts


def of_more(task: Task) -> Iterator[Task]:
    """The task without the words of the wish, and with a thing that it may use as one it must.

    "Is the review in this screenshot friendly" is about what can be read in the picture. Of things
    of one type the first is tried.
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


def with_label(task: Task, used: set[str]) -> Task:
    """The task that must use its label, the last thing given, and no other words.

    Args:
        task: The task.
        used: The only tools that it may end with.
    """
    *others, label = task.given
    given = tuple(
        replace(each, required=False, weight=NEVER) if isinstance(each.origin, Spoken) else each
        for each in others
    )
    endings = tuple(ending for ending in task.endings if ending.tool in used)
    return replace(task, given=(*given, replace(label, required=True, weight=0.0)), endings=endings)
