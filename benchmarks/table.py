"""What a benchmark prints and keeps: measured figures, the machine, one table, one JSON file.

A figure may name another figure of the same table as its baseline; the table then shows how many
times the baseline it is. A figure may have a target; whether it is met is told, never asserted.
"""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number.

    Attributes:
        name: What was measured.
        value: The number; the median where there are several runs.
        unit: Its unit.
        low: Smallest of the runs.
        high: Largest of the runs.
        most: The target, for a number that should not be over it.
        least: The target, for a number that should not be under it.
        beside: Name of the figure that is its baseline.
        note: What a reader has to know to compare it.
    """

    name: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    most: float | None = None
    least: float | None = None
    beside: str = ""
    note: str = ""

    @property
    def target(self) -> str:
        """The target in words, with the verdict."""
        if self.most is not None:
            return f"<= {shown(self.most)} {_verdict(met=self.value <= self.most)}"
        if self.least is not None:
            return f">= {shown(self.least)} {_verdict(met=self.value >= self.least)}"
        return ""


def _verdict(*, met: bool) -> str:
    return "met" if met else "MISSED"


def figure_of(name: str, runs: Sequence[float], unit: str, **more: Any) -> Figure:  # noqa: ANN401 - fields of Figure
    """The median of several runs, with their range."""
    return Figure(
        name=name,
        value=statistics.median(runs),
        unit=unit,
        low=min(runs),
        high=max(runs),
        **more,
    )


def seconds_of(call: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def shown(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    digits = 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table, aligned so that a terminal shows it well."""
    values = {figure.name: figure.value for figure in figures}
    rows = [("measured", "value", "range", "target", "times its baseline", "note")]
    rows += [_row(figure, values) for figure in figures]
    used = [column for column in range(6) if any(row[column] for row in rows[1:])]
    return _markdown([[row[column] for column in used] for row in rows])


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| "
        + " | ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _row(figure: Figure, values: dict[str, float]) -> tuple[str, str, str, str, str, str]:
    span = ""
    if figure.low is not None and figure.high is not None:
        span = f"{shown(figure.low)} to {shown(figure.high)}"
    times = ""
    if figure.beside in values and values[figure.beside] > 0:
        times = f"{shown(figure.value / values[figure.beside])} x {figure.beside}"
    value = f"{shown(figure.value)} {figure.unit}"
    return figure.name, value, span, figure.target, times, figure.note


def grid(figures: Sequence[Figure]) -> str:
    """The figures named `row, column` as a Markdown table of rows and columns, targets below it."""
    cells: dict[str, dict[str, str]] = {}
    values = {figure.name: figure.value for figure in figures}
    for figure in figures:
        row, _, column = figure.name.partition(", ")
        cells.setdefault(row, {})[column] = _cell(figure, values)
    columns = list(dict.fromkeys(column for held in cells.values() for column in held))
    rows = [["", *columns]]
    rows += [[row, *(held.get(column, "") for column in columns)] for row, held in cells.items()]
    targets = [
        f"- {each.name}: {shown(each.value)} {each.unit}, {each.target}"
        for each in figures
        if each.target
    ]
    return "\n".join([_markdown(rows), "", *targets])


def _cell(figure: Figure, values: dict[str, float]) -> str:
    span = ""
    if figure.low is not None and figure.high is not None:
        span = f" ({shown(figure.low)} to {shown(figure.high)})"
    times = ""
    if values.get(figure.beside):
        times = f", {shown(figure.value / values[figure.beside])} x"
    return f"{shown(figure.value)}{span} {figure.unit}{times}"


def machine() -> dict[str, Any]:
    """What the figures depend on: processor, memory, versions, load, day."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
        "day": datetime.now(UTC).date().isoformat(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def report(
    question: str,
    figures: Iterable[Figure],
    about: dict[str, Any],
    layout: Callable[[Sequence[Figure]], str] = table,
) -> Path:
    """Print the table of one benchmark and write everything to `results/`.

    Args:
        question: Name of the benchmark and of its file.
        figures: What was measured, in the order in which it is shown.
        about: The machine as it was when the benchmark began, and the size of the question.
        layout: `table` or `grid`.

    Returns:
        The file.
    """
    measured = list(figures)
    told = ", ".join(f"{name} {value}" for name, value in about.items())
    print(f"{question} ({told})\n\n{layout(measured)}\n")
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{question}.json"
    data = {"machine": about, "figures": [asdict(each) for each in measured]}
    file.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print(f"written to {file}")
    return file
