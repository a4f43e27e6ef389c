"""What whole clauses mean, by a small encoder that comes with the package; numpy on one thread.

Two layers of a transformer over the table of word vectors, taught to say of a text what a sentence
encoder of 22.7 million weights says of it; their own weights are 1.3 million (see `MODEL_CARD.md`).
So "make the picture larger" stands near "enlarge the image"; by a sum of words, "make the picture
darker" is nearer.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from threading import Lock

import numpy as np
from threadpoolctl import ThreadpoolController

from controlllm_planner.graph_arrays import Numbers
from controlllm_planner.matching.features import Table
from controlllm_planner.matching.sentence_encoder import GRAIN
from controlllm_planner.matching.word_pieces import longest_pieces
from controlllm_planner.matching.word_vectors import (
    CAMEL,
    TABLE,
    Matrix,
    WordVectors,
    shipped_vectors,
    to_unit,
)

WEIGHTS = "clause_encoder.npz"
HEADS = 6
_BATCH = 64
_TEXT_LIMIT_CHARS = 1_000
_LONGEST_PIECE = 24
_REMEMBERED = 4_096
"""Texts of a catalogue that is not read again when it was one of the last few; 3 MB each."""

_WORD = re.compile(r"[A-Za-z]+|\d+")
_HIDDEN = np.float32(-1e9)


class ClauseEncoder:
    """See `controlllm_planner.matching.sentence_encoder.Encoder`.

    Args:
        weights: Arrays by name, as `training/distil_clause_encoder.py` writes them.
        vectors: What words mean.
        digest: Names both, and so what is made of a text.
    """

    def __init__(self, weights: Mapping[str, Matrix], vectors: WordVectors, digest: str) -> None:
        self.folder = Path(WEIGHTS)
        self.digest = digest
        self.width = weights["out.bias"].shape[0]
        self._number = vectors.number
        self._table = vectors.table
        self._own = np.zeros(len(vectors.table), dtype=np.intp)
        frequent = weights["frequent"].astype(np.intp)
        self._own[frequent] = np.arange(1, len(frequent) + 1)
        self._weights = {name: np.ascontiguousarray(each) for name, each in weights.items()}
        self._libraries = ThreadpoolController()
        self._alone = Lock()
        # whole calls, not texts: sums of floats depend on what is read together, in the last digits
        self._remember = lru_cache(maxsize=4)(self._encoded)
        self._layers = 1 + max(int(name.split(".")[1]) for name in weights if "blocks." in name)

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One vector of length one for each text, zero where no word is known: `(texts, width)`.

        O(pieces * width squared); texts of like length are encoded together.
        """
        if _BATCH < len(texts) <= _REMEMBERED:
            return self._remember(tuple(texts)).copy()
        return self._encoded(texts)

    def _encoded(self, texts: Sequence[str]) -> Matrix:
        vectors = np.zeros((len(texts), self.width), dtype=np.float32)
        longest = len(self._weights["pos.weight"])
        pieces = [pieces_of(text, self._number, longest) for text in texts]
        rows = sorted(
            (row for row, found in enumerate(pieces) if found), key=lambda row: len(pieces[row])
        )
        for at in range(0, len(rows), _BATCH):
            batch = rows[at : at + _BATCH]
            # threads of BLAS that wait for each other in a loop take ten times as long on a busy
            # machine; the limit is one of the process, so that nobody else may set it meanwhile
            with self._alone, self._libraries.limit(limits=1, user_api="blas"):
                made = to_unit(self._read([pieces[row] for row in batch]))
            vectors[batch] = np.round(made * GRAIN) / GRAIN
        return vectors

    def _read(self, pieces: Sequence[Sequence[int]]) -> Matrix:
        """What some texts mean, of any length: `(texts, width)`.

        All pieces stand in one row of matrices; only attention, which looks at one text at a time,
        pads the texts to the longest.
        """
        lengths = np.array([len(each) for each in pieces])
        places = np.arange(int(lengths.max()))
        real = places < lengths[:, None]
        rows = np.concatenate(pieces)
        words = self._dense("inp", to_unit(self._table[rows]))
        words += self._weights["own.weight"][self._own[rows]]
        states = words + self._weights["pos.weight"][np.nonzero(real)[1]]
        for layer in range(self._layers):
            states = self._layer(f"blocks.{layer}", states, real)
        both = np.concatenate([self._norm("norm", states), words], axis=-1)
        first = np.cumsum([0, *lengths[:-1]])
        means = np.add.reduceat(both, first) / lengths[:, None]
        return self._dense("out", means.astype(np.float32))

    def _layer(self, name: str, states: Matrix, real: Table) -> Matrix:
        """Attention and a feed-forward network, each on top of what was there (pre-norm).

        Args:
            name: Of the layer.
            states: Of all pieces, `(pieces, width)`.
            real: Where a text has a piece, `(texts, longest)`.
        """
        joint = self._dense(f"{name}.qkv", self._norm(f"{name}.n1", states))
        seen = self._attended(joint.reshape(len(states), 3, HEADS, -1), real)
        states = states + self._dense(f"{name}.o", seen.reshape(states.shape))
        inner = self._dense(f"{name}.a", self._norm(f"{name}.n2", states))
        return states + self._dense(f"{name}.b", np.maximum(inner, 0))

    def _attended(self, joint: Matrix, real: Table) -> Matrix:
        """What each piece sees of its own text; `joint` is `(pieces, 3, heads, head's width)`."""
        padded = np.zeros((*real.shape, *joint.shape[1:]), dtype=np.float32)
        padded[real] = joint
        query, key, value = np.ascontiguousarray(padded.transpose(2, 0, 3, 1, 4))
        scores = query @ key.swapaxes(-1, -2)
        scores *= np.float32(joint.shape[-1] ** -0.5)
        scores += np.where(real, np.float32(0), _HIDDEN)[:, None, None]
        scores -= scores.max(axis=-1, keepdims=True)
        odds = np.exp(scores, out=scores)
        seen = odds @ value / odds.sum(axis=-1, keepdims=True)
        found: Matrix = seen.swapaxes(1, 2)[real]
        return found

    def _dense(self, name: str, given: Matrix) -> Matrix:
        made: Matrix = given @ self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return made

    def _norm(self, name: str, given: Matrix) -> Matrix:
        size = given.shape[-1]
        apart = given - (given.sum(axis=-1, keepdims=True) / np.float32(size))
        spread = np.einsum("ij,ij->i", apart, apart) / np.float32(size)
        apart *= (1 / np.sqrt(spread + np.float32(1e-5)))[:, None]
        made: Matrix = apart * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return made


