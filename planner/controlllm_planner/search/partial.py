"""Partial solutions and how they grow; every strategy grows them in this one way.

A solution is built backwards from the wanted types. A partial solution holds calls whose ports are
bound or open; growing it closes its topmost open port in every sound way:

1. with a given resource of an accepted type,
2. with an output of a call that is already there (a shared result costs nothing),
3. with a new call of a tool that makes an accepted type; its required ports become open.

A list port takes all accepted given resources, an output that is a list, or a single output. When
no port is open, given resources that must be used and are not yet are offered to optional ports,
and an optional port may be opened for a type that must be made on the way.
What is found is sound by construction: every call is demanded by a port, no call feeds itself, one
source never fills two ports of one call, and a tool never repeats on its own way to the goal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controlllm_planner.search.base import Found, FoundCall, SearchProblem
from controlllm_planner.tool_graph import PortIndex

Source = tuple[int, int]
Maker = tuple[int, int]
"""A tool and the number of one of its outputs."""
Bound = tuple[tuple[PortIndex, tuple[Source, ...]], ...]

OpenPort = tuple[int, PortIndex]
"""A call and one of its ports."""

Demand = tuple[int, bool]
"""The type of an open port, and whether only an ending may fill it."""

WANT_CALL = 0
"""The first call of every partial solution stands for the person: its ports are the wants."""

FIRST_WANT = "0"
"""The port for the type that is wanted first."""

LIST_OF_ONE = 0.5
"""Cost of filling a list port with a single made thing: fine, but rarely what was meant."""

OPTIONAL_PORT = 0.05
"""Cost of using an optional port: a required one that fits is preferred."""


@dataclass(slots=True)
class Partial:
    """A solution in the making; never changed once made.

    Attributes:
        tools: Tool number of each call; -1 for the call that stands for the person.
        bound: Bound ports of each call.
        parents: The call that first demanded each call.
        open: Open ports as (call, port), topmost last.
        used: Bit mask of used given resources.
        via: Bit mask of via types met.
        cost: Sum so far.
    """

    tools: tuple[int, ...]
    bound: tuple[Bound, ...]
    parents: tuple[int, ...]
    open: tuple[OpenPort, ...]
    used: int
    via: int
    cost: float

    @property
    def steps(self) -> int:
        """Tool calls so far."""
        return len(self.tools) - 1


class Growth:
    """Grows partial solutions of one problem."""

    def __init__(
        self, problem: SearchProblem, max_steps: int, allowed: frozenset[int] | None = None
    ) -> None:
        self.problem = problem
        self.graph = problem.graph
        self.max_steps = max_steps
        self._allowed = allowed
        self._makers: dict[Demand, tuple[Maker, ...]] = {}
        self.must_use = sum(1 << i for i, start in enumerate(problem.starts) if start.required)
        self.must_via = (1 << len(problem.via)) - 1
        self._costs: list[float] = problem.call_costs.tolist()

    def root(self) -> Partial:
        """Nothing but the wants."""
        wants = [
            (WANT_CALL, PortIndex(type_, many=True, name=str(index)))  # a list is fine, too
            for index, type_ in enumerate(self.problem.wants)
        ]
        return Partial((-1,), ((),), (-1,), tuple(reversed(wants)), 0, 0, 0.0)

    def is_complete(self, partial: Partial) -> bool:
        """Whether it is a solution."""
        return (
            not partial.open
            and partial.steps > 0
            and partial.used & self.must_use == self.must_use
            and partial.via == self.must_via
        )

    def children(self, partial: Partial) -> Iterator[Partial]:
        """Every way to close the topmost open port, or to place an unused given resource."""
        yield from self.bindings(partial)
        for maker in self.new_makers(partial):
            child = self.with_new_call(partial, maker)
            if child is not None:
                yield child

    def bindings(self, partial: Partial) -> Iterator[Partial]:
        """The children that need no new call."""
        if not partial.open:
            yield from self._placements(partial)
            return
        call, port = partial.open[-1]
        if call != WANT_CALL:
            yield from self._from_given(partial, call, port)
        yield from self._from_calls(partial, call, port)

    def new_makers(self, partial: Partial) -> tuple[Maker, ...]:
        """The tools of which a new call may fill the topmost open port."""
        if not partial.open or partial.steps >= self.max_steps:
            return ()
        return self.makers(self.demand(partial.open[-1]))

    def demand(self, open_port: OpenPort) -> Demand:
        """What an open port asks for; the first want is for the endings alone, if there are any.

        It is topmost at the root, so that only a new call ever fills it.
        """
        return open_port[1].type, bool(self.problem.endings) and is_first_want(open_port)

    def with_new_call(self, partial: Partial, maker: Maker) -> Partial | None:
        """The child in which a new call fills the topmost port; None when that is not sound."""
        (call, port), (tool, index) = partial.open[-1], maker
        output = self.graph.tools[tool].outputs[index]
        if (output.many and not port.many) or tool in _lineage(partial, call):
            return None
        new = len(partial.tools)
        demanded = tuple((new, need) for need in reversed(self.graph.tools[tool].required))
        return Partial(
            (*partial.tools, tool),
            (*_bind(partial.bound, call, port, ((new, index),)), ()),
            (*partial.parents, call),
            partial.open[:-1] + demanded,
            partial.used,
            self._met(partial.via, output.type),
            partial.cost + self.cost_of_new_call(partial.open[-1], maker),
        )

    def cost_of_new_call(self, open_port: OpenPort, maker: Maker) -> float:
        """What a child costs more than its parent when a new call fills an open port."""
        (call, port), (tool, index) = open_port, maker
        output = self.graph.tools[tool].outputs[index]
        distance = self.graph.distances[port.type][output.type]
        return self._costs[tool] + self._binding_cost(distance, call, port, output)

    def _from_given(self, partial: Partial, call: int, port: PortIndex) -> Iterator[Partial]:
        accepted = self.graph.distances[port.type]
        taken = _sources_of(partial.bound[call])
        fitting = [
            (index, start.weight + accepted[start.type] * self.problem.subtype_cost)
            for index, start in enumerate(self.problem.starts)
            if start.type in accepted and (-1, index) not in taken and (port.many or not start.many)
        ]
        if port.many:
            starts = self.problem.starts
            listed = [
                each for each in fitting if starts[each[0]].required and not starts[each[0]].many
            ]
            if len(listed) > 1:
                yield self._close_with_given(partial, call, port, listed)
        for each in fitting:
            yield self._close_with_given(partial, call, port, [each])

    def _close_with_given(
        self, partial: Partial, call: int, port: PortIndex, given: list[tuple[int, float]]
    ) -> Partial:
        used = partial.used
        for index, _ in given:
            used |= 1 << index
        sources = tuple((-1, index) for index, _ in given)
        cost = partial.cost + sum(extra for _, extra in given)
        return Partial(
            partial.tools,
            _bind(partial.bound, call, port, sources),
            partial.parents,
            partial.open[:-1],
            used,
            partial.via,
            cost,
        )

    def _from_calls(self, partial: Partial, call: int, port: PortIndex) -> Iterator[Partial]:
        accepted = self.graph.distances[port.type]
        taken = _sources_of(partial.bound[call])
        for other in range(1, len(partial.tools)):
            for index, output in enumerate(self.graph.tools[partial.tools[other]].outputs):
                fits = output.type in accepted and (port.many or not output.many)
                if not fits or (other, index) in taken or _depends(partial.bound, other, call):
                    continue
                extra = self._binding_cost(accepted[output.type], call, port, output)
                yield Partial(
                    partial.tools,
                    _bind(partial.bound, call, port, ((other, index),)),
                    partial.parents,
                    partial.open[:-1],
                    partial.used,
                    self._met(partial.via, output.type),
                    partial.cost + extra,
                )

    def makers(self, demand: Demand) -> tuple[Maker, ...]:
        """The tools of which a call may meet a demand."""
        if demand not in self._makers:
            type_, by_ending = demand
            allowed, endings = self._allowed, self.problem.endings
            if by_ending:
                allowed = endings if allowed is None else endings & allowed
            self._makers[demand] = tuple(
                (tool, index)
                for tool, index in self.graph.making[type_]
                if self._costs[tool] < float("inf") and (allowed is None or tool in allowed)
            )
        return self._makers[demand]

    def _placements(self, partial: Partial) -> Iterator[Partial]:
        if partial.via != self.must_via:
            yield from self._openings(partial)
            return
        missing = self.must_use & ~partial.used
        if not missing:
            return
        index = (missing & -missing).bit_length() - 1
        start = self.problem.starts[index]
        for call in range(1, len(partial.tools)):
            held = {port.name for port, _ in partial.bound[call]}
            for port in self.graph.tools[partial.tools[call]].optional:
                distance = self.graph.distances[port.type].get(start.type)
                if distance is None or port.name in held or (start.many and not port.many):
                    continue
                extra = OPTIONAL_PORT + start.weight + distance * self.problem.subtype_cost
                yield Partial(
                    partial.tools,
                    _bind(partial.bound, call, port, ((-1, index),)),
                    partial.parents,
                    (),
                    partial.used | 1 << index,
                    partial.via,
                    partial.cost + extra,
                )

    def _openings(self, partial: Partial) -> Iterator[Partial]:
        """Optional ports that would take a type which must be made on the way, opened for it."""
        lacking = self.must_via & ~partial.via
        via = self.problem.via[(lacking & -lacking).bit_length() - 1]
        for call in range(1, len(partial.tools)):
            held = {port.name for port, _ in partial.bound[call]}
            for port in self.graph.tools[partial.tools[call]].optional:
                if via in self.graph.distances[port.type] and port.name not in held:
                    yield Partial(
                        partial.tools,
                        partial.bound,
                        partial.parents,
                        ((call, PortIndex(via, port.many, port.name)),),
                        partial.used,
                        partial.via,
                        partial.cost + OPTIONAL_PORT,
                    )

    def _binding_cost(self, distance: int, call: int, port: PortIndex, output: PortIndex) -> float:
        if call == WANT_CALL:
            return 0.0  # a person who wants a picture is served by any kind of picture
        single = LIST_OF_ONE if port.many and not output.many else 0.0
        return distance * self.problem.subtype_cost + single

    def _met(self, via: int, type_: int) -> int:
        for index, wanted in enumerate(self.problem.via):
            if type_ in self.graph.distances[wanted]:
                via |= 1 << index
        return via


def is_first_want(open_port: OpenPort) -> bool:
    """Whether an open port is the person's, for the type that is wanted first."""
    call, port = open_port
    return call == WANT_CALL and port.name == FIRST_WANT


