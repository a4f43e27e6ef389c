"""How near the sentences of each card are to a clause."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from controlllm_planner.matching.kept_vectors import KeptVectors, Told
from controlllm_planner.matching.sentence_encoder import Encoder
from controlllm_planner.matching.word_vectors import Matrix, to_unit
from controlllm_tools.card import ToolCard

SENTENCE_FEATURES = 4


class CardSentences:
    """Reads clauses beside the sentences of all cards of a catalogue.

    Attributes:
        encoder: What both are read by.
        names: Direction of the name of each tool, `(tools, width)`.
        texts: Mean direction of its summary and examples, in the same form.
    """

    def __init__(
        self,
        cards: Sequence[ToolCard],
        encoder: Encoder,
        folder: Path | None = None,
        told: Told | None = None,
    ) -> None:
        """Read the cards.

        Args:
            cards: In the order of the graph.
            encoder: What texts are read by.
            folder: Where what it made of cards is kept.
            told: Is told of reading that takes long, with a folder.
        """
        self.encoder = encoder
        reader = KeptVectors(encoder, folder, told) if folder else encoder
        said = [(card.summary, *card.examples) for card in cards]
        names = [f"{card.name} {card.title}" for card in cards]
        flat = [text for texts in said for text in texts]
        vectors = reader.encode([*names, *flat])
        self.names, self._sentences = vectors[: len(names)], vectors[len(names) :]
        lengths = [len(texts) for texts in said]
        self._first = np.cumsum([0, *lengths[:-1]])[: len(cards)]
        total = np.add.reduceat(self._sentences, self._first) if said else self.names
        self.texts = to_unit(total)
        self._summaries = self._sentences[self._first]

    def of(self, texts: Sequence[str]) -> tuple[Matrix, Matrix]:
        """What clauses mean and how near each tool is to them, encoded in one pass.

        Per clause and tool the cosines with the name, the summary, the mean of all sentences, and
        the nearest sentence. O(clauses * sentences * width).

        Returns:
            `(clauses, width)` and `(clauses, tools, SENTENCE_FEATURES)`.
        """
        clauses = self.encoder.encode(texts)
        each = clauses @ self._sentences.T
        nearest = np.maximum.reduceat(each, self._first, axis=1) if each.size else each
        columns = (
            clauses @ self.names.T,
            clauses @ self._summaries.T,
            clauses @ self.texts.T,
            nearest.reshape(len(clauses), len(self.names)),
        )
        return clauses, np.stack(columns, axis=-1, dtype=np.float32)
