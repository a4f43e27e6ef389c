"""What was seen of tools when they ran, and what it makes planning expect.

A card says what its author expects of a tool; runs say what happens here. Both are joined by
conjugate updates, in which the card counts like a few runs of its own, so that one bad day changes
little and a hundred runs change all:

    success   Beta-Bernoulli: the mean of Beta(a + worked, b + failed)
    seconds   normal-normal on ln((seen + START_S) / (card + START_S)), with the median of a tool's
              calls, which one outlier cannot move once there are three; what the tools seen have in
              common, such as a slow machine, is expected of the others as well
    order     Dirichlet-multinomial: the share of a feeder among all tools that fed a tool, against
              the share of the most usual one

Sums over the few tools of a plan; nothing here grows with the catalogue.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controlllm_planner.cost import Estimate
from controlllm_tools.card import ToolCard

WORKS_MEAN = 0.97
"""Expected success of a tool that nobody has run."""

WORKS_STRENGTH = 10.0
"""How many runs that expectation counts for."""

WORKS_FLOOR = 0.2
"""No tool is expected to work less often: it stays possible, as an alternative at least."""

STOPPED_COUNTS = 0.5
"""A person who stops a run while a tool works may mean the tool, or the whole run."""

TIME_STRENGTH = 4.0
"""How many timed runs of a tool, or tools with timed runs, what was expected before counts for."""

START_S = 3.0
"""Added to both times before they are compared: about what a worker and the libraries of a tool
take to start, on small inputs and on large ones alike. What is seen of calls far below it is added
to estimates, what is seen of calls far above it multiplies them."""

LEAST_SHARE = 0.1
"""No estimate falls below this share of what the card says."""

ORDER_STRENGTH = 5.0
"""How many times every tool counts as having fed every other."""

UNUSUAL = 0.05
"""Most that a whole solution costs for an order that nobody uses: it decides between equals. A word
that fits a tool by 0.8 instead of 0.75 is worth more."""

_Z = 1.959964
"""Of a two-sided interval of 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was seen of one tool, as one card describes it.

    Attributes:
        tool: Name of the tool.
        card_hash: Digest of the card.
        worked: Calls that delivered.
        failed: Calls that failed for good, through no fault of their inputs.
        stopped: Calls that were under way when a person stopped the run.
        seconds: Average wall time of the calls that delivered.
        memory_bytes: Most that a call held; 0 where that is not known.
        timed: Calls that delivered and whose estimate by the card is known.
        estimate_s: Average of these estimates.
        log_ratio: Median over the timed calls of `log_ratio`.
    """

    tool: str
    card_hash: str
    worked: int = 0
    failed: int = 0
    stopped: int = 0
    seconds: float = 0.0
    memory_bytes: int = 0
    timed: int = 0
    estimate_s: float = 0.0
    log_ratio: float = 0.0

    @property
    def runs(self) -> int:
        """Calls that came to an end of any kind."""
        return self.worked + self.failed + self.stopped

    @property
    def expected_success(self) -> float:
        """Probability that the next call delivers, from `WORKS_FLOOR` to below 1."""
        against = self.failed + STOPPED_COUNTS * self.stopped
        all_counts = WORKS_STRENGTH + self.worked + against
        return max(WORKS_FLOOR, (WORKS_STRENGTH * WORKS_MEAN + self.worked) / all_counts)

    def expected_log_ratio(self, usual: float) -> float:
        """Of the next call, where so much is usual for tools that were seen less."""
        known = TIME_STRENGTH * usual + self.timed * self.log_ratio
        return known / (TIME_STRENGTH + self.timed)

    @property
    def interval(self) -> tuple[float, float]:
        """The share that works, with 95 % confidence, among calls that worked or failed.

        Wilson's score interval (1927), which stays within 0 and 1 for few calls, too.
        """
        calls = self.worked + self.failed
        if not calls:
            return 0.0, 1.0
        share, spread = self.worked / calls, _Z**2 / calls
        middle = share + spread / 2
        reach = math.sqrt(spread * (share * (1 - share) + spread / 4))
        low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
        return max(0.0, low), min(1.0, high)

    def to_json(self) -> dict[str, Any]:
        """Plain data, with what follows from it."""
        return {
            "runs": self.runs,
            "worked": self.worked,
            "failed": self.failed,
            "stopped": self.stopped,
            "worked_95": [round(bound, 4) for bound in self.interval],
            "expected_success": round(self.expected_success, 4),
            "seconds": self.seconds,
            "memory_bytes": self.memory_bytes or None,
            "timed": self.timed,
            "estimate_s": self.estimate_s,
        }

    def __str__(self) -> str:
        ended = self.worked + self.failed
        words = f"observed {self.worked} of {ended} run{'' if ended == 1 else 's'} worked"
        if self.worked:
            words += f", {self.seconds:.3g} s on average"
        return f"{words}, {self.stopped} stopped by a person" if self.stopped else words


def log_ratio(seconds: float, estimate_s: float) -> float:
    """How far a call came out from what its card says: 0 where it was right, above for slower."""
    return math.log((seconds + START_S) / (estimate_s + START_S))


def stretched(by_card: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """Seconds of cards as they are expected to come out, at this `log_ratio`; any shape."""
    if ratio == 0.0:
        return by_card
    return np.maximum((by_card + START_S) * math.exp(ratio) - START_S, by_card * LEAST_SHARE)


@dataclass(frozen=True, eq=False, kw_only=True)
class Priors:
    """What is known of the tools of a catalogue from running them; equal only to itself.

    Attributes:
        tools: What was seen of each tool, by the digest of its card: a changed tool starts anew.
        feeds: By the names of a tool and of one that read what it made: how often.
        usual_log_ratio: How far a tool of which no time is known is expected to come out from its
            card, by the median of all that are known.
    """

    tools: Mapping[str, Observed] = field(default_factory=dict)
    feeds: Mapping[tuple[str, str], int] = field(default_factory=dict)
    usual_log_ratio: float = field(default=0.0, init=False)
    _most: dict[str, int] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Find what tools have in common, and the most usual feeder of each."""
        ratios = [seen.log_ratio for seen in self.tools.values() if seen.timed]
        if ratios:
            usual = Observed(tool="", card_hash="", timed=len(ratios), log_ratio=median(ratios))
            object.__setattr__(self, "usual_log_ratio", usual.expected_log_ratio(0.0))
        for (_, reader), count in self.feeds.items():
            self._most[reader] = max(count, self._most.get(reader, 0))

    def of(self, card: ToolCard) -> Observed | None:
        """What was seen of the tool that a card describes; None when that is nothing."""
        return self.tools.get(card.card_hash) if self.tools else None

    def corrected(self, card: ToolCard, estimate: Estimate) -> Estimate:
        """An estimate of a card, with its seconds as they were seen to come out."""
        seen = self.of(card)
        timed = seen.timed if seen else 0
        if not timed and self.usual_log_ratio == 0.0:
            return estimate
        seconds = round(self.expected_seconds(card, estimate.seconds), 3)
        return replace(
            estimate,
            seconds=seconds,
            gpu_seconds=seconds if estimate.gpu_seconds else 0.0,
            source=f"observed n={timed}" if timed else "observed of other tools",
        )

    def expected_seconds(self, card: ToolCard, by_card: float) -> float:
        """What a call is expected to take of which the card says so many seconds."""
        seen = self.of(card)
        usual = self.usual_log_ratio
        ratio = usual if seen is None else seen.expected_log_ratio(usual)
        return float(stretched(np.array(by_card), ratio))

    def before(self, tool: str) -> list[tuple[str, int]]:
        """The tools that made what a tool read, most usual first, each with how often."""
        return _ranked({made: n for (made, read), n in self.feeds.items() if read == tool})

    def after(self, tool: str) -> list[tuple[str, int]]:
        """The tools that read what a tool made, most usual first, each with how often."""
        return _ranked({read: n for (made, read), n in self.feeds.items() if made == tool})

    def unusual(self, feeds: Iterable[tuple[str, str]]) -> float:
        """Cost of an order of calls that differs from what is usual, from 0 to `UNUSUAL`.

        Args:
            feeds: Pairs of tools of which the second one reads what the first one makes.
        """
        shares = [self._usual(*pair) for pair in feeds]
        return UNUSUAL * (1.0 - sum(shares) / len(shares)) if shares else 0.0

    def _usual(self, feeder: str, reader: str) -> float:
        """How usual a feeder is: 1 for the most usual one, and for all while nothing is known."""
        count = self.feeds.get((feeder, reader), 0)
        return (ORDER_STRENGTH + count) / (ORDER_STRENGTH + self._most.get(reader, 0))


def _ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


NOTHING_SEEN = Priors()
"""Cards alone: what benchmarks plan with."""


def no_priors() -> Priors:
    """`NOTHING_SEEN`, where somebody is to be asked for priors."""
    return NOTHING_SEEN
