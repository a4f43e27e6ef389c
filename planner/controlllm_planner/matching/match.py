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
    def of_scores(cls, none: float, tools: Matrix, temperature: float = 1.0) -> Match:
        """Probabilities of scores: one softmax over all tools and none."""
        none, tools = none / temperature, tools / np.float32(temperature)
        highest = max(none, float(tools.max(initial=none)))
        odds = np.exp(tools - highest)
        other = float(np.exp(none - highest))
        total = other + float(odds.sum())
        return cls((odds / total).astype(np.float32), other / total)

    @classmethod
    def together(cls, views: Sequence[Match]) -> Match:
        """What several views of one clause say together; at least one.

        Their mean, made surer: the mean of honest probabilities is less sure than it is right
        (Ranjan and Gneiting, "Combining probability forecasts", 2010).
        """
        if len(views) == 1:
            return views[0]
        tools: Matrix = np.mean([view.tools for view in views], axis=0) ** _SURER
        none = float(np.mean([view.none for view in views])) ** _SURER
        total = none + float(tools.sum())
        return cls((tools / total).astype(np.float32), none / total)
