"""Planner: decompose, search, rank, bind. Nothing else happens here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from controlllm_planner.binding import PlanBuilder
from controlllm_planner.cost import WEIGHTS
from controlllm_planner.decompose.base import Decomposer
from controlllm_planner.errors import (
    InvalidRequest,
    NoSolution,
    OverBudget,
    PlanningError,
    SearchCutShort,
)
from controlllm_planner.explain import Evidence, decisions
from controlllm_planner.graph_arrays import arrays_of
from controlllm_planner.plan import Call, Decision, Plan, Solution
from controlllm_planner.plan_check import check_plan
from controlllm_planner.problem import Refusals, pose, read_solution, refusals
from controlllm_planner.ranking import rank
from controlllm_planner.relevance import Relevance
from controlllm_planner.search.base import SearchBudget, SearchResult, SearchStrategy
from controlllm_planner.search.infeasible import prove_no_route
from controlllm_planner.search.relaxation import Relaxation
from controlllm_planner.task import (
    ATTACHMENT_LIMIT,
    REQUEST_LIMIT_CHARS,
    Constraints,
    FromTask,
    Given,
    Request,
    Spoken,
    Task,
)
from controlllm_planner.tool_graph import ToolGraph

_REMEMBERED_CONSTRAINTS = 64


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


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Makes plans over one graph; two equal requests get equal plans.

    Attributes:
        graph: The catalogue.
        relevance: Scores tools against words.
        decomposer: Takes requests apart.
        strategy: Searches.
        unavailable: Why a tool cannot run here, by name; such tools are never planned.
        budget: Makes the bounds of one search; called anew for each, so that it may hold a clock.
        step_timeout_s: One time limit for every step; by default it follows the estimate.
    """

    graph: ToolGraph
    relevance: Relevance
    decomposer: Decomposer
    strategy: SearchStrategy
    unavailable: Mapping[str, str] = field(default_factory=dict)
    budget: Callable[[], SearchBudget] = SearchBudget
    step_timeout_s: float | None = None
    _refusals: dict[Constraints, Refusals] = field(default_factory=dict, init=False, repr=False)

    def plan(self, request: Request) -> Plan:
        """Make the plan of a request.

        Raises:
            PlanningError: See `controlllm_planner.errors` for who acts next.
        """
        check_request(request, self.graph)
        builder = PlanBuilder(self.graph, request, self.step_timeout_s)
        why: list[Decision] = []
        for task in self.decomposer.decompose(request):
            typed = _with_result_types(task, builder)
            solutions, reasons = self._solutions(typed, request.constraints)
            builder.add(typed, solutions)
            why += reasons
        plan = replace(builder.build(), decisions=tuple(why))
        _check_budget(plan, request.constraints)
        return plan

    def check(self, plan: Plan, constraints: Constraints) -> None:
        """Check that a plan may be run under these constraints, wherever it comes from.

        Raises:
            InvalidRequest: See `check_plan`.
            OverBudget: It is expected to take more than a budget allows.
        """
        check_plan(plan, self.graph, self._refused(constraints))
        _check_budget(plan, constraints)

    def solve(self, task: Task, constraints: Constraints) -> Solved:
        """Search one task as it stands; no solution is an empty answer."""
        scores = self.relevance.scores(task.goal)
        refused = self._refused(constraints)
        preference = constraints.preference
        posed = pose(self.graph, task, scores, preference, refused)
        result = self.strategy.search(posed.problem, self.budget())
        weights = WEIGHTS[preference]
        evidence = Evidence(
            graph=self.graph,
            scores=scores,
            bounds=Relaxation(posed.problem, arrays_of(self.graph)),
            refused=refused,
            strategy=type(self.strategy).__name__,
        )
        solutions = rank(read_solution(task, found, posed, weights) for found in result.found)
        return Solved(solutions=solutions, result=result, evidence=evidence)

    def _solutions(
        self, task: Task, constraints: Constraints
    ) -> tuple[tuple[Solution, ...], tuple[Decision, ...]]:
        if task.tool is not None:
            call = Call(tool=task.tool, inputs=())
            return (Solution(task=task.id, calls=(call,), wanted=(), cost=0.0),), ()
        cut_short = 0
        for attempt in _relaxed(task):
            solved = self.solve(attempt, constraints)
            if solved.solutions:
                return solved.solutions, decisions(task, solved.solutions, solved.evidence)
            if not solved.result.complete:
                cut_short = solved.result.expanded
        raise self.no_solution(task, constraints, cut_short)

    def _refused(self, constraints: Constraints) -> Refusals:
        if constraints not in self._refusals:
            if len(self._refusals) >= _REMEMBERED_CONSTRAINTS:
                self._refusals.clear()
            self._refusals[constraints] = refusals(self.graph, constraints, self.unavailable)
        return self._refusals[constraints]

    def no_solution(self, task: Task, constraints: Constraints, cut_short: int) -> PlanningError:
        """Why a task has no solution: a proof, unless the search was cut short.

        Args:
            task: The task.
            constraints: Of the request.
            cut_short: Partial solutions taken up by a search that its bounds ended; else 0.
        """
        usable = self.graph.without(frozenset(self._refused(constraints)))
        proof = prove_no_route(usable, [each.type for each in task.given], task.wants)
        wanted = " and ".join(task.wants)
        if proof is not None:
            return NoSolution(task.goal, wanted, tuple(map(str, proof.reachable)), proof.missing)
        if cut_short:
            return SearchCutShort(task.goal, cut_short)
        given = tuple(f"{g.type} (a list)" if g.many else g.type for g in task.given if g.required)
        return NoSolution(task.goal, wanted, tuple(task.wants), (), given)


