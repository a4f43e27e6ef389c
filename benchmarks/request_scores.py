"""Figures of a set from its answers, each with a 95 % interval.

The definitions are those of the program `score.py` that comes with the data: it is called once for
all cases and once for each, and the two must agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.request_sets import Case, RequestSet
from benchmarks.solve_subtasks import wilson

Answer = dict[str, Any]

_RESAMPLES = 2_000
_LEVELS = ("easy", "medium", "hard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A share, summed over cases: what counts by what there is.

    Attributes:
        name: What it is called.
        counted: Per case, what counts.
        of: Per case, out of how much; 0 for a case that has no say.
        is_rest: Whether the figure is 1 less the share.
        is_binary: Whether each case counts fully or not at all.
    """

    name: str
    counted: tuple[float, ...]
    of: tuple[float, ...]
    is_rest: bool = False
    is_binary: bool = False

    @property
    def cases(self) -> int:
        """How many cases have a say."""
        return sum(weight > 0 for weight in self.of)

    @property
    def value(self) -> float:
        """The figure, 0 to 1; of nothing at all it is as good as it can be said to be bad."""
        return self._figure(sum(self.counted), sum(self.of))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval: Wilson's for a share of cases, else a bootstrap over cases.

        Where every case is alike a bootstrap knows no doubt; Wilson's interval of so many cases
        stands in for it then.
        """
        if not self.cases:
            return self.value, self.value
        if self.is_binary:
            return wilson(round(sum(self.counted)), self.cases)
        low, high = self._bootstrap()
        if low == high and low in {0.0, 1.0}:
            return wilson(round(low * self.cases), self.cases)
        return low, high

    def _bootstrap(self) -> tuple[float, float]:
        """Percentiles over resampled cases (Efron 1979); the same resamples in every run."""
        pairs = [pair for pair in zip(self.counted, self.of, strict=True) if pair[1] > 0]
        drawn = np.random.default_rng(0).integers(len(pairs), size=(_RESAMPLES, len(pairs)))
        counted, total = np.array(pairs, dtype=float)[drawn].sum(axis=1).T
        figures = [self._figure(*pair) for pair in zip(counted, total, strict=True)]
        low, high = np.percentile(figures, [2.5, 97.5])
        return float(low), float(high)

    def _figure(self, counted: float, total: float) -> float:
        share = counted / total if total else 0.0
        return 1 - share if self.is_rest else share


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What the answers to one set are worth.

    Attributes:
        metrics: The figures.
        failed: Ids of the cases that are not fully right, in order.
    """

    metrics: tuple[Metric, ...]
    failed: tuple[str, ...]


def score(asked: RequestSet, answers: Sequence[Answer]) -> Scores:
    """Score answers; a case without one counts as unanswered.

    Raises:
        ValueError: The scorer gives other figures for all cases than for each of them.
    """
    return _of_goals(asked, answers) if asked.has_goals else _of_graphs(asked, answers)


def _of_goals(asked: RequestSet, answers: Sequence[Answer]) -> Scores:
    dotted = {str(name).rpartition(".")[2]: str(name) for name in asked.registry(()).types}
    whole, rows = asked.score.controlllm(
        asked.cases, answers, asked.tools, lambda name: dotted.get(name, name)
    )
    metrics = [
        _share("SE", rows, "SE", is_binary=True),
        *(
            _share(f"SE {level}", held, "SE", is_binary=True)
            for level in _LEVELS
            if (held := [row for row in rows if row["level"] == level])
        ),
        _share("NR", rows, "NR"),
        _share("IR", rows, "irr", "steps"),
        _share("HR", rows, "bad", "n"),
        _share("CR", rows, "wrong", "n", is_rest=True),
    ]
    for metric in metrics:
        _agree(metric, whole[metric.name.removeprefix("SE ")])
    failed = sorted(str(row["id"]) for row in rows if row["SE"] < 1)
    return Scores(metrics=tuple(metrics), failed=tuple(failed))


def _share(
    name: str, rows: Sequence[dict[str, Any]], counted: str, of: str = "", **kind: bool
) -> Metric:
    weights = [float(row[of]) if of else 1.0 for row in rows]
    return Metric(
        name=name, counted=tuple(float(r[counted]) for r in rows), of=tuple(weights), **kind
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _GraphRow:
    """One case: its F1 scores, 0 to 1; no link F1 for a case that has no links to find."""

    id: str
    type: str
    nodes: float
    links: float | None


def _of_graphs(asked: RequestSet, answers: Sequence[Answer]) -> Scores:
    by_id = {answer["id"]: answer for answer in answers}
    rows = [_graph_row(asked, case, by_id.get(case["id"], {})) for case in asked.cases]
    nodes, links, _ = asked.score.graph(asked.cases, answers)
    types = sorted({row.type for row in rows})
    metrics = []
    for name, held in (
        ("", rows),
        *((f" {type_}", [row for row in rows if row.type == type_]) for type_ in types),
    ):
        metrics += list(_f1(name, held))
    for metric in metrics:
        if metric.name in {"node F1", "link F1"}:
            _agree(metric, (nodes if metric.name == "node F1" else links) / 100)
    failed = sorted(
        row.id for row in rows if min(row.nodes, row.links or 1.0) < 1 or row.links == 0
    )
    ordered = sorted(metrics, key=lambda metric: metric.name[:4], reverse=True)
    return Scores(metrics=tuple(ordered), failed=tuple(failed))


def _f1(of_type: str, rows: Sequence[_GraphRow]) -> Iterator[Metric]:
    ones = tuple(1.0 for _ in rows)
    yield Metric(name=f"node F1{of_type}", counted=tuple(row.nodes for row in rows), of=ones)
    said = tuple(float(row.links is not None) for row in rows)
    if any(said):
        links = tuple(row.links or 0.0 for row in rows)
        yield Metric(name=f"link F1{of_type}", counted=links, of=said)


def _graph_row(asked: RequestSet, case: Case, answer: Answer) -> _GraphRow:
    given = [answer] if answer else []
    nodes, links, _ = asked.score.graph([case], given)
    # whether a case has a say on links is for the scorer to tell: ask it about the right answer
    has_links = asked.score.graph([case], [right_answer(asked, case)])[1] > 0
    return _GraphRow(
        id=str(case["id"]),
        type=str(case["type"]),
        nodes=nodes / 100,
        links=links / 100 if has_links else None,
    )


def right_answer(asked: RequestSet, case: Case) -> Answer:
    """The accepted nodes and links of a case as an answer, ordered by `after` alone."""
    steps = [
        {
            "id": name,
            "tool": asked.tool_name(name),
            "inputs": {},
            "after": [source for source, target in case["links"] if target == name],
        }
        for name in dict.fromkeys(case["nodes"])
    ]
    return {"id": case["id"], "steps": steps}


def _agree(metric: Metric, whole: float) -> None:
    if not math.isclose(metric.value, whole, abs_tol=1e-9):
        msg = f"{metric.name} is {whole} for all cases and {metric.value} summed over each"
        raise ValueError(msg)
