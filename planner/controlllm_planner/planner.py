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
    ToolRefused,
)
from controlllm_planner.explain import Evidence, decisions
from controlllm_planner.graph_arrays import arrays_of
from controlllm_planner.plan import CallRef, Decision, GivenRef, Plan, Solution
from controlllm_planner.plan_check import check_plan
from controlllm_planner.problem import Refusals, direct_call, pose, read_solution, refusals
from controlllm_planner.ranking import rank
from controlllm_planner.relevance import Relevance
from controlllm_planner.search.base import SearchBudget, SearchResult, SearchStrategy
from controlllm_planner.search.infeasible import prove_no_route
from controlllm_planner.search.relaxation import Relaxation
from controlllm_planner.task import (
    ATTACHMENT_LIMIT,
    NEVER,
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


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is shared by the searches of one request.

    Attributes:
        constraints: Of the request.
        budget: One bound in time for all of them.
        answers: Of the questions asked so far.
    """

    constraints: Constraints
    budget: SearchBudget
    answers: dict[tuple[object, ...], Solved] = field(default_factory=dict)


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
        sought = _Sought(request.constraints, self.budget())
        for task in self.decomposer.decompose(request):
            typed = _with_result_types(task, builder)
            solutions, reasons = self._solutions(typed, sought)
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

    def solve(
        self,
        task: Task,
        constraints: Constraints,
        only: frozenset[str] = frozenset(),
        budget: SearchBudget | None = None,
    ) -> Solved:
        """Search one task as it stands; no solution is an empty answer.

        Args:
            task: The task.
            constraints: Of the request.
            only: The tools that may be used; empty for any.
            budget: Bounds that are shared with other searches; by default, new ones.
        """
        scores = self.relevance.scores(_about(task))
        refused = self._refused(constraints)
        preference = constraints.preference
        posed = pose(self.graph, task, scores, preference, frozenset(refused) | self._besides(only))
        result = self.strategy.search(posed.problem, budget or self.budget())
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
        self, task: Task, sought: _Sought
    ) -> tuple[tuple[Solution, ...], tuple[Decision, ...]]:
        if task.tool is not None:
            call = direct_call(self.graph.card(task.tool), task.given)
            return (Solution(task=task.id, calls=(call,), wanted=(), cost=0.0),), ()
        cut_short = 0
        for attempt in _relaxed(task):
            solved = self._sought(attempt, sought)
            if solved.solutions:
                solved = self._narrowed(attempt, solved, sought)
                return _named(solved.solutions, task), decisions(
                    task, solved.solutions, solved.evidence
                )
            if not solved.result.complete:
                cut_short = solved.result.expanded
        raise self.no_solution(task, sought.constraints, cut_short)

    def _sought(self, task: Task, sought: _Sought, only: frozenset[str] = frozenset()) -> Solved:
        """The answer to a task, searched once for all tasks that ask the same."""
        question = (*_question(task), only)
        if question not in sought.answers:
            solved = self.solve(task, sought.constraints, only, sought.budget)
            sought.answers[question] = solved
        return sought.answers[question]

    def _narrowed(self, task: Task, solved: Solved, sought: _Sought) -> Solved:
        """The best solution with the label of the task put to use, where some tool keeps by label.

        Only tools of that solution and those that keep by label take part, so that what is narrowed
        is what was found anyway.
        """
        best = solved.solutions[0]
        if not task.label or not self.graph.keepers or _speaks(task, best):
            return solved
        used = {call.tool for call in best.calls}
        narrowed = _with_label(task, used)
        found = self._sought(narrowed, sought, frozenset(used | self.graph.keepers))
        keeps = [each for each in found.solutions if _keeps(each, self.graph.keepers)]
        if not keeps:
            return solved
        # what was found before stands in when the narrowed way fails
        return replace(solved, solutions=(keeps[0], *solved.solutions))

    def _besides(self, only: frozenset[str]) -> frozenset[str]:
        return frozenset(self.graph.tool_number) - only if only else frozenset()

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
        refused = self._refused(constraints)
        if task.endings and all(ending.tool in refused for ending in task.endings):
            tool = task.endings[0].tool
            return ToolRefused(task.goal, tool, refused[tool][1])
        usable = self.graph.without(frozenset(refused))
        types = [each.type for each in task.given]
        needed = [each.type for each in task.given if each.required]
        # words may lead anywhere; what matters then is where the things themselves lead
        proof = prove_no_route(usable, types, task.wants) or (
            prove_no_route(usable, needed, task.wants) if needed and not cut_short else None
        )
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


def _about(task: Task) -> str:
    """The words of a task and, for one with endings, what it starts from."""
    if not task.endings:
        return task.goal
    roots = dict.fromkeys(given.type.root for given in task.given if given.required)
    return " ".join((task.goal, *roots))


def _question(task: Task) -> tuple[object, ...]:
    """What a task asks, whatever it is called and wherever its things come from."""
    given = tuple((each.type, each.required, each.weight, each.many) for each in task.given)
    return task.goal, given, task.wants, task.via, task.domains, task.endings


def _named(solutions: tuple[Solution, ...], task: Task) -> tuple[Solution, ...]:
    return tuple(replace(solution, task=task.id) for solution in solutions)


def _speaks(task: Task, solution: Solution) -> bool:
    """Whether a solution feeds words of the request to a tool."""
    sources = (ref for call in solution.calls for _, refs in call.inputs for ref in refs)
    return any(
        isinstance(ref, GivenRef) and isinstance(task.given[ref.index].origin, Spoken)
        for ref in sources
    )


def _keeps(solution: Solution, keepers: frozenset[str]) -> bool:
    """Whether something that was found on the way is narrowed; what was handed over is meant."""
    return any(
        isinstance(ref, CallRef)
        for call in solution.calls
        if call.tool in keepers
        for _, refs in call.inputs
        for ref in refs
    )


def _with_label(task: Task, used: set[str]) -> Task:
    """The task that must use its label, the last thing given, and no other words."""
    *others, label = task.given
    given = tuple(
        replace(each, required=False, weight=NEVER) if isinstance(each.origin, Spoken) else each
        for each in others
    )
    endings = tuple(ending for ending in task.endings if ending.tool in used)
    return replace(task, given=(*given, replace(label, required=True, weight=0.0)), endings=endings)


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
    if task.endings:
        attempts.append(replace(task, via=(), given=free, endings=()))
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
