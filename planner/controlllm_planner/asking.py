"""Find out what to ask the person for, by planning as if it were there.

A plan that works on words for want of a file is planned again with that file left open. Only what
the new plan really uses is asked for, so that handing it over is known to help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from controlllm_planner.errors import (
    CannotDecompose,
    MissingInput,
    NoSolution,
    SearchCutShort,
    ToolRefused,
)
from controlllm_planner.missing_input import (
    missing_inputs,
    other_values,
    with_handed_over,
    with_open,
)
from controlllm_planner.plan import GivenRef
from controlllm_planner.stand_ins import Gap, is_own
from controlllm_planner.task import Request
from controlllm_planner.tool_graph import ToolGraph
from controlllm_planner.trace import Answer, Trace
from controlllm_tools.resources import ResourceType

_ROUNDS = 3
"""How often a request is planned anew with what it lacks, until nothing more is found missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan that may lack something, or why there is none.

    Attributes:
        outcome: The plan and how it came about, or why there is none.
        found: The ports that want something from the person.
        asks: Whether something that the person hands over may help.
    """

    outcome: Trace | NoSolution
    found: tuple[Gap, ...] = ()
    asks: bool = False

    @property
    def trace(self) -> Trace | None:
        """The plan and how it came about, where there is one."""
        return self.outcome if isinstance(self.outcome, Trace) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Plans a request until nothing more is found missing.

    Attributes:
        graph: The catalogue.
        file_types: Types that a person may hand over as files.
        draft: Plans a request as it stands.
        again: The same for a request that was planned before with less, while there is time for
            that: else it raises `SearchCutShort`.
    """

    graph: ToolGraph
    file_types: frozenset[ResourceType]
    draft: Callable[[Request], Draft]
    again: Callable[[Request], Draft]

    def best(self, request: Request) -> Draft:
        """The best draft; at most five plans are made, and one for a request that lacks nothing.

        When there is no time for more of them, the best one so far stands.
        """
        request = with_handed_over(request, self.graph, self.file_types)
        first = self.draft(request)
        if first.trace is not None and request.attachments:
            return first  # beside what is there, a thing that is not would only be in the way
        latest, request = self._with_what_is_spoken_of(first, request)
        for _ in range(_ROUNDS):
            wider = with_open(request, latest.found, self.graph, self.file_types)
            if not latest.asks or wider == request:
                break
            request = wider
            latest = self._try(request) or latest
        if latest.trace is not None or latest is first:
            return latest
        # nothing that a person could hand over would help: the first answer stays
        return replace(first, found=())

    def missing(self, draft: Draft) -> tuple[MissingInput, ...]:
        """What the person is asked for before a draft can be run."""
        if draft.trace is None:
            return ()
        trace = draft.trace
        missing = missing_inputs(trace.plan, draft.found, self.graph, self.file_types)
        solved = ((answer.task, answer.solutions[0]) for answer in trace.answers)
        other = other_values(solved, self.graph)
        return tuple({(each.tool, each.port): each for each in (*missing, *other)}.values())

    def _with_what_is_spoken_of(self, first: Draft, request: Request) -> tuple[Draft, Request]:
        """The draft with what the words call there, where it does something else with the words."""
        if first.trace is None or first.found or not _speaking(first.trace):
            return first, request
        wider = with_open(request, (), self.graph, self.file_types)
        other = self._try(wider) if wider != request else None
        if other is None or other.trace is None or _speaking(other.trace):
            return first, request
        if _speaking(first.trace) <= _ends(other.trace.answers):
            return first, request
        return (other, wider) if self.missing(other) else (first, request)

    def _try(self, request: Request) -> Draft | None:
        with suppress(CannotDecompose, SearchCutShort, ToolRefused):
            return self.again(request)
        return None


def _ends(answers: Iterable[Answer]) -> frozenset[str]:
    """The tools that make what is wanted."""
    solutions = [answer.solutions[0] for answer in answers]
    return frozenset(one.calls[made.call].tool for one in solutions for made in one.wanted)


def _speaking(trace: Trace) -> frozenset[str]:
    """Those of them whose wish is met by working on its own words."""
    return _ends(answer for answer in trace.answers if _works_on_words(answer))


def _works_on_words(answer: Answer) -> bool:
    refs = (r for call in answer.solutions[0].calls for _, refs in call.inputs for r in refs)
    return any(isinstance(r, GivenRef) and is_own(answer.task.given[r.index]) for r in refs)
