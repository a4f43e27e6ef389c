"""What the matcher has learned, as `training/fit_matcher.py` writes it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import IO

import numpy as np

from controlllm_planner.graph_arrays import Numbers
from controlllm_planner.matching.word_vectors import Matrix

PROBE = "Draw a red car on a beach at sunset, then read the title aloud."
"""What tells whether an encoder is the one that the weights were fitted with."""

WEIGHTS = "matcher.npz"
SENTENCE_KINDS = ("clauses", "sentences")
"""Weights for the encoder that comes along, and for the large one."""


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


@cache
def shipped_weights(kind: str) -> MatcherWeights:
    """The weights of one kind that come with the package; see `read_weights`."""
    with (files("controlllm_planner.matching") / WEIGHTS).open("rb") as stream:
        return read_weights(stream, kind)


def read_weights(stream: IO[bytes], kind: str) -> MatcherWeights:
    """Weights as `training/fit_matcher.py` writes them.

    Args:
        stream: The file.
        kind: `words` for word vectors, `clauses` for the encoder that comes along, `sentences` for
            the large one, or `lexical`.

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
