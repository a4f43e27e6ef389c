"""A small model of which tool each clause of a request asks for, if any.

The score of a tool for a clause is linear in the features, plus a low-rank product of what the
clause and the card mean. "No tool" competes with all tools in one softmax, so that the figures are
probabilities. A second pass adds what comes before: whether the tool takes what is given or what
the clause before makes, and how often the catalogue's links lead to it.

The weights are learned by `training/fit_matcher.py`, see `MODEL_CARD.md`. Without word vectors the
model falls back to weights for the lexical and typed features alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import IO

import numpy as np

from controlllm_planner.matching.features import (
    AtHand,
    CatalogueFeatures,
    ClauseFeatures,
    ClauseWords,
    added_up,
    type_tables,
)
from controlllm_planner.matching.word_vectors import Matrix, WordVectors, shipped_vectors
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType

_WEIGHTS = "matcher.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatcherWeights:
    """What is learned.

    Attributes:
        tool: Weight of each feature of a tool, `(TOOL_FEATURES,)`.
        clause: Weight of each feature of a clause for asking for nothing, `(CLAUSE_FEATURES,)`.
        mute: What words mean that ask for nothing, `(dimensions,)`.
        words: Projects what a clause means, `(dimensions, rank)`.
        cards: Projects what a card means, in the same form.
        name_share: Share of the name in what a card means.
        bias: Of every tool.
        at_hand: Weights of the two shares of what is given.
        flow: Weights of: taking what the clause before makes, taking what is given when no clause
            made anything yet, being led to by a link.
    """

    tool: Matrix
    clause: Matrix
    mute: Matrix
    words: Matrix
    cards: Matrix
    name_share: float
    bias: float
    at_hand: Matrix
    flow: Matrix


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


class Matcher:
    """Matches the clauses of requests with the tools of one catalogue."""

    def __init__(
        self,
        graph: ToolGraph,
        lexical: LexicalRelevance,
        vectors: WordVectors | None = None,
        weights: MatcherWeights | None = None,
    ) -> None:
        self._features = CatalogueFeatures(graph, lexical, vectors)
        self._weights = weights or _shipped_weights("words" if vectors else "lexical")
        share = self._weights.name_share
        cards = share * self._features.names + (1 - share) * self._features.texts
        self._cards: Matrix | None = cards @ self._weights.cards if vectors else None
        self._flow = Flow(graph)
        self._at_hand = AtHand(graph)

    @classmethod
    def shipped(cls, graph: ToolGraph, lexical: LexicalRelevance) -> Matcher:
        """With the word vectors that come with the package."""
        return cls(graph, lexical, shipped_vectors())

    def match(
        self, clauses: Sequence[ClauseWords], given: Sequence[ResourceType]
    ) -> tuple[Match, ...]:
        """What each clause asks for, in order.

        Args:
            clauses: Of one request.
            given: Types of what was handed over, files and quoted words.
        """
        at_hand = self._at_hand.of(given)
        scores = [self._score(self._features.of(clause), at_hand) for clause in clauses]
        first = [_softmax(none, tools) for none, tools in scores]
        followed = self._flow.along(first, at_hand[0], self._weights.flow)
        return tuple(
            _softmax(none, tools + extra)
            for (none, tools), extra in zip(scores, followed, strict=True)
        )

    def _score(self, seen: ClauseFeatures, at_hand: tuple[Matrix, Matrix]) -> tuple[float, Matrix]:
        weights = self._weights
        tools = seen.tools @ weights.tool + weights.bias
        tools += at_hand[0] * weights.at_hand[0] + at_hand[1] * weights.at_hand[1]
        none = float(seen.clause @ weights.clause)
        if self._cards is not None:
            tools += self._cards @ (seen.meaning @ weights.words)
            none += float(seen.meaning @ weights.mute)
        return none, tools


class Flow:
    """What comes after what: by types, and by the links of the catalogue."""

    def __init__(self, graph: ToolGraph) -> None:
        self._taker, self._taken = type_tables(graph)[0].nonzero()
        self._types = len(graph.type_names)
        outputs = [tool.outputs for tool in graph.tools]
        self._main = np.array([made[0].type if made else -1 for made in outputs], dtype=np.intp)
        self._has_main = self._main >= 0
        links = [
            (graph.tool_number[link.source], graph.tool_number[link.target], link.weight)
            for link in graph.links
        ]
        self._from = np.array([a for a, _, _ in links], dtype=np.intp)
        self._to = np.array([b for _, b, _ in links], dtype=np.intp)
        self._pull = np.log1p(np.array([w for *_, w in links], dtype=np.float32))

    def along(self, first: Sequence[Match], filled: Matrix, weights: Matrix) -> list[Matrix]:
        """What is added to the scores of each clause, given the first guess for those before it."""
        latest = np.zeros(len(filled), dtype=np.float32)  # probability of each tool as the last one
        nothing_yet = 1.0
        added = []
        for match in first:
            extra = weights[0] * self._taking(latest) + weights[1] * nothing_yet * filled
            added.append(extra + weights[2] * self._linked(latest))
            latest = match.tools + match.none * latest
            nothing_yet *= match.none
        return added

    def _taking(self, latest: Matrix) -> Matrix:
        made = added_up(self._main[self._has_main], latest[self._has_main], self._types)
        return added_up(self._taker, made[self._taken], len(latest))

    def _linked(self, latest: Matrix) -> Matrix:
        return added_up(self._to, latest[self._from] * self._pull, len(latest))


def _softmax(none: float, tools: Matrix) -> Match:
    highest = max(none, float(tools.max(initial=none)))
    odds = np.exp(tools - highest)
    other = float(np.exp(none - highest))
    total = other + float(odds.sum())
    return Match((odds / total).astype(np.float32), other / total)


@cache
def _shipped_weights(kind: str) -> MatcherWeights:
    with (files("controlllm_planner.matching") / _WEIGHTS).open("rb") as stream:
        return read_weights(stream, kind)


def read_weights(stream: IO[bytes], kind: str) -> MatcherWeights:
    """Weights as `training/fit_matcher.py` writes them: `words` for word vectors, or `lexical`."""
    with np.load(stream) as stored:
        names = [name for name in stored.files if name.startswith(f"{kind}.")]
        arrays = {name.removeprefix(f"{kind}."): stored[name] for name in names}
    share, bias = float(arrays.pop("name_share")), float(arrays.pop("bias"))
    return MatcherWeights(name_share=share, bias=bias, **arrays)
