"""What single words ask for beyond what their vectors say, learned from labelled requests.

A vector says that `boil` is near `cook`; requests teach that it shortens a text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from controlllm_planner.graph_arrays import Numbers
from controlllm_planner.matching.word_vectors import Matrix


class LearnedWords:
    """The word pieces that are learned, and what they add.

    Args:
        pieces: Their rows in the table of word vectors.
        asked: What each adds to what a clause asks for, `(pieces, rank)`.
        mute: What each adds to asking for nothing, `(pieces,)`.
        table_size: Rows of the table.
    """

    def __init__(self, pieces: Numbers, asked: Matrix, mute: Matrix, *, table_size: int) -> None:
        self._place = np.full(table_size, -1, dtype=np.intp)
        self._place[pieces] = np.arange(len(pieces))
        self._asked = asked
        self._mute = mute

    def of(self, pieces: Sequence[int], shares: Matrix) -> tuple[Matrix, float]:
        """What the pieces of a clause add to what it asks for, `(rank,)`, and to asking for none.

        Args:
            pieces: By their rows in the table.
            shares: What each adds to what the clause means, `(pieces,)`.
        """
        places = self._place[list(pieces)]
        known = places >= 0
        places, shares = places[known], shares[known]
        return shares @ self._asked[places], float(shares @ self._mute[places])