def check_request(request: Request, graph: ToolGraph) -> None:
    """Refuse what cannot be planned at all.

    Raises:
        InvalidRequest: Empty or too long text, too many or doubly named attachments, a tool name
            that the catalogue does not have.
    """
    if not request.text.strip():
        msg = "the request is empty; say what should be made"
        raise InvalidRequest(msg)
    if len(request.text) > REQUEST_LIMIT_CHARS:
        msg = (
            f"the request has {len(request.text)} characters, the limit is {REQUEST_LIMIT_CHARS}; "
            "attach long text as a file"
        )
        raise InvalidRequest(msg)
    if len(request.attachments) > ATTACHMENT_LIMIT:
        msg = f"{len(request.attachments)} attachments are over the limit of {ATTACHMENT_LIMIT}"
        raise InvalidRequest(msg)
    seen: set[str] = set()
    for each in request.attachments:
        if each.name in seen:
            msg = f"two attachments are named {each.name!r}; rename one"
            raise InvalidRequest(msg)
        seen.add(each.name)
    named = request.constraints.allow_tools | request.constraints.deny_tools
    unknown = sorted(name for name in named if name not in graph.tool_number)
    if unknown:
        msg = f"no tool is named {unknown[0]!r}; see `controlllm tools list`"
        raise InvalidRequest(msg)


def _with_result_types(task: Task, builder: PlanBuilder) -> Task:
    """The task with the types that earlier tasks really make."""

    def typed(given: Given) -> Given:
        if isinstance(given.origin, FromTask):
            made = builder.output(builder.result_of(given.origin.task))
            return replace(given, type=made.type, many=made.many)
        return given

    return replace(task, given=tuple(typed(given) for given in task.given))


def _relaxed(task: Task) -> list[Task]:
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
    return attempts


def _check_budget(plan: Plan, constraints: Constraints) -> None:
    budget, expected = constraints.budget, plan.estimate
    limits = (
        ("s of wall time", budget.wall_s, expected.seconds),
        ("s of GPU time", budget.gpu_s, expected.gpu_seconds),
        ("USD", budget.usd, expected.usd),
        ("steps", budget.steps, len(plan.steps)),
    )
    for unit, limit, needed in limits:
        if limit is not None and needed > limit:
            msg = f"the plan is expected to take {needed:g} {unit}, the budget is {limit:g} {unit}"
            raise OverBudget(msg)
