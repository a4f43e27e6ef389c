"""Add what a wish asks for to the story: tasks, and what they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from controlllm_planner.decompose.last_tool import TEXT
from controlllm_planner.decompose.reading import Wish
from controlllm_planner.decompose.story import Story, Thing
from controlllm_planner.decompose.things import bystanders, placed
from controlllm_planner.task import NEVER, FromTask, Given, Spoken, SpokenNumber, Task
from controlllm_tools.card import ToolCard


def add_tasks(
    drafts: Iterable[Task],
    wish: Wish,
    story: Story,
    groups: list[tuple[Given, ...]],
    card: ToolCard,
) -> None:
    """Add each draft for each group of things it starts from, and what all make to the story."""
    made: list[Given] = []
    others = tuple(bystanders(card, story, groups))
    for draft, group in product(drafts, groups):
        task = replace(
            draft,
            id=story.next_id(),
            given=(*placed(card, (*group, *draft.given, *others)), *_label(draft)),
            numbers=_numbers(wish, group, story),
        )
        story.tasks.append(task)
        made.append(Given(type=task.wants[0], origin=FromTask(task.id)))
    story.results.append(Thing(made[0].type, tuple(made)))


def _label(draft: Task) -> Iterator[Given]:
    if draft.label:
        yield Given(type=TEXT, origin=Spoken(draft.label), required=False, weight=NEVER)


def _numbers(wish: Wish, group: Sequence[Given], story: Story) -> tuple[SpokenNumber, ...]:
    """The numbers of the wish, without those that it says of the files of other tasks."""
    for index, own in wish.numbers_of_file.items():
        shared = len(group) >= len(wish.numbers_of_file)
        if not shared and story.attachments[index].givens[0] in group:
            return own
    return wish.numbers
