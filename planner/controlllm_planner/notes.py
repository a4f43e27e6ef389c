"""What a person should know of how a request was read, besides the plan itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from controlllm_planner.arguments.choices import said_choices
from controlllm_planner.arguments.not_offered import language_unheard
from controlllm_planner.plan import FromResource, Plan, Solution
from controlllm_planner.task import Task
from controlllm_planner.tool_graph import ToolGraph
from controlllm_planner.trace import Answer
from controlllm_planner.wording import type_names

_SHOWN = 5
"""Files that one note names."""


def notes(answers: Iterable[Answer], graph: ToolGraph) -> tuple[str, ...]:
    """Notes on the tasks of a plan, each once; none for most requests.

    Args:
        answers: To the tasks.
        graph: All tools.
    """
    return tuple(dict.fromkeys(note for answer in answers for note in _of(answer, graph)))


def unread(plan: Plan, answers: Iterable[Answer]) -> tuple[str, ...]:
    """What was handed over and no step reads: nobody shall find that out from the result.

    What the words forbid to touch is left out: that no step reads it is what was wanted.
    """
    clauses = (clause for answer in answers for clause in answer.task.clauses)
    forbidden = "\n".join(clause.text for clause in clauses if clause.refuses)
    bound = (each for step in plan.steps for _, bindings in step.inputs for each in bindings)
    read = {each.name for each in bound if isinstance(each, FromResource)}
    left = [each.name for each in plan.resources if each.name not in read]
    left = [name for name in left if not _is_named(name, forbidden)]
    if not left:
        return ()
    more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    return (f"not used by any step: {', '.join(left[:_SHOWN])}{more}",)


def _is_named(name: str, words: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", words) is not None


def _of(answer: Answer, graph: ToolGraph) -> Iterator[str]:
    yield from _of_words(answer.task)
    if answer.eased == "tools":
        yield _other_tool(answer)
    elif answer.eased == "things":
        via = answer.task.via
        left_out = type_names(graph).joined(via) if via else "some of what was given"
        yield f"nothing here does it with all that the words name; the plan leaves {left_out} out"
    yield from _of_values(answer.task, answer.solutions[0], graph)


def _of_words(task: Task) -> Iterator[str]:
    """What was not read, or read as something else."""
    if task.note:
        yield task.note
    for clause in task.clauses:
        if clause.refuses:
            yield f"{clause.text!r} says what not to do, and was left aside"
        if clause.unclear:
            yield f"it is not clear what {clause.text!r} asks for: it was left aside"
        if clause.unmet:
            yield f"no tool was found for {clause.text!r}: nothing is done about it"


def _of_values(task: Task, solution: Solution, graph: ToolGraph) -> Iterator[str]:
    """What the words say and no tool was told."""
    unheard = language_unheard((graph.card(call.tool) for call in solution.calls), task)
    if unheard:
        yield (
            f"no tool of this part can be told {unheard!r}: what it makes may be in another "
            "language"
        )
    for made in solution.wanted:
        tool = solution.calls[made.call].tool
        for _, choices in said_choices(graph.card(tool), task.goal):
            if len(choices) > 1:
                said = " and ".join(map(repr, choices))
                yield f"the words say {said}, of which {tool} takes one: it was told neither"


def _other_tool(answer: Answer) -> str:
    """That a plan ends with another tool than the words ask for, and why."""
    asked, solution = answer.task.endings[0].tool, answer.solutions[0]
    refused = answer.solved.evidence.refused if answer.solved else {}
    reason = f"may not be used: {refused[asked][1]}" if asked in refused else "cannot do it here"
    instead = solution.calls[solution.wanted[0].call].tool
    return f"the words ask for {asked}, which {reason}; {instead} makes the same kind of thing"
