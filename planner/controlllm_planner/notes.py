"""What a person should know of how a request was read, besides the plan itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from controlllm_planner.arguments.choices import said_choices
from controlllm_planner.tool_graph import ToolGraph
from controlllm_planner.trace import Answer
from controlllm_planner.wording import type_names


def notes(answers: Iterable[Answer], graph: ToolGraph) -> tuple[str, ...]:
    """Notes on the tasks of a plan, each once; none for most requests.

    Args:
        answers: To the tasks.
        graph: All tools.
    """
    return tuple(dict.fromkeys(note for answer in answers for note in _of(answer, graph)))


def _of(answer: Answer, graph: ToolGraph) -> Iterator[str]:
    task, solution = answer.task, answer.solutions[0]
    if task.note:
        yield task.note
    for clause in task.clauses:
        if clause.refuses:
            yield f"{clause.text!r} says what not to do, and was left aside"
        if clause.unclear:
            yield f"it is not clear what {clause.text!r} asks for: it was left aside"
    if answer.eased == "tools":
        yield _other_tool(answer)
    elif answer.eased == "things":
        left_out = type_names(graph).joined(task.via) if task.via else "some of what was given"
        yield f"nothing here does it with all that the words name; the plan leaves {left_out} out"
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
