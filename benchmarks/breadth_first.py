"""The plain way to find a chain of tools: breadth first over types, best word overlap first.

What a programmer would write in an afternoon, and the baseline of our search: no cost model, no
lower bound, no look ahead. Backwards from the wanted type to what is given, shortest chain first;
among tools that make the same type, those that share more words with the goal come first.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from controlllm_tools.card import ToolCard
from controlllm_tools.resources import ResourceType

_WORD = re.compile(r"[a-z]+")


@dataclass(slots=True)
class BreadthFirst:
    """Finds the first few chains of a catalogue.

    Attributes:
        cards: The catalogue.
        most_expansions: Partial chains taken up before it gives up.
    """

    cards: Sequence[ToolCard]
    most_expansions: int = 20_000
    _words: dict[str, set[str]] = field(default_factory=dict, init=False)
    _makers: dict[str, list[ToolCard]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for card in self.cards:
            self._words[card.name] = _words(f"{card.name} {card.summary} {card.description}")
            for made in {
                above for port in card.outputs for above in port.resource_type.ancestors()
            }:
                self._makers.setdefault(made, []).append(card)

    def solve(
        self, goal: str, given: Sequence[str], want: str, solutions: int
    ) -> list[tuple[str, ...]]:
        """Tools of the first chains from what is given to the wanted type, in running order."""
        spoken = _words(goal)
        start: tuple[tuple[str, ...], tuple[str, ...]] = ((), (want,))
        queue = deque([start])
        found: list[tuple[str, ...]] = []
        for _ in range(self.most_expansions):
            if not queue or len(found) >= solutions:
                break
            tools, wanted = queue.popleft()
            if not wanted:
                found.append(tools)
                continue
            for card in self._by_overlap(wanted[0], spoken):
                if card.name not in tools:
                    queue.append(((card.name, *tools), (*wanted[1:], *_lacking(card, given))))
        return found

    def _by_overlap(self, type_: str, spoken: set[str]) -> list[ToolCard]:
        makers = self._makers.get(type_, [])
        return sorted(makers, key=lambda card: -len(self._words[card.name] & spoken))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _lacking(card: ToolCard, given: Sequence[str]) -> list[str]:
    """The required types of a tool that nothing given fits."""
    wanted = [ResourceType(port.type) for port in card.required_inputs]
    return [str(type_) for type_ in wanted if not any(type_.accepts(each) for each in given)]
