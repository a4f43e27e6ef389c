"""What one clause asks for, in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from controlllm_planner.matching.word_vectors import Matrix

_SURER = 1.25
"""Power of the mean of views, chosen on requests that the weights did not know."""


@dataclass(frozen=True, slots=True)
class Match:
    """What one clause asks for.

    Attributes:
        tools: Probability of each tool.
        none: Probability that it asks for none.
    """

    tools: Matrix
    none: float

    @property
    def likeliest(self) -> int:
        """Number of the tool that it most likely asks for."""
        return int(self.tools.argmax())

    @property
    def best(self) -> float:
        """Probability of that tool."""
        return float(self.tools.max(initial=0.0))

    @classmethod
    def of_scores(cls, none: Matrix, tools: Matrix, temperature: float = 1.0) -> list[Match]:
        """Probabilities of the scores of some clauses: one softmax over all tools and none.

        Args:
            none: `(clauses,)`.
            tools: `(clauses, tools)`.
            temperature: By which scores are divided.
        """
        highest = np.maximum(none, tools.max(axis=1, initial=-np.inf))[:, None]
        scale = np.float32(1 / temperature)
        odds, other = np.exp((tools - highest) * scale), np.exp((none[:, None] - highest) * scale)
        total = other + odds.sum(axis=1, keepdims=True)
        odds /= total
        return list(map(cls, odds, (other / total)[:, 0].tolist()))

    @classmethod
    def together(cls, views: Sequence[Match]) -> Match:
        """What several views of one clause say together; at least one.

        Their mean, made surer: the mean of honest probabilities is less sure than it is right
        (Ranjan and Gneiting, "Combining probability forecasts", 2010).
        """
        if len(views) == 1:
            return views[0]
        tools: Matrix = np.stack([view.tools for view in views]).sum(axis=0)
        tools **= np.float32(_SURER)
        none = float(sum(view.none for view in views) ** _SURER)
        total = none + float(tools.sum())
        return cls(tools / np.float32(total), none / total)
