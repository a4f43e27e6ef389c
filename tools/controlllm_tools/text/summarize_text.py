"""Make a text shorter by keeping its most central sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sentences import sentences
from controlllm_tools.media.words import language_of
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a text is read, not when the tool is listed
    from numpy import float64, int64
    from numpy.typing import NDArray

_DAMPING = 0.85
_ROUNDS = 100
_SETTLED = 1e-9
_REDUNDANCY = 0.9
"""How much likeness to a sentence already chosen takes from the worth of another one."""
_LEAD = 0.5
"""How steeply the chance to begin at a sentence falls with its place: earlier ones tell more."""
_LEAST_TERMS = 3
"""Headings and exclamations with fewer terms are kept out while there are other sentences."""


class SummarizeText(CpuTool):
    """Continuous LexRank (Erkan and Radev 2004) with a prior for early sentences.

    A sentence is central when it shares rare words with other central sentences; what it shares
    with one already chosen counts against it, as in maximal marginal relevance (Carbonell and
    Goldstein 1998). The likeness matrix is never formed: it is the product of a sparse matrix with
    its own transpose, so time and memory grow with the number of words, not with the square of the
    number of sentences.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Summarise.

        Returns:
            `summary`: sentences of the text, unchanged and in its order; a text that has no more
            sentences than wanted comes back as it is.

        Raises:
            InvalidInput: The text is empty.
        """
        text = inputs.text("text")
        wanted = max(1, min(100, round(inputs.number("sentences", 3))))
        parts = sentences(text)
        if not parts:
            msg = "the text is empty: there is nothing to summarise"
            raise InvalidInput(msg)
        if len(parts) <= wanted:
            summary, caption = text.strip(), f"all {len(parts)} sentences"
        else:
            chosen = central(parts, wanted, context)
            summary = " ".join(parts[index] for index in chosen)
            caption = f"{len(chosen)} of {len(parts)} sentences"
        return {"summary": Output.of_text(summary, name="summary.txt", caption=caption)}


@dataclass(frozen=True, slots=True)
class _Incidence:
    """Which term stands in which sentence, and with what weight; each row has length 1.

    Attributes:
        row: Sentence of each entry, shape (entries,).
        column: Term of each entry, shape (entries,).
        weight: tf-idf weight of each entry, shape (entries,).
        rows: Number of sentences.
        columns: Number of terms.
    """

    row: NDArray[int64]
    column: NDArray[int64]
    weight: NDArray[float64]
    rows: int
    columns: int

    def likeness(self, to: NDArray[float64]) -> NDArray[float64]:
        """Cosines of every sentence with a weighted mix of sentences, shape (rows,)."""
        import numpy as np

        by_term = np.bincount(self.column, self.weight * to[self.row], self.columns)
        by_sentence = np.bincount(self.row, self.weight * by_term[self.column], self.rows)
        return by_sentence.astype(np.float64)


def central(parts: tuple[str, ...], wanted: int, context: ToolContext) -> list[int]:
    """Indices of the most central sentences that do not repeat each other, in text order."""
    import numpy as np

    language = language_of(" ".join(parts))
    listed = [Counter(language.terms(part)) for part in parts]
    incidence = _incidence(listed)
    worth = _centrality(incidence, context)
    worth /= max(float(worth.max()), _SETTLED)
    too_short = np.array([len(each) < _LEAST_TERMS for each in listed])
    if (~too_short).sum() >= wanted:
        worth[too_short] = -np.inf
    chosen: list[int] = []
    redundancy = np.zeros(len(parts))
    while len(chosen) < wanted:
        context.check()
        # argmax takes the first of equals, so ties go to the earlier sentence
        best = int(np.argmax(worth - _REDUNDANCY * redundancy))
        chosen.append(best)
        worth[best] = -np.inf
        alone = np.zeros(len(parts))
        alone[best] = 1.0
        redundancy = np.maximum(redundancy, incidence.likeness(alone))
    return sorted(chosen)


def _incidence(listed: list[Counter[str]]) -> _Incidence:
    import numpy as np

    spread = Counter(term for each in listed for term in each)
    columns = {term: index for index, term in enumerate(spread)}
    entries = [(row, t, n) for row, each in enumerate(listed) for t, n in each.items()]
    row = np.array([entry[0] for entry in entries], dtype=np.int64)
    column = np.array([columns[entry[1]] for entry in entries], dtype=np.int64)
    count = np.array([entry[2] for entry in entries], dtype=np.float64)
    seen_in = np.array([spread[entry[1]] for entry in entries], dtype=np.float64)
    weight = count * np.log1p(len(listed) / np.maximum(seen_in, 1.0))
    length = np.sqrt(np.bincount(row, weight**2, len(listed)))
    weight = weight / np.maximum(length[row], _SETTLED)
    return _Incidence(row, column, weight, len(listed), max(1, len(columns)))


def _centrality(incidence: _Incidence, context: ToolContext) -> NDArray[float64]:
    """The stationary distribution of a walk from sentence to like sentence, by power iteration."""
    import numpy as np

    prior: NDArray[float64] = (1.0 + np.arange(incidence.rows, dtype=np.float64)) ** -_LEAD
    prior /= prior.sum()
    # every sentence is wholly like itself; without that, it is how like it is to all others
    degree = incidence.likeness(np.ones(incidence.rows)) - 1.0
    lonely = degree <= _SETTLED
    out = np.where(lonely, 1.0, degree)
    worth: NDArray[float64] = prior
    for _ in range(_ROUNDS):
        context.check()
        leaving = np.where(lonely, 0.0, worth / out)
        walked = incidence.likeness(leaving) - leaving
        # from a sentence that is like no other, the walk begins again
        again = (1 - _DAMPING) + _DAMPING * float(worth[lonely].sum())
        settled = again * prior + _DAMPING * walked
        moved = float(np.abs(settled - worth).sum())
        worth = settled
        if moved < _SETTLED:
            break
    return worth
