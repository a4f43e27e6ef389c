"""Make the matcher's probabilities as often right as they say, by one temperature.

Only whole requests are labelled, so what can be judged is the tool that a clause most likely asks
for, when it rather asks for that than for nothing: it is right when the request needs the tool.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10
TEMPERATURES = np.exp(np.linspace(np.log(0.4), np.log(4.0), 93))
_LEAST = 1e-6


@dataclass(frozen=True)
class Choice:
    """What a matcher thought of one clause.

    Attributes:
        scores: Before the softmax, `(1 + tools,)`; the first is for no tool.
        needed: Numbers of the tools that the request needs.
    """

    scores: np.ndarray
    needed: frozenset[int]


def judged(choices: Sequence[Choice], temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """The probability of each choice of a tool, and whether it was right: `(choices,)` each."""
    said, right = [], []
    for choice in choices:
        best = int(choice.scores.argmax())
        if best > 0:
            odds = np.exp((choice.scores - choice.scores[best]) / temperature)
            said.append(float(1.0 / odds.sum()))
            right.append(best - 1 in choice.needed)
    return np.array(said), np.array(right, dtype=float)


def expected_error(said: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error: how far what is said is from what is right, on average.

    The choices are put into ten bins of equal width by what is said; the distance of the mean of
    what is said from the share that is right is averaged over bins, by how many choices each holds
    (Naeini and others, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", 2015).
    """
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    gaps = [abs(said[bins == each].sum() - right[bins == each].sum()) for each in range(BINS)]
    return sum(gaps) / len(said)


def best_temperature(choices: Sequence[Choice]) -> float:
    """The temperature under which what was right and wrong is likeliest."""

    def surprise(temperature: float) -> float:
        said, right = judged(choices, temperature)
        said = np.clip(said, _LEAST, 1 - _LEAST)
        return -float(np.mean(right * np.log(said) + (1 - right) * np.log1p(-said)))

    return float(min(TEMPERATURES, key=surprise))
