"""Errors of tools, named by who acts next, and of the catalogue that lists them.

    ToolError
        InvalidInput      the caller changes the inputs; never retried
        Transient         the same call may succeed later; retried
        OutOfMemory       the runner frees memory, then retries
        ToolFailed        final; the planner may choose another path
        BadOutput         the tool broke its own contract; final, and a defect of the tool
        ToolUnavailable   the operator installs what is missing; `remedy` says how
        Cancelled         somebody asked to stop; not a failure
    CatalogueError        the registry or a card is wrong: file, line, field and way out

A tool error crosses process boundaries as `kind` and `message`, never as a pickled object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class ToolError(Exception):
    """Base of everything a tool call may raise; `kind` is stable and stored."""

    kind: ClassVar[str] = "tool_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInput(ToolError):
    """The caller must change the inputs; never retried."""

    kind: ClassVar[str] = "invalid_input"


class Transient(ToolError):
    """The same call may succeed later; retried."""

    kind: ClassVar[str] = "transient"


class OutOfMemory(ToolError):
    """The runner must free memory, then retry."""

    kind: ClassVar[str] = "out_of_memory"


class ToolFailed(ToolError):
    """Final; the planner may choose another path."""

    kind: ClassVar[str] = "tool_failed"


class BadOutput(ToolError):
    """The tool returned something its card does not promise; final."""

    kind: ClassVar[str] = "bad_output"


class ToolUnavailable(ToolError):
    """The tool cannot run on this machine; the message says what is missing and how to get it."""

    kind: ClassVar[str] = "unavailable"


class Cancelled(ToolError):
    """The run was asked to stop."""

    kind: ClassVar[str] = "cancelled"


_KINDS: dict[str, type[ToolError]] = {
    error.kind: error
    for error in (
        InvalidInput,
        Transient,
        OutOfMemory,
        ToolFailed,
        BadOutput,
        ToolUnavailable,
        Cancelled,
    )
}


def tool_error(kind: str, message: str) -> ToolError:
    """Rebuild an error that crossed a process boundary; an unknown kind is final."""
    return _KINDS.get(kind, ToolFailed)(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProblem:
    """One fault in a registry file.

    Attributes:
        file: Path as the user would type it.
        line: 1-based line of the field, or of its card when the field is missing.
        field: Dotted path inside the file, such as `tools[3].inputs[0].type`; empty when the file
            as a whole is at fault.
        message: What is wrong and the way out.
    """

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        field = f"{self.field}: " if self.field else ""
        return f"{self.file}:{self.line}: {field}{self.message}"


class CatalogueError(Exception):
    """A registry could not be loaded; nothing of it is used."""

    def __init__(self, problems: tuple[CardProblem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))
