"""Planner: decompose, search, rank, bind. Nothing else happens here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from controlllm_planner.asking import Asking, Draft
from controlllm_planner.attempts import of_more, relaxed
from controlllm_planner.binding import PlanBuilder
from controlllm_planner.decompose.base import Decomposer
from controlllm_planner.errors import (
    NeedsInput,
    NoSolution,
    PlanningError,
    SearchCutShort,
    ToolRefused,
)
from controlllm_planner.explain import Evidence, no_route, not_from_all
from controlllm_planner.keeping import is_whole, keepers_of, keeps_some, with_label
from controlllm_planner.missing_input import with_gaps_open, with_values, without_open
from controlllm_planner.notes import notes, unread
from controlllm_planner.plan import Call, GivenRef, Plan, Solution
from controlllm_planner.plan_check import check_plan
from controlllm_planner.priors import Priors, no_priors
from controlllm_planner.problem import (
    Refusals,
    direct_call,
    pose,
    prices_of,
    read_solution,
    refusals,
)
from controlllm_planner.ranking import rank
from controlllm_planner.relevance import Relevance
from controlllm_planner.request_check import check_budget, check_request
from controlllm_planner.search.base import SearchBudget, SearchStrategy
from controlllm_planner.search.infeasible import closed_routes, prove_no_route
from controlllm_planner.search.relaxation import relaxation_of
from controlllm_planner.stand_ins import (
    ASKED_FROM,
    FAMILIES,
    Gap,
    KnownTask,
    gaps,
    gaps_without_solution,
)
from controlllm_planner.task import (
    NEVER,
    Constraints,
    FromTask,
    Given,
    Request,
    Spoken,
    Task,
    TaskId,
)
from controlllm_planner.tool_graph import ToolGraph
from controlllm_planner.trace import Answer, Solved, Trace
from controlllm_tools.resources import ResourceType

_REMEMBERED_CONSTRAINTS = 64


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is shared by the searches of one request.

    Attributes:
        constraints: Of the request.
        budget: One bound in time for all of them.
        priors: What was seen of the tools before.
        answers: Of the questions asked so far.
        kept: By task, the label by which its results were narrowed.
    """

    constraints: Constraints
    budget: SearchBudget
    priors: Priors
    answers: dict[tuple[object, ...], Solved] = field(default_factory=dict)
    kept: dict[TaskId, str] = field(default_factory=dict)


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
        priors: Tells what was seen of the tools; asked once for each request.
        step_timeout_s: One time limit for every step; by default it follows the estimate.
        file_types: What a person may hand over as a file, for questions about what is missing.
    """

    graph: ToolGraph
    relevance: Relevance
    decomposer: Decomposer
    strategy: SearchStrategy
    unavailable: Mapping[str, str] = field(default_factory=dict)
    budget: Callable[[], SearchBudget] = SearchBudget
    priors: Callable[[], Priors] = no_priors
    step_timeout_s: float | None = None
    file_types: frozenset[ResourceType] = FAMILIES
    _refusals: dict[Constraints, Refusals] = field(default_factory=dict, init=False, repr=False)

    def plan(self, request: Request) -> Plan:
        """Make the plan of a request.

        Raises:
            PlanningError: See `controlllm_planner.errors` for who acts next.
        """
        return self.trace(request).plan

    def trace(self, request: Request) -> Trace:
        """Make the plan of a request as `plan` does, and keep how it came about."""
        check_request(request, self.graph)
        trace = self._complete(request)
        check_budget(trace.plan, request.constraints)
        told = (*trace.plan.notes, *unread(trace.plan, trace.answers))
        return replace(trace, plan=replace(trace.plan, notes=told))

    def _complete(self, request: Request) -> Trace:
        """A plan with nothing left open; else the person is asked for all that is missing."""
        sought = _Sought(request.constraints, self.budget(), self.priors())
        asking = Asking(
            graph=self.graph,
            file_types=self.file_types,
            draft=lambda first: self._draft(first, self.decomposer.decompose(first), sought),
            again=lambda wider: self._draft(wider, self._in_time(wider, sought), sought),
        )
        best = asking.best(request)
        if isinstance(best.outcome, NoSolution):
            raise best.outcome
        trace, missing = best.outcome, asking.missing(best)
        if missing:
            draft = with_gaps_open(trace.plan, best.found)
            raise NeedsInput(missing, draft.to_json())
        return replace(trace, plan=without_open(trace.plan))

    def _in_time(self, request: Request, sought: _Sought) -> Iterator[Task]:
        """The tasks of a request, one by one while there is time left for its searches.

        Raises:
            SearchCutShort: There is none.
        """
        if sought.budget.is_over():
            raise SearchCutShort(request.text, 0)
        for task in self.decomposer.decompose(request):
            if sought.budget.is_over():
                raise SearchCutShort(task.goal, 0)
            yield task

    def _draft(self, request: Request, tasks: Iterable[Task], sought: _Sought) -> Draft:
        """The best plan for the tasks of a request or why there is none, and what it lacks."""
        sought = replace(sought, kept={})
        builder = PlanBuilder(self.graph, request, self.step_timeout_s, sought.priors)
        answers: list[Answer] = []
        found: list[Gap] = []
        for task in tasks:
            typed = with_values(_with_result_types(task, builder), self.graph)
            known = self._judged_by(typed)
            try:
                first = self._answer(typed, sought)
                answer, lacking = self._of_what_is_there(first, known, sought)
            except NoSolution as error:
                # an address is there, and only the tool that reads it is closed
                is_given = bool(error.closed) and _has_address(typed)
                lacking = () if is_given else gaps_without_solution(known)
                return Draft(outcome=error, found=lacking, asks=not is_given)
            answers.append(answer)
            builder.add(typed, answer.solutions)
            found += lacking
        why = tuple(decision for answer in answers for decision in answer.decisions())
        told = notes(answers, self.graph)
        plan = replace(builder.build(), decisions=why, notes=told)
        lacking = tuple(dict.fromkeys(found))
        trace = Trace(plan=plan, answers=tuple(answers))
        return Draft(outcome=trace, found=lacking, asks=bool(lacking))

    def _of_what_is_there(
        self, answer: Answer, known: KnownTask, sought: _Sought
    ) -> tuple[Answer, tuple[Gap, ...]]:
        """An answer, and what it wants from the person once more of what is there was tried.

        Raises:
            NoSolution: It works on words in place of an address that no chain may be led from.
        """
        lacking = gaps(answer.solutions[0], known)
        for attempt in of_more(answer.asked) if lacking else ():
            solved = self._sought(attempt, sought)
            best = next(iter(solved.solutions), None)
            if best and not _uses_the_last(attempt, best) and not gaps(best, known):
                named = _named(solved.solutions, attempt)
                return replace(answer, asked=attempt, solutions=named, solved=solved), ()
        if _leaves_out_address(answer):
            reason = self.no_solution(answer.task, sought.constraints, 0)
            if isinstance(reason, NoSolution) and reason.closed:
                raise reason
        return answer, lacking

    def _judged_by(self, task: Task) -> KnownTask:
        """What is known of a task where its solution is looked through for gaps."""
        asked = {ending.tool for ending in task.endings}
        scores = self.relevance.scores(task.goal)
        number = self.graph.tool_number

        def is_asked(tool: str) -> bool:
            return tool in asked or bool(scores[number[tool]] >= ASKED_FROM)

        return KnownTask(graph=self.graph, task=task, file_types=self.file_types, is_asked=is_asked)

    def check(self, plan: Plan, constraints: Constraints) -> None:
        """Check that a plan may be run under these constraints, wherever it comes from.

        Raises:
            InvalidRequest: See `check_plan`.
            OverBudget: It is expected to take more than a budget allows.
        """
        check_plan(plan, self.graph, self._refused(constraints))
        check_budget(plan, constraints)

    def solve(
        self,
        task: Task,
        constraints: Constraints,
        only: frozenset[str] = frozenset(),
        budget: SearchBudget | None = None,
        priors: Priors | None = None,
    ) -> Solved:
        """Search one task as it stands; no solution is an empty answer.

        Args:
            task: The task.
            constraints: Of the request.
            only: The tools that may be used; empty for any.
            budget: Bounds that are shared with other searches; by default, new ones.
            priors: What was seen of the tools; by default, it is asked for anew.
        """
        scores = self.relevance.scores(_about(task))
        refused = self._refused(constraints)
        prices = prices_of(self.graph, constraints.preference, priors or self.priors())
        posed = pose(self.graph, task, scores, prices, frozenset(refused) | self._besides(only))
        result = self.strategy.search(posed.problem, budget or self.budget())
        evidence = Evidence(
            graph=self.graph,
            scores=scores,
            bounds=relaxation_of(posed.problem),
            refused=refused,
            priors=prices.priors,
            strategy=type(self.strategy).__name__,
        )
        solutions = rank(read_solution(task, found, posed) for found in result.found)
        return Solved(solutions=solutions, result=result, evidence=evidence)

    def _answer(self, task: Task, sought: _Sought) -> Answer:
        if task.tool is not None:
            call = direct_call(self.graph.card(task.tool), task.given)
            only = Solution(task=task.id, calls=(call,), wanted=(), cost=0.0)
            return Answer(task=task, asked=task, solutions=(only,))
        cut_short = 0
        for eased, attempt in relaxed(task):
            solved = self._sought(attempt, sought)
            if solved.solutions:
                solved = self._narrowed(attempt, solved, sought)
                named = _named(solved.solutions, task)
                return Answer(task=task, asked=attempt, solutions=named, solved=solved, eased=eased)
            if not solved.result.complete:
                cut_short = solved.result.expanded
        raise self.no_solution(task, sought.constraints, cut_short)

    def _sought(self, task: Task, sought: _Sought, only: frozenset[str] = frozenset()) -> Solved:
        """The answer to a task, searched once for all tasks that ask the same."""
        question = (*_question(task), only)
        if question not in sought.answers:
            solved = self.solve(task, sought.constraints, only, sought.budget, sought.priors)
            sought.answers[question] = solved
        return sought.answers[question]

    def _narrowed(self, task: Task, solved: Solved, sought: _Sought) -> Solved:
        """The best solution with the label of the task put to use, where some tool keeps by label.

        Only tools of that solution and those that keep by label take part, so that what is narrowed
        is what was found anyway.
        """
        best = solved.solutions[0]
        if not task.label or not self.graph.keepers or _speaks(task, best, self.graph.keepers):
            return solved
        used = {call.tool for call in best.calls}
        narrowed = with_label(task, used, keepers_of(task, self.graph))
        found = self._sought(narrowed, sought, frozenset(used | self.graph.keepers))
        whole = [is_whole(each, task.label, sought.kept) for each in narrowed.given]
        keeps = [each for each in found.solutions if keeps_some(each, self.graph.keepers, whole)]
        if not keeps:
            return solved
        sought.kept[task.id] = task.label
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
        if proof is not None:
            reasons = {name: reason for name, (_, reason) in refused.items()}
            closed = closed_routes(self.graph, proof.given, task.wants, reasons)
            return no_route(task, proof, closed, self.graph)
        return SearchCutShort(task.goal, cut_short) if cut_short else not_from_all(task, self.graph)


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


def _speaks(task: Task, solution: Solution, keepers: frozenset[str]) -> bool:
    """Whether a solution feeds words of the request to a tool that does not keep by label."""
    refs = _sources(call for call in solution.calls if call.tool not in keepers)
    return any(isinstance(task.given[ref.index].origin, Spoken) for ref in refs)


def _sources(calls: Iterable[Call]) -> Iterator[GivenRef]:
    """What calls start from."""
    refs = (ref for call in calls for _, refs in call.inputs for ref in refs)
    return (ref for ref in refs if isinstance(ref, GivenRef))


def _has_address(task: Task) -> bool:
    return any(given.required and given.type == "url" for given in task.given)


def _leaves_out_address(answer: Answer) -> bool:
    """Whether an address that leads to what is wanted is not used, for its words alone do not."""
    used = {ref.index for ref in _sources(answer.solutions[0].calls)}
    return any(
        given.required and given.type == "url" and at not in used
        for at, given in enumerate(answer.task.given)
    )


def _uses_the_last(task: Task, solution: Solution) -> bool:
    """Whether a solution uses what none should use if there is any other."""
    return any(task.given[ref.index].weight >= NEVER for ref in _sources(solution.calls))
