"""Vectors for words, so that `film` stands near `movie` and `repair` near `fix`.

A table of word pieces, distilled once from a sentence encoder (see `MODEL_CARD.md`): a look-up, no
network at run time. What a rare piece says weighs more than what a common one says; the weight is
in the length of its vector.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from controlllm_planner.matching.idioms import Idioms
from controlllm_planner.matching.word_pieces import longest_pieces
from controlllm_planner.relevance import STOP_WORDS

Matrix = NDArray[np.float32]

TABLE = "word_vectors.npz"
_WORD = re.compile(r"[A-Za-z][A-Za-z'\u2019]*|\d+")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 24
_MAX_WORDS = 4_000
_REMEMBERED = 8_192
"""Words whose pieces are kept: cards repeat them, and no request fills the memory with its own."""


class WordVectors:
    """A table of word pieces.

    Attributes:
        table: One row a piece, `(pieces, dimensions)`.
        number: Row of each piece; one that continues a word begins with `##`.
    """

    def __init__(self, table: Matrix, pieces: Iterable[str]) -> None:
        self.table = table
        self.number = {piece: row for row, piece in enumerate(pieces)}
        self._idioms = Idioms(piece for piece in self.number if " " in piece)
        self._remember = lru_cache(maxsize=_REMEMBERED)(self._split)

    def pieces(self, text: str) -> list[int]:
        """Rows of the pieces of the content words of a text, longest pieces first (WordPiece).

        A word with a part that the table does not know is left out. O(words * longest piece).
        """
        rows: list[int] = []
        spaced = CAMEL.sub(" ", text.replace("_", " ")).lower()
        for word in self._idioms.joined(_WORD.findall(spaced)[:_MAX_WORDS]):
            if " " in word:
                rows.append(self.number[word])
            elif word not in STOP_WORDS:
                rows += self._remember(word) if len(word) <= _LONGEST else self._split(word)
        return rows

    def total(self, rows: list[int]) -> Matrix:
        """The sum of some pieces; zero for none. `(dimensions,)`."""
        total: Matrix = self.table[rows].sum(axis=0)
        return total

    def unit(self, rows: list[int]) -> Matrix:
        """The direction of the sum of some pieces; zero for none. `(dimensions,)`."""
        return to_unit(self.total(rows))

    def _split(self, word: str) -> tuple[int, ...]:
        return longest_pieces(word, self.number, _LONGEST)


def to_unit(vectors: Matrix) -> Matrix:
    """Vectors of length one along the last axis; zero stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Matrix = vectors / np.maximum(lengths, 1e-12)
    return unit


@cache
def shipped_vectors() -> WordVectors:
    """The table that comes with the package; read once."""
    path = files("controlllm_planner.matching") / TABLE
    with path.open("rb") as stream, np.load(stream) as stored:
        table = stored["vectors"].astype(np.float32) * stored["scales"][:, None].astype(np.float32)
        return WordVectors(table, bytes(stored["pieces"]).decode().split("\n"))
