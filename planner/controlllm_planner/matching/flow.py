"""What comes after what: by types, and by the links of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from controlllm_planner.matching.features import added_up, type_tables
from controlllm_planner.matching.match import Match
from controlllm_planner.matching.word_vectors import Matrix
from controlllm_planner.tool_graph import ToolGraph


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

    def along(self, first: Sequence[Match], filled: Matrix, weights: Matrix) -> Matrix:
        """What is added to the scores of each clause, given the first guess for those before it.

        Returns:
            `(clauses, tools)`.
        """
        latest = np.zeros(len(filled), dtype=np.float32)  # probability of each tool as the last one
        nothing_yet = 1.0
        added = np.empty((len(first), len(filled)), dtype=np.float32)
        for row, match in enumerate(first):
            added[row] = weights[0] * self._taking(latest) + weights[1] * nothing_yet * filled
            if len(self._to):
                added[row] += weights[2] * self._linked(latest)
            latest = match.tools + match.none * latest
            nothing_yet *= match.none
        return added

    def _taking(self, latest: Matrix) -> Matrix:
        made = added_up(self._main[self._has_main], latest[self._has_main], self._types)
        return added_up(self._taker, made[self._taken], len(latest))

    def _linked(self, latest: Matrix) -> Matrix:
        return added_up(self._to, latest[self._from] * self._pull, len(latest))
