"""What a run has used, and which budget stops it; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from controlllm_planner.cost import Estimate
from controlllm_planner.task import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was used so far.

    Attributes:
        gpu_s: GPU-seconds of the attempts begun, as estimated.
        usd: Money of started steps.
        tokens: Language-model tokens of started steps.
        steps: Attempts started.
        stored_bytes: Bytes of artefacts made.
    """

    gpu_s: float = 0.0
    usd: float = 0.0
    tokens: int = 0
    steps: int = 0
    stored_bytes: int = 0

    def with_start(self, estimate: Estimate) -> Usage:
        """After one more attempt was started: what it is expected to take is reserved."""
        return replace(
            self,
            gpu_s=self.gpu_s + estimate.gpu_seconds,
            usd=self.usd + estimate.usd,
            tokens=self.tokens + estimate.tokens,
            steps=self.steps + 1,
        )

    def with_stored(self, size_bytes: int) -> Usage:
        """After more bytes were stored."""
        return replace(self, stored_bytes=self.stored_bytes + size_bytes)


@dataclass(frozen=True, slots=True)
class Excess:
    """A budget that is over: its name, the use, and the limit."""

    budget: str
    used: float
    limit: float


def excess(budget: Budget, usage: Usage) -> Excess | None:
    """The first budget that the usage passes; wall time is the runner's to watch."""
    pairs = (
        ("gpu_s", usage.gpu_s, budget.gpu_s),
        ("usd", usage.usd, budget.usd),
        ("tokens", usage.tokens, budget.tokens),
        ("steps", usage.steps, budget.steps),
        ("stored_bytes", usage.stored_bytes, budget.stored_bytes),
    )
    for name, used, limit in pairs:
        if limit is not None and used > limit:
            return Excess(name, used, limit)
    return None
