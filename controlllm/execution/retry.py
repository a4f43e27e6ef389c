"""Which failures are tried again, how often and after how long; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Retries:
    """How one kind of failure is retried.

    Attributes:
        attempts: Attempts in all, the first one included.
        delay_s: Wait before the second attempt; doubles with every further one.
    """

    attempts: int
    delay_s: float = 0.0


NEVER = Retries(attempts=1)

BY_KIND: Mapping[str, Retries] = {
    "transient": Retries(attempts=3, delay_s=0.5),
    "out_of_memory": Retries(attempts=2, delay_s=1.0),
    "worker_lost": Retries(attempts=2),
}
"""Only failures that may pass. A time-out is final: the next try would take as long."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The table of retries of a run."""

    by_kind: Mapping[str, Retries] = field(default_factory=lambda: BY_KIND)

    def delay_before_next(self, kind: str, attempt: int) -> float | None:
        """Seconds to wait before the next attempt; None when there is none.

        Args:
            kind: Kind of the failure.
            attempt: Number of the attempt that failed, from 1.
        """
        retries = self.by_kind.get(kind, NEVER)
        if attempt >= retries.attempts:
            return None
        return float(retries.delay_s * 2 ** (attempt - 1))
