"""What a call is expected to cost, and what that is worth under a preference.

Search minimises one number, a sum over calls:

    -ln(relevance) * w.relevance + ln(1 + seconds) * w.seconds + usd * w.usd
        + per_step + subtype distance of each binding * SUBTYPE

Every term is at least zero, so partial plans never get cheaper and A* stays exact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from controlllm_planner.task import Preference
from controlllm_tools.card import NOTHING_ASKED, ToolCard
from controlllm_tools.resources import MediaFacts

SUBTYPE = 0.15
"""Cost of using a refined resource where its family would do, per refinement."""

RELEVANCE_FLOOR = 0.05
"""A tool that no word points to is unlikely, not impossible: it may connect two that are."""

_TYPICAL = MediaFacts(width_px=1_280, height_px=720, duration_s=30.0, pages=3)
"""Stands in for inputs whose facts are not known while planning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each kind of cost counts."""

    relevance: float
    seconds: float
    usd: float
    per_step: float


WEIGHTS: dict[Preference, Weights] = {
    "balanced": Weights(relevance=1.0, seconds=0.08, usd=20.0, per_step=0.25),
    "fast": Weights(relevance=1.0, seconds=0.5, usd=10.0, per_step=0.25),
    "cheap": Weights(relevance=1.0, seconds=0.05, usd=200.0, per_step=0.25),
    "best": Weights(relevance=1.2, seconds=0.0, usd=2.0, per_step=0.15),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a step or a plan is expected to use.

    Attributes:
        seconds: Wall time; of a plan, along its longest path.
        gpu_seconds: Time on a GPU, summed.
        vram_bytes: Most GPU memory at once.
        usd: Money, summed.
        tokens: Language-model tokens, summed.
        source: Where the numbers come from: `card`, or `observed n=...`.
    """

    seconds: float = 0.0
    gpu_seconds: float = 0.0
    vram_bytes: int = 0
    usd: float = 0.0
    tokens: int = 0
    source: str = "card"

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {name: getattr(self, name) for name in Estimate.__slots__}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Undo `to_json`."""
        return cls(**data)


def relevance_costs(scores: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """Cost of each tool for how it fits the words, from its relevance; zero for a perfect fit."""
    unlikely: NDArray[np.float64] = -np.log(np.clip(scores, RELEVANCE_FLOOR, 1.0))
    return unlikely * weights.relevance


def fixed_cost(card: ToolCard, weights: Weights) -> float:
    """The part of a call's cost that does not depend on the task's words."""
    seconds = card.seconds_for((_TYPICAL,))
    return weights.per_step + math.log1p(seconds) * weights.seconds + card.cost.usd * weights.usd


def estimate_call(
    card: ToolCard,
    inputs: tuple[MediaFacts, ...],
    characters: int = 0,
    asked: Mapping[str, object] = NOTHING_ASKED,
) -> Estimate:
    """Expected use of one call.

    Args:
        card: The tool.
        inputs: Known or guessed facts of everything that is bound, each item of a list counted.
        characters: Of all text that is bound.
        asked: Literal values by port; those that are no numbers cost nothing.
    """
    numbers = {port: value for port, value in asked.items() if isinstance(value, int | float)}
    seconds = card.seconds_for(inputs, characters, numbers)
    vram = card.needs.gpu.vram_bytes
    return Estimate(
        seconds=round(seconds, 3),
        gpu_seconds=round(seconds, 3) if vram else 0.0,
        vram_bytes=vram,
        usd=card.cost.usd,
    )
