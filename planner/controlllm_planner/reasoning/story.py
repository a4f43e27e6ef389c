"""The reasons of a plan, wish by wish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from controlllm_planner.attempts import Eased
from controlllm_planner.planner import Planner
from controlllm_planner.priors import NOTHING_SEEN
from controlllm_planner.reasoning.rivals import Rival, rivals
from controlllm_planner.reasoning.scene import Scene
from controlllm_planner.reasoning.sources import Connection, Filled, connections, filled
from controlllm_planner.task import Clause, Request
from controlllm_planner.trace import Answer, Trace
from controlllm_planner.wording import type_names


@dataclass(frozen=True, slots=True, kw_only=True)
class WishStory:
    """What was read of one wish, and how it was solved.

    Attributes:
        tasks: Its tasks; several when each of its files is worked on by itself.
        goal: Its words, without names and numbers.
        clauses: Its clauses, for the first of its stories.
        wants: The types that are made.
        makes: The same in words.
        rivals: The tools that the words may mean, the chosen one first.
        connections: The tools that stand between.
        values: The parameters that were filled.
        expanded: Partial plans that the search took up.
        pruned: Partial plans and tools that their bounds ruled out.
        proven: Whether no way is cheaper, for sure.
        eased: What the search was let off, as nothing does all that the words name.
    """

    tasks: tuple[str, ...]
    goal: str
    clauses: tuple[Clause, ...]
    wants: tuple[str, ...]
    makes: str
    rivals: tuple[Rival, ...]
    connections: tuple[Connection, ...]
    values: tuple[Filled, ...]
    expanded: int
    pruned: int
    proven: bool
    eased: Eased

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "tasks": list(self.tasks),
            "goal": self.goal,
            "clauses": [_clause_to_json(clause) for clause in self.clauses],
            "wants": list(self.wants),
            "candidates": [rival.to_json() for rival in self.rivals],
            "connections": [each.to_json() for each in self.connections],
            "values": [each.to_json() for each in self.values],
            "search": {
                "expanded": self.expanded,
                "pruned": self.pruned,
                "proven": self.proven,
                "eased": self.eased,
            },
        }


def stories(planner: Planner, request: Request, trace: Trace) -> tuple[WishStory, ...]:
    """The reasons of a plan; searches once more for each rival, so ask only when somebody reads.

    Args:
        planner: The planner that made it.
        request: What was asked.
        trace: The plan, and how it came about.
    """
    return tuple(_stories(planner, request, trace))


def _stories(planner: Planner, request: Request, trace: Trace) -> Iterator[WishStory]:
    told: tuple[Clause, ...] | None = None
    solved = (answer.solved for answer in trace.answers if answer.solved)
    priors = next((each.evidence.priors for each in solved), NOTHING_SEEN)
    for begin, end in _alike(trace.answers):
        answer = trace.answers[begin]
        scene = Scene(
            planner=planner,
            request=request,
            priors=priors,
            before=trace.answers[:begin],
            answer=answer,
        )
        clauses = answer.task.clauses
        tasks = tuple(each.task.id for each in trace.answers[begin:end])
        yield _story(scene, tasks, () if clauses is told else clauses)
        told = clauses


def _alike(answers: tuple[Answer, ...]) -> Iterator[tuple[int, int]]:
    """Runs of tasks that ask the same of several files."""
    begin = 0
    for number in range(1, len(answers) + 1):
        if number == len(answers) or _asks(answers[number]) != _asks(answers[begin]):
            yield begin, number
            begin = number


def _asks(answer: Answer) -> tuple[object, ...]:
    task = answer.task
    return task.goal, task.wants, task.via, task.endings, task.tool, id(task.clauses)


def _story(scene: Scene, tasks: tuple[str, ...], clauses: tuple[Clause, ...]) -> WishStory:
    answer = scene.answer
    result = answer.solved.result if answer.solved else None
    return WishStory(
        tasks=tasks,
        goal=answer.task.goal,
        clauses=clauses,
        wants=tuple(map(str, answer.task.wants)),
        makes=type_names(scene.planner.graph).joined(answer.task.wants),
        rivals=rivals(scene) if answer.task.tool is None else (),
        connections=tuple(dict.fromkeys(connections(scene))),
        values=tuple(dict.fromkeys(filled(scene, scene.steps(scene.best)))),
        expanded=result.expanded if result else 0,
        pruned=result.pruned if result else 0,
        proven=bool(result and result.proven),
        eased=answer.eased,
    )


def _clause_to_json(clause: Clause) -> dict[str, Any]:
    return {
        "text": clause.text,
        "asks": clause.asks,
        "none": clause.none,
        "tools": dict(clause.tools),
        "refuses": clause.refuses,
        "unclear": clause.unclear,
        "unmet": clause.unmet,
    }