def pieces_of(text: str, number: Mapping[str, int], most: int) -> list[int]:
    """Rows of the first word pieces of a text; unlike `WordVectors.pieces`, of all its words."""
    spaced = CAMEL.sub(" ", text[:_TEXT_LIMIT_CHARS].replace("_", " ")).lower()
    words = _WORD.findall(spaced)[:most]
    return [row for word in words for row in longest_pieces(word, number, _LONGEST_PIECE)][:most]


@cache
def shipped_encoder() -> ClauseEncoder:
    """The encoder that comes with the package; read once."""
    folder = files("controlllm_planner.matching")
    stored = (folder / WEIGHTS).read_bytes()
    digest = hashlib.sha256(stored + (folder / TABLE).read_bytes()).hexdigest()
    with np.load(io.BytesIO(stored)) as arrays:
        return ClauseEncoder(unpacked(dict(arrays)), shipped_vectors(), digest)


def unpacked(arrays: Mapping[str, Matrix | Numbers]) -> dict[str, Matrix]:
    """Weights as floats: those of 8 bits have a scale a column beside them."""
    weights = {}
    for name, array in arrays.items():
        if name.endswith(".scale"):
            continue
        scale = arrays.get(f"{name}.scale")
        made = array.astype(np.float32)
        weights[name] = made if scale is None else made * scale.astype(np.float32)
    return weights
