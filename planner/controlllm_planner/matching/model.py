"""A small model of which tool each clause of a request asks for, if any.

A clause is looked at in two ways: by its words, and as a whole, by an encoder. In each, the score
of a tool for a clause is linear in the features, plus a low-rank product of what the clause and the
card mean; words that were seen often enough in fitting add what they were learned to ask for. "No
tool" competes with all tools in one softmax, so that the figures are probabilities. A second pass
adds what comes before: whether the tool takes what is given or what the clause before makes, and
how often the catalogue's links lead to it. What both views say together counts: where one of them
is misled, the other one seldom is in the same way.

The weights are learned by `training/fit_matcher.py`, see `MODEL_CARD.md`. There are four kinds: for
word vectors and for the encoder that comes along; for the large encoder, when a folder with it is
set; and for the lexical and typed features alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from controlllm_planner.matching.card_sentences import CardSentences
from controlllm_planner.matching.clause_encoder import shipped_encoder
from controlllm_planner.matching.features import (
    AtHand,
    CatalogueFeatures,
    ClauseFeatures,
    ClauseWords,
)
from controlllm_planner.matching.flow import Flow
from controlllm_planner.matching.learned_words import LearnedWords
from controlllm_planner.matching.match import Match
from controlllm_planner.matching.sentence_encoder import Encoder, EncoderUnusable
from controlllm_planner.matching.weights import (
    PROBE,
    SENTENCE_KINDS,
    MatcherWeights,
    shipped_weights,
)
from controlllm_planner.matching.word_vectors import Matrix, WordVectors, shipped_vectors
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType

_SAME_ENCODER = 0.97
"""Cosine from which two vectors of the probe are of one encoder; one of 8 bits is nearer."""


class Matcher:
    """Matches the clauses of requests with the tools of one catalogue."""

    def __init__(
        self,
        graph: ToolGraph,
        lexical: LexicalRelevance,
        vectors: WordVectors | None = None,
        sentences: CardSentences | None = None,
        weights: Sequence[MatcherWeights] = (),
    ) -> None:
        """Lay down what cards mean.

        Args:
            graph: The catalogue.
            lexical: Scores its tools by words alone.
            vectors: What words mean.
            sentences: What the sentences of its cards mean, with an encoder.
            weights: For looking at words, and after it, with `sentences`, for looking at whole
                clauses; by default those shipped.

        Raises:
            EncoderUnusable: The encoder is not one that the weights were fitted with.
        """
        self._features = CatalogueFeatures(graph, lexical, vectors)
        self._sentences = sentences
        by_words = weights[0] if weights else shipped_weights("words" if vectors else "lexical")
        self._by_words = _View(by_words, self._features if vectors else None, vectors)
        self._by_sentences = None
        if sentences:
            held = weights[1:] or map(shipped_weights, SENTENCE_KINDS)
            fitted = _fitted_with(sentences.encoder, held)
            self._by_sentences = _View(fitted, sentences, vectors)
        self._flow = Flow(graph)
        self._at_hand = AtHand(graph)

    @classmethod
    def shipped(
        cls, graph: ToolGraph, lexical: LexicalRelevance, sentences: CardSentences | None = None
    ) -> Matcher:
        """With what comes with the package; the encoder may be another one."""
        sentences = sentences or CardSentences(graph.cards, shipped_encoder())
        return cls(graph, lexical, shipped_vectors(), sentences)

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
        views = [self._by_words.matches(seen, at_hand, self._flow)]
        if self._sentences and self._by_sentences:
            meanings, near = self._sentences.of([clause.text for clause in clauses])
            seen = [
                replace(each, meaning=meaning, near=figures)
                for each, meaning, figures in zip(seen, meanings, near, strict=True)
            ]
            views.append(self._by_sentences.matches(seen, at_hand, self._flow))
        return tuple(map(Match.together, zip(*views, strict=True)))


class _View:
    """One way to look at clauses, with its own weights."""

    def __init__(
        self,
        weights: MatcherWeights,
        meant: CatalogueFeatures | CardSentences | None,
        vectors: WordVectors | None,
    ) -> None:
        """Lay down what each tool answers to.

        Args:
            weights: Of this view.
            meant: What names and texts of cards mean in it; None where no meaning is known.
            vectors: What words mean.
        """
        self._weights = weights
        self._learned = _learned_words(weights, vectors)
        self._cards = None
        if meant is not None:
            share = weights.name_share
            self._cards = (share * meant.names + (1 - share) * meant.texts) @ weights.cards

    def matches(
        self, seen: Sequence[ClauseFeatures], at_hand: tuple[Matrix, Matrix], flow: Flow
    ) -> list[Match]:
        """What each clause of a request asks for, in this view."""
        if not seen:
            return []
        none, tools = self._scores(seen, at_hand)
        first = Match.of_scores(none, tools)
        tools += flow.along(first, at_hand[0], self._weights.flow)
        return Match.of_scores(none, tools, self._weights.temperature)

    def _scores(
        self, seen: Sequence[ClauseFeatures], at_hand: tuple[Matrix, Matrix]
    ) -> tuple[Matrix, Matrix]:
        """Scores of asking for none, `(clauses,)`, and for each tool, `(clauses, tools)`."""
        weights = self._weights
        fitting = at_hand[0] * weights.at_hand[0] + at_hand[1] * weights.at_hand[1] + weights.bias
        tools: Matrix = np.stack([each.tools @ weights.tool for each in seen]) + fitting
        none: Matrix = np.stack([each.clause for each in seen]) @ weights.clause
        for row, each in enumerate(seen):
            if each.near is not None and weights.near is not None:
                tools[row] += each.near @ weights.near
        if self._cards is not None:
            meanings = np.stack([each.meaning for each in seen])
            asked, mute = meanings @ weights.words, meanings @ weights.mute
            if self._learned:
                for row, each in enumerate(seen):
                    more, muter = self._learned.of(each.pieces, each.shares)
                    asked[row] += more
                    mute[row] += muter
            tools += asked @ self._cards.T
            none += mute
        return none, tools


def _learned_words(weights: MatcherWeights, vectors: WordVectors | None) -> LearnedWords | None:
    pieces, asked, mute = weights.learned_pieces, weights.learned, weights.learned_mute
    if vectors is None or pieces is None or asked is None or mute is None:
        return None
    return LearnedWords(pieces, asked, mute, table_size=len(vectors.table))


def _fitted_with(encoder: Encoder, held: Iterable[MatcherWeights]) -> MatcherWeights:
    """Those weights that were fitted with an encoder."""
    made = encoder.encode([PROBE])[0]
    for weights in held:
        probe = weights.probe
        if probe is not None and probe.shape == made.shape and float(probe @ made) > _SAME_ENCODER:
            return weights
    reason = (
        "the matcher's weights were fitted with another one, see `MODEL_CARD.md`; set that one "
        "or fit anew by `python training/fit_matcher.py --encoder <folder>`"
    )
    raise EncoderUnusable(encoder.folder, reason)
