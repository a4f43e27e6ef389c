"""What a call is expected to cost, and what that is worth under a preference.

Search minimises one number, a sum over calls:

    -ln(relevance) * w.relevance + ln(1 + seconds) * w.seconds + usd * w.usd
        + ln(RELIABLE / expected success) * w.unreliability, when that is above zero
        + per_step + subtype distance of each binding * SUBTYPE

Every term is at least zero, so partial plans never get cheaper and A* stays exact. Seconds and
success are those of the card until a tool was seen to run (see `priors`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from controlllm_planner.task import Preference
from controlllm_tools.card import NOTHING_ASKED, ToolCard
from controlllm_tools.resources import MediaFacts, Resource

SUBTYPE = 0.15
"""Cost of using a refined resource where its family would do, per refinement."""

RELEVANCE_FLOOR = 0.05
"""A tool that no word points to is unlikely, not impossible: it may connect two that are."""

TEXT_ROOTS = ("text", "table")
"""Kinds of resources whose characters count."""

RELIABLE = 0.85
"""From this expected success on a tool counts as reliable. What lies above is too near to the doubt
that every tool meets with: one failure must not move plans from a tool to its equal."""

_TYPICAL = MediaFacts(width_px=1_280, height_px=720, duration_s=30.0, pages=3)
"""Stands in for inputs whose facts are not known while planning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each kind of cost counts.

    A call that fails takes more with it than itself: what stands after it, and the person's time.
    """

    relevance: float
    seconds: float
    usd: float
    per_step: float
    unreliability: float = 1.5


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
        source: Where the seconds come from: `card`, or `observed n=...`; of a plan also
            `observed in 2 of 3 steps`.
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


def unreliability_cost(expected_success: float, weights: Weights) -> float:
    """Cost of a call for how often it fails; zero for a tool that counts as reliable.

    Args:
        expected_success: Probability that the call delivers, above 0.
        weights: How much it counts.
    """
    return weights.unreliability * max(0.0, math.log(RELIABLE / expected_success))


def fixed_cost(card: ToolCard, weights: Weights, seconds: float | None = None) -> float:
    """The part of a call's cost that does not depend on the task's words.

    Args:
        card: The tool.
        weights: How much seconds, money and steps count.
        seconds: What a call on typical inputs takes; by default, what the card says.
    """
    if seconds is None:
        seconds = typical_seconds(card)
    return weights.per_step + math.log1p(seconds) * weights.seconds + card.cost.usd * weights.usd


def typical_seconds(card: ToolCard) -> float:
    """What a call takes on inputs of which nothing is known, by the card."""
    return card.seconds_for((_TYPICAL,))


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


def seconds_on(card: ToolCard, held: Mapping[str, Sequence[Resource]]) -> float:
    """Wall seconds that a card expects of a call on resources at hand, by port."""
    everything = [resource for resources in held.values() for resource in resources]
    said = {port: held[port][0] for port in card.cost.per_asked if held.get(port)}
    values = {port: each.value for port, each in said.items() if each.text is not None}
    asked = {port: float(each) for port, each in values.items() if isinstance(each, int | float)}
    facts = tuple(resource.facts for resource in everything)
    return card.seconds_for(facts, sum(map(_characters, everything)), asked)


def _characters(resource: Resource) -> int:
    if resource.type.root not in TEXT_ROOTS:
        return 0
    return resource.size_bytes if resource.text is None else len(resource.text)
