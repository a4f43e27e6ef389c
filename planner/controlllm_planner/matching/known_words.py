"""What a clause means, told by the words that a catalogue is about.

In "take the umbrella away" the umbrella says nothing of the tool that is meant, and yet it is the
rarest word. So a word counts by how near it comes to any word of the cards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from controlllm_planner.matching.word_vectors import Matrix, WordVectors, to_unit

_LEAST = 0.1
"""What a word counts that is like none of the catalogue."""


class KnownWords:
    """The words of one catalogue.

    Args:
        vectors: The table of word pieces.
        said: Rows of the pieces that the cards say.
    """

    def __init__(self, vectors: WordVectors, said: Iterable[int]) -> None:
        self._vectors = vectors
        self._said = to_unit(vectors.table[sorted(said)])
        self._nearness = np.full(len(vectors.table), np.nan, dtype=np.float32)

    def nearness(self, rows: Sequence[int]) -> Matrix:
        """Of pieces, how near they come to any piece of the cards, from `_LEAST` to 1.

        O(new pieces * pieces of the cards * dimensions): each piece is looked up once.
        """
        new = [row for row in dict.fromkeys(rows) if np.isnan(self._nearness[row])]
        if new:
            near = to_unit(self._vectors.table[new]) @ self._said.T
            self._nearness[new] = near.max(axis=1, initial=_LEAST)
        known: Matrix = self._nearness[list(rows)]
        return known

    def shares(self, rows: Sequence[int]) -> Matrix:
        """What each of some pieces adds to the direction of their sum, by nearness. `(pieces,)`."""
        near = self.nearness(rows)
        length = float(np.linalg.norm(near @ self._vectors.table[list(rows)]))
        shares: Matrix = near / max(length, 1e-12)
        return shares
