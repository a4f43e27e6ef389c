"""Why a request has no plan; each error says who acts next.

    PlanningError
        InvalidRequest     the request itself is empty, too long or names what does not exist
        CannotDecompose    the words lead to no known tool; the person says it differently
        NoSolution         the tools cannot do it; the proof names the missing capability
        ToolRefused        the tool is there and may not be used; the reason says what would help
        NeedsInput         one value is missing; the person gives it
        SearchCutShort     the search was stopped before it found or ruled out a way
        OverBudget         a plan exists and would cost more than the request allows

They are values of the conversation with a person, so each carries its parts as data as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class PlanningError(Exception):
    """Base; `kind` is stable and part of the batch format."""

    kind: ClassVar[str] = "planning_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequest(PlanningError):
    """The request is empty, too long, or names an attachment that was not handed over."""

    kind: ClassVar[str] = "invalid_request"


class CannotDecompose(PlanningError):
    """No part of the request could be matched to a tool.

    Attributes:
        understood: The parts that could be matched, in order.
        not_understood: The parts that could not.
    """

    kind: ClassVar[str] = "cannot_decompose"

    def __init__(self, understood: tuple[str, ...], not_understood: tuple[str, ...]) -> None:
        self.understood = understood
        self.not_understood = not_understood
        missed = "; ".join(repr(part[:80]) for part in not_understood)
        known = "; ".join(repr(part[:80]) for part in understood) or "nothing"
        super().__init__(
            f"no tool matches {missed} (understood: {known}); say what should be made from which "
            "file, or look at `controlllm tools list`"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingCapability:
    """A tool that does not exist and would connect what is given with what is wanted.

    Attributes:
        inputs: Types it could start from.
        output: Type it would have to make.
    """

    inputs: tuple[str, ...]
    output: str

    def __str__(self) -> str:
        start = " or ".join(self.inputs) if self.inputs else "nothing"
        return f"a tool from {start} to {self.output}"


class NoSolution(PlanningError):
    """No chain of tools leads from what is given to what is wanted.

    Attributes:
        goal: The part of the request without a route.
        reachable: Every type that can be made; the proof that the wanted one cannot.
        missing: The smallest set of capabilities that would open a route; empty when each wanted
            type can be made, and only not from everything that was given.
    """

    kind: ClassVar[str] = "no_route"

    def __init__(
        self,
        goal: str,
        wanted: str,
        reachable: tuple[str, ...],
        missing: tuple[MissingCapability, ...],
        given: tuple[str, ...] = (),
    ) -> None:
        self.goal = goal
        self.reachable = reachable
        self.missing = missing
        if not missing:
            start = " and ".join(given) or "what was given"
            msg = f"no chain of tools leads from {start} to {wanted} for {goal[:80]!r}"
            super().__init__(f"{msg}; hand over something else, or ask for one thing at a time")
            return
        can = ", ".join(reachable[:12]) or "nothing"
        lack = " and ".join(str(each) for each in missing)
        bridge = f"; {lack} would connect these"
        super().__init__(f"no route to {wanted} for {goal[:80]!r}: reachable are {can}{bridge}")


class ToolRefused(PlanningError):
    """The tool that the words ask for may not be used, and no other does its work.

    Attributes:
        goal: The part of the request.
        tool: The tool.
        reason: Why not: what is missing here, or which limit of the request forbids it.
    """

    kind: ClassVar[str] = "tool_refused"

    def __init__(self, goal: str, tool: str, reason: str) -> None:
        self.goal = goal
        self.tool = tool
        self.reason = reason
        super().__init__(f"{tool} would do {goal[:80]!r}, but it may not be used: {reason}")


class NeedsInput(PlanningError):
    """A required value is nowhere in the request and no tool makes it.

    Attributes:
        tool: The tool that wants it.
        port: Its port.
        type: What the port accepts.
    """

    kind: ClassVar[str] = "needs_input"

    def __init__(self, tool: str, port: str, type_: str, hint: str = "") -> None:
        self.tool = tool
        self.port = port
        self.type = type_
        more = f" ({hint})" if hint else ""
        super().__init__(f"{tool} needs {type_} for {port!r}{more}; attach a file or say the value")


class SearchCutShort(PlanningError):
    """The search was stopped by its bounds before it found a way or could rule it out."""

    kind: ClassVar[str] = "search_cut_short"

    def __init__(self, goal: str, expanded: int) -> None:
        super().__init__(
            f"no way was found for {goal[:80]!r} within {expanded} partial solutions; that is no "
            "proof that there is none: ask for less at once, or try again on a quieter machine"
        )


class OverBudget(PlanningError):
    """The plan's estimate is over a budget of the request; nothing was run."""

    kind: ClassVar[str] = "over_budget"
