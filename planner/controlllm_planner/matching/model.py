"""A small model of which tool each clause of a request asks for, if any.

The score of a tool for a clause is linear in the features, plus a low-rank product of what the
clause and the card mean; words that were seen often enough in fitting add what they were learned to
ask for. "No tool" competes with all tools in one softmax, so that the figures are
probabilities. A second pass adds what comes before: whether the tool takes what is given or what
the clause before makes, and how often the catalogue's links lead to it.

The weights are learned by `training/fit_matcher.py`, see `MODEL_CARD.md`. There are three kinds:
for word vectors, which always come along; for a sentence encoder, when a folder with one is set;
and for the lexical and typed features alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import IO

import numpy as np

from controlllm_planner.graph_arrays import Numbers
from controlllm_planner.matching.card_sentences import CardSentences
from controlllm_planner.matching.features import (
    AtHand,
    CatalogueFeatures,
    ClauseFeatures,
    ClauseWords,
    added_up,
    type_tables,
)
from controlllm_planner.matching.learned_words import LearnedWords
from controlllm_planner.matching.sentence_encoder import Encoder, EncoderUnusable
from controlllm_planner.matching.word_vectors import Matrix, WordVectors, shipped_vectors
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType

PROBE = "Draw a red car on a beach at sunset, then read the title aloud."
"""What tells whether an encoder is the one that the weights were fitted with."""

_WEIGHTS = "matcher.npz"
_FIT_ANEW = "`python training/fit_matcher.py --encoder <folder>`"
_SAME_ENCODER = 0.97
"""Cosine from which two vectors of the probe are of one encoder; one of 8 bits is nearer."""


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
        learned_pieces: Rows of the word pieces that ask for more than their vectors say.
        learned: What each of them adds to what a clause asks for, `(pieces, rank)`.
        learned_mute: What each of them adds to asking for nothing, `(pieces,)`.
        near: With a sentence encoder, weight of each of its figures, `(SENTENCE_FEATURES,)`.
        probe: With a sentence encoder, what it made of `PROBE`.
        temperature: All scores are divided by it at the end, so that the probabilities are as often
            right as they say (Guo and others, "On Calibration of Modern Neural Networks", 2017).
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
    learned_pieces: Numbers | None = None
    learned: Matrix | None = None
    learned_mute: Matrix | None = None
    near: Matrix | None = None
    probe: Matrix | None = None
    temperature: float = 1.0


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
        sentences: CardSentences | None = None,
    ) -> None:
        """Lay down what cards mean.

        Args:
            graph: The catalogue.
            lexical: Scores its tools by words alone.
            vectors: What words mean.
            weights: Of the kind that the other arguments call for; by default those shipped.
            sentences: What the sentences of its cards mean, with an encoder.

        Raises:
            EncoderUnusable: The encoder is not the one that the weights were fitted with.
        """
        self._features = CatalogueFeatures(graph, lexical, vectors)
        self._sentences = sentences
        if sentences:
            self._weights = weights or _shipped_for(sentences.encoder)
            _check_encoder(sentences.encoder, self._weights)
        else:
            self._weights = weights or _shipped_weights("words" if vectors else "lexical")
        share = self._weights.name_share
        meant = sentences or self._features
        cards = share * meant.names + (1 - share) * meant.texts
        self._cards = cards @ self._weights.cards if vectors or sentences else None
        self._learned = _learned_words(self._weights, vectors)
        self._flow = Flow(graph)
        self._at_hand = AtHand(graph)

    @classmethod
    def shipped(
        cls, graph: ToolGraph, lexical: LexicalRelevance, sentences: CardSentences | None = None
    ) -> Matcher:
        """With the word vectors and weights that come with the package."""
        return cls(graph, lexical, shipped_vectors(), sentences=sentences)

    def match(
        self, clauses: Sequence[ClauseWords], given: Sequence[ResourceType]
    ) -> tuple[Match, ...]:
        """What each clause asks for, in order.

        Args:
            clauses: Of one request.
            given: Types of what was handed over, files and quoted words.
        """
        at_hand = self._at_hand.of(given)
        seen = [self._features.of(clause) for clause in clauses]
        scores = [self._score(each, at_hand) for each in self._read(clauses, seen)]
        first = [_softmax(none, tools) for none, tools in scores]
        followed = self._flow.along(first, at_hand[0], self._weights.flow)
        return tuple(
            _softmax(none, tools + extra, self._weights.temperature)
            for (none, tools), extra in zip(scores, followed, strict=True)
        )

    def _read(
        self, clauses: Sequence[ClauseWords], seen: Sequence[ClauseFeatures]
    ) -> Iterator[ClauseFeatures]:
        """What clauses mean as sentences, in place of what their words mean, with an encoder."""
        if self._sentences is None:
            yield from seen
            return
        meanings, near = self._sentences.of([clause.text for clause in clauses])
        for each, meaning, figures in zip(seen, meanings, near, strict=True):
            yield replace(each, meaning=meaning, near=figures)

    def _score(self, seen: ClauseFeatures, at_hand: tuple[Matrix, Matrix]) -> tuple[float, Matrix]:
        weights = self._weights
        tools = seen.tools @ weights.tool + weights.bias
        tools += at_hand[0] * weights.at_hand[0] + at_hand[1] * weights.at_hand[1]
        none = float(seen.clause @ weights.clause)
        if seen.near is not None and weights.near is not None:
            tools += seen.near @ weights.near
        if self._cards is not None:
            asked = seen.meaning @ weights.words
            none += float(seen.meaning @ weights.mute)
            if self._learned:
                more, mute = self._learned.of(seen.pieces, seen.shares)
                asked, none = asked + more, none + mute
            tools += self._cards @ asked
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


def _learned_words(weights: MatcherWeights, vectors: WordVectors | None) -> LearnedWords | None:
    pieces, asked, mute = weights.learned_pieces, weights.learned, weights.learned_mute
    if vectors is None or pieces is None or asked is None or mute is None:
        return None
    return LearnedWords(pieces, asked, mute, table_size=len(vectors.table))


def _softmax(none: float, tools: Matrix, temperature: float = 1.0) -> Match:
    none, tools = none / temperature, tools / np.float32(temperature)
    highest = max(none, float(tools.max(initial=none)))
    odds = np.exp(tools - highest)
    other = float(np.exp(none - highest))
    total = other + float(odds.sum())
    return Match((odds / total).astype(np.float32), other / total)


def _shipped_for(encoder: Encoder) -> MatcherWeights:
    try:
        return _shipped_weights("sentences")
    except KeyError as error:
        reason = f"{_WEIGHTS} holds no weights for one; fit them by {_FIT_ANEW}"
        raise EncoderUnusable(encoder.folder, reason) from error


def _check_encoder(encoder: Encoder, weights: MatcherWeights) -> None:
    probe = weights.probe
    made = encoder.encode([PROBE])[0]
    if probe is None or probe.shape != made.shape or float(probe @ made) < _SAME_ENCODER:
        reason = (
            "the matcher's weights were fitted with another one, see `MODEL_CARD.md`; set that one "
            f"or fit anew by {_FIT_ANEW}"
        )
        raise EncoderUnusable(encoder.folder, reason)


@cache
def _shipped_weights(kind: str) -> MatcherWeights:
    with (files("controlllm_planner.matching") / _WEIGHTS).open("rb") as stream:
        return read_weights(stream, kind)


def read_weights(stream: IO[bytes], kind: str) -> MatcherWeights:
    """Weights as `training/fit_matcher.py` writes them.

    Args:
        stream: The file.
        kind: `sentences` for an encoder, `words` for word vectors, or `lexical`.

    Raises:
        KeyError: The file has none of this kind.
    """
    with np.load(stream) as stored:
        names = [name for name in stored.files if name.startswith(f"{kind}.")]
        if not names:
            raise KeyError(kind)
        arrays = {name.removeprefix(f"{kind}."): stored[name] for name in names}
    share, bias = float(arrays.pop("name_share")), float(arrays.pop("bias"))
    temperature = float(arrays.pop("temperature", 1.0))
    pieces = arrays.pop("learned_pieces", None)
    kept = {name: array.astype(np.float32) for name, array in arrays.items()}
    return MatcherWeights(
        name_share=share,
        bias=bias,
        temperature=temperature,
        learned_pieces=None if pieces is None else pieces.astype(np.intp),
        **kept,
    )