def solution_of(partial: Partial) -> Found | None:
    """A complete partial solution in runnable order; None when two of its calls are the same."""
    order: list[int] = []
    _visit(partial, WANT_CALL, order)
    place = {call: position for position, call in enumerate(order[:-1])}
    calls = []
    for call in order[:-1]:
        bound = tuple(
            (port.name, tuple(_renumber(source, place) for source in sources))
            for port, sources in partial.bound[call]
        )
        calls.append(FoundCall(tool=partial.tools[call], bound=tuple(sorted(bound))))
    if len(set(calls)) < len(calls):
        return None
    wanted = sorted(
        (int(port.name), _renumber(sources[0], place)) for port, sources in partial.bound[WANT_CALL]
    )
    return Found(
        calls=tuple(calls), wanted=tuple(source for _, source in wanted), cost=partial.cost
    )


def _visit(partial: Partial, call: int, order: list[int]) -> None:
    """Append a call after everything it depends on (depth first)."""
    if call in order:
        return
    for _, sources in partial.bound[call]:
        for other, _ in sources:
            if other >= 0:
                _visit(partial, other, order)
    order.append(call)


def _renumber(source: Source, place: dict[int, int]) -> Source:
    return source if source[0] < 0 else (place[source[0]], source[1])


def _sources_of(bound: Bound) -> set[Source]:
    return {source for _, sources in bound for source in sources}


def _bind(
    bound: tuple[Bound, ...], call: int, port: PortIndex, sources: tuple[Source, ...]
) -> tuple[Bound, ...]:
    return (*bound[:call], (*bound[call], (port, sources)), *bound[call + 1 :])


def _depends(bound: tuple[Bound, ...], call: int, on: int) -> bool:
    """Whether a call needs another one, directly or not."""
    if call == on:
        return True
    return any(
        other >= 0 and _depends(bound, other, on)
        for _, sources in bound[call]
        for other, _ in sources
    )


def _lineage(partial: Partial, call: int) -> set[int]:
    """The tools from a call up to the goal."""
    tools = set()
    while call > WANT_CALL:
        tools.add(partial.tools[call])
        call = partial.parents[call]
    return tools
