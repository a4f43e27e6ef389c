"""Join the chosen solutions of all tasks into one plan.

Steps that would do the same thing on the same inputs become one step, whichever tasks they serve.
The next-best solutions become alternatives: they keep the ids of steps they share with the plan, so
what is already done is not done again when one takes over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from controlllm_planner.arguments.spoken import spoken_parameters
from controlllm_planner.cost import Estimate, estimate_call
from controlllm_planner.missing_input import is_open
from controlllm_planner.plan import (
    Alternative,
    Binding,
    FromResource,
    FromStep,
    GivenRef,
    Plan,
    PlanResource,
    PlanStep,
    Solution,
    StepId,
    StepOutput,
    Value,
)
from controlllm_planner.priors import NOTHING_SEEN, Priors
from controlllm_planner.stand_ins import is_own
from controlllm_planner.task import FromAttachment, FromTask, Given, Request, Spoken, Task, TaskId
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.resources import NO_FACTS, MediaFacts

Bindings = tuple[tuple[str, tuple[Binding, ...]], ...]

TIMEOUT_FACTOR = 20.0
TIMEOUT_LEAST_S = 120.0
TIMEOUT_MOST_S = 3_600.0
_TIMED = ("video", "audio")

_NEARLY_AS_GOOD = 1.2
"""About ln 3.3: a tool that fits the words almost a third as well."""


@dataclass(slots=True)
class PlanBuilder:
    """Collects steps; `build` freezes them.

    Attributes:
        graph: Where the cards are.
        request: What is planned for.
        timeout_s: One time limit for every step; by default it follows the estimate.
        priors: What was seen of the tools before.
    """

    graph: ToolGraph
    request: Request
    timeout_s: float | None = None
    priors: Priors = NOTHING_SEEN
    _main: dict[StepId, PlanStep] = field(default_factory=dict)
    _known: dict[StepId, PlanStep] = field(default_factory=dict)
    _by_work: dict[tuple[str, Bindings], StepId] = field(default_factory=dict)
    _facts: dict[Binding, MediaFacts] = field(default_factory=dict)
    _lengths: dict[Binding, float] = field(default_factory=dict)
    _results: dict[TaskId, tuple[FromStep, ...]] = field(default_factory=dict)
    _ends: dict[TaskId, StepId] = field(default_factory=dict)
    _alternatives: list[Alternative] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, task: Task, solutions: Sequence[Solution]) -> tuple[FromStep, ...]:
        """Bind the first solution as steps and the others as alternatives.

        Returns:
            Where each wanted type of the task is made.
        """
        first, *others = solutions
        steps, results = self._bind(task, first, prefix="s")
        self._main.update((step.id, step) for step in steps)
        self._results[task.id] = results
        self._ends[task.id] = steps[-1].id
        for number, other in enumerate(others, start=1):
            if not _is_same_work(first, other):
                continue
            new_steps, stand_ins = self._bind(task, other, prefix=f"{task.id}-{number}-")
            pairs = zip(results, stand_ins, strict=True)
            replaces = tuple((old, new) for old, new in pairs if old != new)
            if replaces:
                self._alternatives.append(
                    Alternative(task=task.id, steps=new_steps, replaces=replaces, cost=other.cost)
                )
        return results

    def result_of(self, task: TaskId) -> FromStep:
        """Where the main result of an earlier task is made."""
        return self._results[task][0]

    def output(self, ref: FromStep) -> StepOutput:
        """What an output of a step is."""
        return next(o for o in self._known[ref.step].outputs if o.name == ref.output)

    def build(self) -> Plan:
        """The frozen plan, without decisions."""
        steps = tuple(self._main.values())
        outputs = tuple(dict.fromkeys(ref for refs in self._results.values() for ref in refs))
        return Plan(
            goal=self.request.text,
            resources=tuple(
                PlanResource(
                    name=each.name,
                    type=each.type,
                    sha256=each.resource.sha256 if each.resource else None,
                )
                for each in self.request.attachments
            ),
            steps=steps,
            outputs=outputs,
            estimate=total_estimate(steps),
            alternatives=tuple(a for a in self._alternatives if self._fits_downstream(a)),
            seed=self.request.constraints.seed,
        )

    def _bind(
        self, task: Task, solution: Solution, prefix: str
    ) -> tuple[tuple[PlanStep, ...], tuple[FromStep, ...]]:
        made: list[PlanStep] = []
        for call in solution.calls:
            card = self.graph.card(call.tool)
            bound: dict[str, tuple[Binding, ...]] = {}
            for port, refs in call.inputs:
                bound[port] = tuple(
                    self._given(task.given[ref.index], _type_of(card, port))
                    if isinstance(ref, GivenRef)
                    else FromStep(made[ref.call].id, ref.output)
                    for ref in refs
                )
            _put_what_is_said(card, task, bound)
            for port, ref in self._inherited(card, bound):
                bound.setdefault(port, (ref,))
            for port, binding in self._said(card, task, bound):
                bound.setdefault(port, (binding,))
            made.append(self._step(task, card, bound, prefix))
        results = tuple(FromStep(made[ref.call].id, ref.output) for ref in solution.wanted)
        return tuple(made), results

    def _given(self, given: Given, type_: str) -> Binding:
        match given.origin:
            case FromAttachment(name):
                return FromResource(name)
            case FromTask(task):
                return self.result_of(task)
            case spoken:
                return Value(spoken.value, type_)

    def _inherited(
        self, card: ToolCard, bound: Mapping[str, tuple[Binding, ...]]
    ) -> Iterator[tuple[str, FromStep]]:
        """Optional ports of a refined type, filled by an ancestor that makes exactly that type.

        Only ancestors: what they make belongs to the same chain. The nearest one counts.
        """
        wanted = [port for port in card.inputs if port.optional and port.resource_type.refined]
        above = _ancestors(bound, self._known) if wanted else []
        for port in wanted:
            refs = (
                FromStep(step.id, output.name)
                for step in above
                for output in step.outputs
                if output.type == port.type and output.many <= port.many
            )
            ref = next(refs, None)
            if ref is not None:
                yield port.name, ref

    def _said(
        self, card: ToolCard, task: Task, bound: Mapping[str, tuple[Binding, ...]]
    ) -> Iterator[tuple[str, Binding]]:
        """Optional ports of a refined type, filled by what the words call exactly that."""
        said = [g for g in task.given if isinstance(g.origin, Spoken) and g.type.refined]
        for port in card.inputs:
            for given in said:
                if port.optional and port.name not in bound and port.resource_type == given.type:
                    yield port.name, self._given(given, str(port.type))

    def _step(
        self, task: Task, card: ToolCard, bound: Mapping[str, tuple[Binding, ...]], prefix: str
    ) -> PlanStep:
        inputs: Bindings = tuple(
            (port.name, bound[port.name]) for port in card.inputs if port.name in bound
        )
        work = (card.name, inputs)
        if work in self._by_work:
            return self._known[self._by_work[work]]
        self._counts[prefix] = self._counts.get(prefix, 0) + 1
        step_id = StepId(f"{prefix}{self._counts[prefix]}")
        self._by_work[work] = step_id
        facts = tuple(self._facts_of(b) for _, bindings in inputs for b in bindings)
        asked = {name: self._asked(bound[0]) for name, bound in inputs if bound}
        by_card = estimate_call(card, facts, self._characters(inputs), asked)
        estimate = self.priors.corrected(card, by_card)
        step = PlanStep(
            id=step_id,
            task=task.id,
            tool=card.name,
            version=card.version,
            card_hash=card.card_hash,
            inputs=inputs,
            outputs=tuple(
                StepOutput(name=p.name, type=p.resource_type, many=p.many) for p in card.outputs
            ),
            after=self._after(task, inputs),
            estimate=estimate,
            # a tool that was quick so far may still take as long as its card says
            timeout_s=self.timeout_s or max(_timeout(by_card), _timeout(estimate)),
        )
        self._known[step_id] = step
        for port in card.outputs:
            ref = FromStep(step_id, port.name)
            self._facts[ref] = _guess(port.resource_type.root, facts)
            if port.type == "number.seconds":
                self._lengths[ref] = max((each.duration_s or 0.0 for each in facts), default=0.0)
        return step

    def _after(self, task: Task, inputs: Bindings) -> tuple[StepId, ...]:
        by_data = [b.step for _, bound in inputs for b in bound if isinstance(b, FromStep)]
        by_order = [self._ends[earlier] for earlier in task.after if earlier in self._ends]
        return tuple(dict.fromkeys((*by_data, *by_order)))

    def _facts_of(self, binding: Binding) -> MediaFacts:
        if isinstance(binding, FromResource):
            for each in self.request.attachments:
                if each.name == binding.name and each.resource:
                    return each.resource.facts
        return self._facts.get(binding, NO_FACTS)

    def _asked(self, binding: Binding) -> object:
        """The literal on a port, or the length that a step will find: that of what it reads."""
        return binding.value if isinstance(binding, Value) else self._lengths.get(binding) or None

    def _characters(self, inputs: Bindings) -> int:
        values = [b for _, bound in inputs for b in bound]
        spoken = sum(len(str(b.value)) for b in values if isinstance(b, Value))
        sizes = {
            each.name: each.resource.size_bytes
            for each in self.request.attachments
            if each.resource and each.type.root == "text"
        }
        return spoken + sum(sizes.get(b.name, 0) for b in values if isinstance(b, FromResource))

    def _fits_downstream(self, alternative: Alternative) -> bool:
        """Whether every port that takes a replaced output takes its stand-in as well."""
        for old, new in alternative.replaces:
            stand_in = self.output(new)
            for port in self._readers(old):
                if not port.resource_type.accepts(stand_in.type):
                    return False
                if stand_in.many and not port.many:
                    return False
        return True

    def _readers(self, ref: FromStep) -> Iterator[Port]:
        """The ports of the plan that are bound to an output."""
        for step in self._main.values():
            card = self.graph.card(step.tool)
            for name, bound in step.inputs:
                port = card.input(name)
                if port is not None and ref in bound:
                    yield port


def _put_what_is_said(card: ToolCard, task: Task, bound: dict[str, tuple[Binding, ...]]) -> None:
    """Bind values that the words state: to free ports, ports left open, and over the whole wish."""
    wish = {g.origin.value for g in task.given if isinstance(g.origin, Spoken) and is_own(g)}
    said = spoken_parameters(card, task)
    for port in card.inputs:
        if port.name not in said:
            continue
        value = Value(said[port.name], str(port.type))
        first = next(iter(bound.get(port.name, ())), None)
        is_left_open = isinstance(first, FromResource) and is_open(first.name)
        if (first is None and port.optional) or is_left_open or _is_one_of(first, wish):
            bound[port.name] = (value,)
            _unbind_elsewhere(card, value, said, bound)


def _unbind_elsewhere(
    card: ToolCard,
    value: Value,
    said: Collection[str],
    bound: dict[str, tuple[Binding, ...]],
) -> None:
    """Free the optional ports that hold a text only because no port was named for it."""
    for port in card.inputs:
        held = bound.get(port.name, ())
        if (
            port.optional
            and port.name not in said
            and any(_is_one_of(b, {value.value}) for b in held)
        ):
            del bound[port.name]


def _is_one_of(binding: Binding | None, values: Collection[object]) -> bool:
    return isinstance(binding, Value) and isinstance(binding.value, str) and binding.value in values


def _is_same_work(first: Solution, other: Solution) -> bool:
    """Whether another solution does what the first one does, in another way.

    The tools that make what is wanted are the same, or fit the words nearly as well.
    """
    makers = [[each.calls[ref.call].tool for ref in each.wanted] for each in (first, other)]
    return makers[0] == makers[1] or other.cost - first.cost <= _NEARLY_AS_GOOD


def total_estimate(steps: Sequence[PlanStep]) -> Estimate:
    """Of a plan: wall time along its longest path, everything else summed."""
    ends: dict[StepId, float] = {}
    for step in steps:
        begin = max((ends.get(earlier, 0.0) for earlier in step.after), default=0.0)
        ends[step.id] = begin + step.estimate.seconds
    return Estimate(
        seconds=round(max(ends.values(), default=0.0), 3),
        gpu_seconds=sum(step.estimate.gpu_seconds for step in steps),
        vram_bytes=max((step.estimate.vram_bytes for step in steps), default=0),
        usd=sum(step.estimate.usd for step in steps),
        tokens=sum(step.estimate.tokens for step in steps),
        source=_source(steps),
    )


def _source(steps: Sequence[PlanStep]) -> str:
    """Where the seconds of a plan come from: what all steps say, else how many were observed."""
    said = {step.estimate.source for step in steps}
    if len(said) == 1:
        return said.pop()
    count = sum(step.estimate.source.startswith("observed n=") for step in steps)
    return f"observed in {count} of {len(steps)} steps" if said else "card"


def _type_of(card: ToolCard, name: str) -> str:
    port = card.input(name)
    return str(port.type) if port else "text"


def _timeout(estimate: Estimate) -> float:
    return min(TIMEOUT_MOST_S, max(TIMEOUT_LEAST_S, TIMEOUT_FACTOR * estimate.seconds))


def _ancestors(
    bound: Mapping[str, tuple[Binding, ...]], known: Mapping[StepId, PlanStep]
) -> list[PlanStep]:
    """The steps that some bindings depend on, nearest first."""
    waiting = [b.step for each in bound.values() for b in each if isinstance(b, FromStep)]
    seen: dict[StepId, PlanStep] = {}
    while waiting:
        step_id = waiting.pop(0)
        if step_id not in seen:
            seen[step_id] = known[step_id]
            waiting += known[step_id].after
    return list(seen.values())


def _guess(root: str, inputs: tuple[MediaFacts, ...]) -> MediaFacts:
    """Facts an output probably has: a clip stays as long and a picture as large as its source."""
    durations = [facts.duration_s for facts in inputs if facts.duration_s]
    sized = next((facts for facts in inputs if facts.width_px), NO_FACTS)
    timed = max(durations, default=None) if root in _TIMED else None
    has_size = root in {"image", "video"}
    return MediaFacts(
        duration_s=timed,
        width_px=sized.width_px if has_size else None,
        height_px=sized.height_px if has_size else None,
    )
