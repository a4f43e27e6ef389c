"""Draw a chart of the numbers in a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.tables import Table
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # matplotlib loads when a chart is drawn, not when the tool is listed
    from matplotlib.axes import Axes

_MOST_SERIES = 8
_MOST_POINTS = 20_000
_MOST_BARS = 200
_MOST_SLICES = 12
_MOST_LABELS = 24
_LONGEST_LABEL = 24
_SIZE_INCHES, _DPI = (9.6, 5.4), 125
_COLOURS = (
    "#1f6f8b", "#d1495b", "#edae49", "#3c896d", "#6c4f8d", "#8d6b4f", "#5b8e7d", "#999999",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Series:
    """What is drawn.

    Attributes:
        labels: What stands along the bottom, one a row.
        places: The same as numbers, when they are numbers.
        axis: Name of the bottom axis.
        values: Names and numbers of each line; None where a cell is empty.
    """

    labels: tuple[str, ...]
    places: tuple[float | None, ...] | None
    axis: str
    values: tuple[tuple[str, tuple[float | None, ...]], ...]


class ChartFromTable(CpuTool):
    """Lines, bars, dots or a pie, by matplotlib, 1200 by 675 pixels."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw.

        Returns:
            `chart`: PNG. Without `x_column`, the first column of words is along the bottom, else
            the first one; without `y_columns`, all other columns of numbers are drawn.

        Raises:
            InvalidInput: No numbers, no such column, too many rows for the kind, or negative
                numbers in a pie.
        """
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        table = Table.from_csv(inputs.text("table"))
        series = _series(table, inputs.text("x_column"), inputs.text("y_columns"))
        kind = inputs.text("kind", "bar")
        context.check()
        figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        _DRAW[kind](axes, series)
        title = " ".join(inputs.text("title").split())[:120]
        # a dollar sign would begin a formula
        axes.set_title(title.replace("$", r"\$"), fontsize=15)
        out = context.scratch / "chart.png"
        figure.savefig(out, metadata={"Software": None})
        context.check()
        caption = f"{kind} chart of {', '.join(name for name, _ in series.values)[:100]}"
        return {"chart": Output.of_file(Path(out), caption=caption)}


def _series(table: Table, x_column: str, y_columns: str) -> _Series:
    numeric = [i for i in range(len(table.header)) if table.numbers(i) is not None]
    words = [i for i in range(len(table.header)) if i not in numeric]
    if x_column.strip():
        bottom: int | None = table.index_of(x_column)
    elif words or len(numeric) > 1:
        bottom = words[0] if words else numeric[0]
    else:
        bottom = None  # one column of numbers, drawn over the number of the row
    wanted = [table.index_of(name) for name in y_columns.split(",") if name.strip()]
    chosen = wanted or [i for i in numeric if i != bottom][:_MOST_SERIES]
    values = tuple((table.header[i], n) for i in chosen if (n := table.numbers(i)) is not None)
    if not values or len(values) < len(wanted):
        named = ", ".join(table.header[i] for i in wanted) or ", ".join(table.header[:20])
        msg = f"there are no numbers to draw in the columns {named}"
        raise InvalidInput(msg)
    if len(table.rows) > _MOST_POINTS:
        msg = f"the table has {len(table.rows)} rows, at most {_MOST_POINTS} are drawn; select some"
        raise InvalidInput(msg)
    if bottom is None:
        places = tuple(float(row) for row in range(1, len(table.rows) + 1))
        return _Series(tuple(f"{place:g}" for place in places), places, "row", values)
    labels = tuple(_short(cell) for cell in table.column(bottom))
    return _Series(labels, table.numbers(bottom), table.header[bottom], values)


def _draw_line(axes: Axes, series: _Series) -> None:
    places = _places(series)
    for number, (name, values) in enumerate(series.values):
        pairs = [(p, v) for p, v in zip(places, values, strict=True) if p is not None]
        if series.places is not None:
            pairs.sort(key=lambda pair: pair[0])
        ys = [float("nan") if value is None else value for _, value in pairs]
        few = len(pairs) <= 60
        axes.plot(
            [place for place, _ in pairs], ys, color=_COLOURS[number % len(_COLOURS)],
            label=_safe(name), linewidth=2, marker="o" if few else None, markersize=4,
        )  # fmt: skip
    _finish(axes, series)


def _draw_scatter(axes: Axes, series: _Series) -> None:
    places = _places(series)
    for number, (name, values) in enumerate(series.values):
        pairs = [
            (p, v) for p, v in zip(places, values, strict=True) if p is not None and v is not None
        ]
        axes.scatter(
            [place for place, _ in pairs], [value for _, value in pairs],
            color=_COLOURS[number % len(_COLOURS)], label=_safe(name), s=24, alpha=0.8,
        )  # fmt: skip
    _finish(axes, series)


def _draw_bar(axes: Axes, series: _Series) -> None:
    _check_rows(series, _MOST_BARS, "bars")
    width = 0.8 / len(series.values)
    for number, (name, values) in enumerate(series.values):
        shift = (number - (len(series.values) - 1) / 2) * width
        axes.bar(
            [row + shift for row in range(len(values))], [value or 0.0 for value in values],
            width=width, color=_COLOURS[number % len(_COLOURS)], label=_safe(name),
        )  # fmt: skip
    axes.axhline(0, color="#444444", linewidth=0.8)
    _name_rows(axes, series)
    _finish(axes, series)


def _draw_pie(axes: Axes, series: _Series) -> None:
    _check_rows(series, _MOST_SLICES, "slices of a pie")
    _, values = series.values[0]
    parts = [
        (_safe(label), value)
        for label, value in zip(series.labels, values, strict=True)
        if value is not None
    ]
    if any(value < 0 for _, value in parts) or not sum(value for _, value in parts):
        msg = "a pie shows shares of a whole, and these numbers are not; choose bars instead"
        raise InvalidInput(msg)
    axes.pie(
        [value for _, value in parts], labels=[label for label, _ in parts], autopct="%.0f%%",
        colors=[_COLOURS[n % len(_COLOURS)] for n in range(len(parts))], startangle=90,
        counterclock=False, wedgeprops={"edgecolor": "white", "linewidth": 1.5},
    )  # fmt: skip


_DRAW = {"bar": _draw_bar, "line": _draw_line, "scatter": _draw_scatter, "pie": _draw_pie}


def _places(series: _Series) -> tuple[float | None, ...]:
    return series.places or tuple(float(row) for row in range(len(series.labels)))


def _finish(axes: Axes, series: _Series) -> None:
    if series.places is None:
        _name_rows(axes, series)
    axes.set_xlabel(_safe(series.axis))
    if len(series.values) > 1:
        # outside, where it hides nothing
        axes.figure.legend(loc="outside lower center", ncols=4, frameon=False)
    else:
        axes.set_ylabel(_safe(series.values[0][0]))
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _name_rows(axes: Axes, series: _Series) -> None:
    """Labels below, thinned out where there are too many to read, turned where they are long."""
    step = max(1, -(-len(series.labels) // _MOST_LABELS))
    rows = range(0, len(series.labels), step)
    long = sum(len(series.labels[row]) for row in rows) > 70
    axes.set_xticks(
        list(rows), [_safe(series.labels[row]) for row in rows],
        rotation=40 if long else 0, ha="right" if long else "center",
    )  # fmt: skip


def _check_rows(series: _Series, most: int, what: str) -> None:
    if len(series.labels) > most:
        msg = f"{len(series.labels)} rows are too many {what}, at most {most}; select some first"
        raise InvalidInput(msg)


def _short(cell: str) -> str:
    line = " ".join(cell.split())
    return line if len(line) <= _LONGEST_LABEL else line[: _LONGEST_LABEL - 1] + "…"


def _safe(text: str) -> str:
    """Text that matplotlib takes for text: no formulas, and a label that does not begin with _."""
    plain = text.replace("$", r"\$")
    return f" {plain}" if plain.startswith("_") else plain
