"""Keep of many things those that a wish names: `the red car` of all boxes that were found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from controlllm_planner.plan import CallRef, Solution
from controlllm_planner.task import NEVER, FromTask, Given, Spoken, Task, TaskId
from controlllm_planner.tool_graph import ToolGraph


def keepers_of(task: Task, graph: ToolGraph) -> Iterator[str]:
    """The tools that keep by label some of just what a task ends with: "find the dog"."""
    ends = (graph.card(ending.tool) for ending in task.endings[:1])
    made = {port.resource_type for card in ends for port in card.outputs[:1]}
    for keeper in graph.keepers:
        if made & {port.resource_type for port in graph.card(keeper).outputs}:
            yield keeper


def with_label(task: Task, used: set[str], keepers: Iterable[str]) -> Task:
    """The task that must use its label, the last thing given, and no other words.

    Args:
        task: The task.
        used: The only tools that it may end with, beside those that keep by label.
        keepers: Tools that it may end with as well; see `keepers_of`.
    """
    *others, label = task.given
    given = tuple(
        replace(each, required=False, weight=NEVER) if isinstance(each.origin, Spoken) else each
        for each in others
    )
    endings = [ending for ending in task.endings if ending.tool in used]
    more = sorted(set(keepers) - used) if endings else ()
    endings += [replace(endings[0], tool=keeper) for keeper in more]
    must = replace(label, required=True, weight=0.0)
    return replace(task, given=(*given, must), endings=tuple(endings))


def is_whole(given: Given, label: str, kept: Mapping[TaskId, str]) -> bool:
    """Whether a thing was found by an earlier task, and not narrowed by that label yet.

    Args:
        given: The thing.
        label: What is named.
        kept: By task, the label by which its results were narrowed.
    """
    origin = given.origin
    return isinstance(origin, FromTask) and kept.get(origin.task) != label


def keeps_some(solution: Solution, keepers: frozenset[str], whole: Sequence[bool]) -> bool:
    """Whether something that was found on the way is narrowed; what was handed over is meant.

    Args:
        solution: Of a task with a label.
        keepers: Tools that keep by label.
        whole: Of each thing given, whether it was found and not narrowed yet.
    """
    return any(
        isinstance(ref, CallRef) or whole[ref.index]
        for call in solution.calls
        if call.tool in keepers
        for _, refs in call.inputs
        for ref in refs
    )
