"""One task of a planned request, with all that its reasons are told from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controlllm_planner.binding import PlanBuilder
from controlllm_planner.plan import CallRef, PlanStep, Solution
from controlllm_planner.planner import Planner
from controlllm_planner.priors import Priors
from controlllm_planner.task import Request
from controlllm_planner.trace import Answer
from controlllm_tools.card import ToolCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A task that was solved.

    Attributes:
        planner: Knows the tools.
        request: Of the person.
        priors: What was seen of the tools when the plan was made.
        before: The answers to the tasks before it.
        answer: The answer to the task.
    """

    planner: Planner
    request: Request
    priors: Priors
    before: Sequence[Answer]
    answer: Answer

    @property
    def best(self) -> Solution:
        """The solution in the plan."""
        return self.answer.solutions[0]

    @property
    def chosen(self) -> str:
        """The tool that makes what the task wants."""
        return maker(self.best)

    def card(self, tool: str) -> ToolCard:
        """The card of a tool."""
        return self.planner.graph.card(tool)

    def steps(self, solution: Solution) -> tuple[PlanStep, ...]:
        """The steps that a solution of the task adds to those of the tasks before it."""
        builder = PlanBuilder(self.planner.graph, self.request, priors=self.priors)
        for earlier in self.before:
            builder.add(earlier.task, earlier.solutions[:1])
        known = {step.id for step in builder.build().steps} if self.before else set()
        builder.add(self.answer.task, (solution,))
        return tuple(step for step in builder.build().steps if step.id not in known)


def maker(solution: Solution) -> str:
    """The tool whose output a solution is for; the last one when it makes nothing."""
    wanted: CallRef | None = next(iter(solution.wanted), None)
    return solution.calls[wanted.call if wanted else -1].tool
