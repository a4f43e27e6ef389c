"""How a plan came about: what was searched for each task, and what the search knew."""

from __future__ import annotations

from dataclasses import dataclass

from controlllm_planner.attempts import Eased
from controlllm_planner.explain import Evidence, decisions
from controlllm_planner.plan import Decision, Plan, Solution
from controlllm_planner.search.base import SearchResult
from controlllm_planner.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """The answer to one task.

    Attributes:
        solutions: Best first; empty when there is none.
        result: What the strategy found, and its counts.
        evidence: What it knew.
    """

    solutions: tuple[Solution, ...]
    result: SearchResult
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one task of a request was answered.

    Attributes:
        task: The task, with the types that earlier tasks really make.
        asked: What was searched in the end: the task, or less or more than it asks for.
        solutions: Best first.
        solved: What the search knew; None for a tool that was called as it is.
        eased: What the search was let off, as nothing does all that the words name.
    """

    task: Task
    asked: Task
    solutions: tuple[Solution, ...]
    solved: Solved | None = None
    eased: Eased = "nothing"

    def decisions(self) -> tuple[Decision, ...]:
        """Why the tools of the best solution are in the plan, and others are not."""
        if self.solved is None:
            return ()
        return decisions(self.asked, self.solved.solutions, self.solved.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A plan, and how it came about."""

    plan: Plan
    answers: tuple[Answer, ...]
