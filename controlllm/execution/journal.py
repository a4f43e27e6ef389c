"""What execution needs of a store; the provenance package satisfies it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from controlllm.events import RunEvent, RunId
from controlllm.records import CachedResult, Claim


class Journal(Protocol):
    """An append-only record of events; every call is one transaction and may block."""

    def append(self, claim: Claim, events: Sequence[RunEvent]) -> None:
        """Commit events, all or none.

        Raises:
            RunConflict: Another process has claimed the run since.
            StoreUnavailable: The database does not take writes now.
        """

    def find_result(self, key: str) -> CachedResult | None:
        """The result of a step with this key that succeeded, in any run."""

    def renew(self, claim: Claim) -> bool:
        """Extend the claim; false when somebody else has the run."""

    def is_cancel_requested(self, run_id: RunId) -> bool:
        """Whether somebody asked to stop the run."""
