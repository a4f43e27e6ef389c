"""What execution needs of a store; the provenance package satisfies it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from controlllm.events import RunEvent, RunId
from controlllm.records import CachedResult, Claim, NewRun


class Journal(Protocol):
    """An append-only record of events; every call is one transaction and may block."""

    def append(self, claim: Claim, events: Sequence[RunEvent]) -> None:
        """Commit events, all or none; no events are nothing to do.

        Raises:
            RunConflict: Another process has claimed the run since, the run is finished, or its
                next event has another number.
            StoreUnavailable: The database does not take writes now.
            ValueError: The events are of another run, or have a gap.
        """

    def find_result(self, key: str) -> CachedResult | None:
        """The latest result of a step with this key that succeeded, in any run."""

    def renew(self, claim: Claim) -> bool:
        """Extend the claim; false when somebody else has the run."""

    def is_cancel_requested(self, run_id: RunId) -> bool:
        """Whether somebody asked to stop the run."""


class RunJournal(Journal, Protocol):
    """A journal that also accepts runs and hands each to one process at a time."""

    def create(self, new: NewRun) -> Claim:
        """Accept a run with its plan and first events: once this returns, all of it is stored.

        Raises:
            RunConflict: There is a run with this id.
            StoreUnavailable: The database does not take writes now.
        """

    def claim(self, run_id: RunId, owner: str, is_gone: Callable[[str], bool]) -> Claim:
        """Take a run over, if nobody alive has it.

        Args:
            run_id: The run.
            owner: Who takes it.
            is_gone: Whether an owner is known to be dead; then its lease need not run out.

        Raises:
            RunNotFound: There is no such run.
            RunConflict: It is finished, or a living process executes it.
        """

    def release(self, claim: Claim) -> None:
        """Give a run back unfinished, so that it can be claimed at once."""

    def request_cancel(self, run_id: RunId) -> None:
        """Ask whoever executes a run to stop it for good.

        Raises:
            RunNotFound: There is no such run.
            RunConflict: It is finished.
        """

    def events(self, run_id: RunId, after: int = 0) -> list[RunEvent]:
        """Events of a run in order, from the one after `after`.

        Raises:
            RunNotFound: There is none with this id.
        """
