"""Errors of the service, named by who acts next.

    ControlLLMError
        RunNotFound          the caller gives another run id
        UnknownHandle        the caller gives another artefact handle; the message lists valid ones
        RunConflict          somebody else is executing the run, or it is already finished
        ArtifactLost         the caller replays the run that made it; its bytes are gone or changed
        StoreUnavailable     the operator looks at the database; nothing was half-written
        ConfigurationError   the operator corrects a setting

Errors of planning are in `controlllm_planner.errors`, errors of tools in `controlllm_tools.errors`.
"""

from __future__ import annotations

from typing import ClassVar


class ControlLLMError(Exception):
    """Base; `kind` is stable."""

    kind: ClassVar[str] = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RunNotFound(ControlLLMError):
    """No run has this id."""

    kind: ClassVar[str] = "run_not_found"


class UnknownHandle(ControlLLMError):
    """No artefact has this handle, or several begin like it."""

    kind: ClassVar[str] = "unknown_handle"


class RunConflict(ControlLLMError):
    """The run cannot be taken up now."""

    kind: ClassVar[str] = "run_conflict"


class ArtifactLost(ControlLLMError):
    """The bytes of an artefact are gone or changed; a replay of its run makes them again."""

    kind: ClassVar[str] = "artifact_lost"


class StoreUnavailable(ControlLLMError):
    """The database did not take the write in time; what was committed before stays."""

    kind: ClassVar[str] = "store_unavailable"


class ConfigurationError(ControlLLMError):
    """A setting is wrong."""

    kind: ClassVar[str] = "configuration"
