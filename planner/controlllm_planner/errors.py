"""Why a request has no plan; each error says who acts next.

    PlanningError
        InvalidRequest     the request itself is empty, too long or names what does not exist
        CannotDecompose    the words lead to no known tool; the person says it differently
        NoSolution         the tools cannot do it; the proof names the missing capability
        ToolRefused        the tool is there and may not be used; the reason says what would help
        NeedsInput         a file or a value is missing; the person gives it
        SearchCutShort     the search was stopped before it found or ruled out a way
        OverBudget         a plan exists and would cost more than the request allows

They are values of the conversation with a person, so each carries its parts as data as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


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
        language: The language of the request, when that is the reason.
    """

    kind: ClassVar[str] = "cannot_decompose"

    def __init__(
        self, understood: tuple[str, ...], not_understood: tuple[str, ...], language: str = ""
    ) -> None:
        self.understood = understood
        self.not_understood = not_understood
        self.language = language
        missed = "; ".join(repr(part[:80]) for part in not_understood)
        known = "; ".join(repr(part[:80]) for part in understood) or "nothing"
        if language:
            super().__init__(
                f"this looks like {language}, and ControlLLM reads English for now (understood: "
                f"{known}); say in English what should be made from which file"
            )
            return
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
        then: The tools that would go on from there to what is wanted, in order.
    """

    inputs: tuple[str, ...]
    output: str
    then: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return self.said(str)

    def said(self, say: Callable[[str], str]) -> str:
        """In words, with the types as `say` calls them."""
        start = " or ".join(dict.fromkeys(map(say, self.inputs))) if self.inputs else "nothing"
        return f"a tool from {start} to {say(self.output)}"


@dataclass(frozen=True, slots=True)
class Closed:
    """A tool that is there, would open a route, and may not be used.

    Attributes:
        tool: Its name.
        reason: Why not: what is missing here, or which limit of the request forbids it.
    """

    tool: str
    reason: str

    def __str__(self) -> str:
        return f"{self.tool} would open one, but may not be used: {self.reason}"


class NoSolution(PlanningError):
    """No chain of tools leads from what is given to what is wanted.

    Attributes:
        goal: The part of the request without a route.
        reachable: Every type that can be made; the proof that the wanted one cannot.
        missing: The smallest set of capabilities that would open a route; empty when each wanted
            type can be made, and only not from everything that was given.
        closed: Tools that would open a route and may not be used.
    """

    kind: ClassVar[str] = "no_route"

    def __init__(
        self,
        goal: str,
        message: str,
        reachable: tuple[str, ...] = (),
        missing: tuple[MissingCapability, ...] = (),
        closed: tuple[Closed, ...] = (),
    ) -> None:
        self.goal = goal
        self.reachable = reachable
        self.missing = missing
        self.closed = closed
        super().__init__(message)


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


_CHOICES_SAID = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingInput:
    """One thing that a tool needs and that the person has not given.

    Attributes:
        tool: The tool that wants it.
        port: Its port.
        type: What the port accepts.
        description: What the card says of the port, or of the type.
        choices: The only values it may be; empty for any.
        examples: What could be given, or words that a person would say to get this tool.
        is_file: Whether it is rather handed over as a file than said.
    """

    tool: str
    port: str
    type: str
    description: str = ""
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    is_file: bool = True

    def __str__(self) -> str:
        plain = self.description in {"", self.type, self.port}
        about = "" if plain else f" ({self.description})"
        kind = "a choice" if self.choices else self.type
        return f"{self.tool} needs {kind} for its {self.port!r}{about}: {self._way_out()}"

    def _way_out(self) -> str:
        if self.choices:
            more = len(self.choices) - _CHOICES_SAID
            rest = f", or {more} more" if more > 0 else ""
            return f"say one of {', '.join(self.choices[:_CHOICES_SAID])}{rest}"
        if not self.is_file:
            example = f", as in {self.examples[0]!r}" if self.examples else ""
            return f"say it in the request{example}"
        text = self.type == "text" or self.type.startswith("text.")
        either = "say it in quotation marks, or append" if text else "append"
        return f"{either} the path of a file to the command"

    def to_json(self) -> dict[str, Any]:
        """As the batch format and `--json` write it."""
        return {
            "tool": self.tool,
            "port": self.port,
            "type": self.type,
            "description": self.description,
            "choices": list(self.choices),
            "examples": list(self.examples),
            "message": str(self),
        }


class NeedsInput(PlanningError):
    """Things are missing that nothing in the request is and no tool should make up.

    Attributes:
        missing: All of them, in the order of the plan.
        draft: The plan that would be made with them, as data; None when there is none yet.
    """

    kind: ClassVar[str] = "needs_input"

    def __init__(
        self, missing: tuple[MissingInput, ...], draft: Mapping[str, Any] | None = None
    ) -> None:
        self.missing = missing
        self.draft = draft
        one, more = str(missing[0]), "".join(f"\n  {each}" for each in missing)
        super().__init__(one if len(missing) == 1 else f"{len(missing)} things are missing:{more}")


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
