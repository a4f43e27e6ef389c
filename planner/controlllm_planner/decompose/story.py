"""What was said of a request so far: what there is, and what earlier wishes make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from controlllm_planner.task import Given, Task, TaskId
from controlllm_tools.resources import ResourceType


@dataclass(frozen=True, slots=True)
class Thing:
    """Something a wish may start from: an attachment, or the results of an earlier wish."""

    type: ResourceType
    givens: tuple[Given, ...]


@dataclass(slots=True)
class Story:
    """What was said so far.

    Attributes:
        attachments: The files.
        quoted: What the words quote.
        named: The files that the latest wish that names any names.
        named_later: The files that wishes to come name.
        results: What earlier wishes make.
        tasks: Of those wishes.
    """

    attachments: tuple[Thing, ...]
    quoted: tuple[Given, ...] = ()
    named: Sequence[Thing] = ()
    named_later: Sequence[Thing] = ()
    results: list[Thing] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)

    def meant(self, files: list[Thing]) -> list[Thing]:
        """Of some files, those that a wish means that names none and speaks of one.

        Those that were named last; else those that no later wish names: "cut the dog out and place
        it on beach.jpg" cuts nothing out of the beach.
        """
        before = [thing for thing in files if thing in self.named]
        return before or [thing for thing in files if thing not in self.named_later] or files

    def next_id(self) -> TaskId:
        """Of the next task."""
        return TaskId(f"t{len(self.tasks) + 1}")
