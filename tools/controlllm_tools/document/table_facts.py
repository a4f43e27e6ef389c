"""Measure a table: its size, and of each column the kind of values and their spread."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections import Counter
from collections.abc import Sequence

from controlllm_tools.media.tables import Table
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_MOST_COMMON = 3
_LONGEST_CELL = 80
_WORDS = {"true", "false", "yes", "no"}


class TableFacts(CpuTool):
    """Facts by counting; numbers are read as people write them, see `media.tables`."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Measure.

        Returns:
            `facts`: rows, columns, and for each column its name, kind (number, date, boolean, text
            or empty), how many cells are filled and different; of numbers the least, greatest,
            mean, median, sum and standard deviation, of dates the first and the last, of texts the
            most common ones.

        Raises:
            InvalidInput: The table is empty or broken.
        """
        table = Table.from_csv(inputs.text("table"))
        columns = []
        for index, name in enumerate(table.header):
            context.check()
            context.progress(index / len(table.header), name)
            columns.append({"name": name, **column_facts(table, index)})
        facts = {"rows": len(table.rows), "columns": columns}
        kinds = Counter(str(column["kind"]) for column in columns)
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        caption = f"{len(table.rows)} rows, {len(columns)} columns ({told})"
        return {"facts": Output.of_json(facts, name="table-facts.json", caption=caption)}


def column_facts(table: Table, index: int) -> dict[str, object]:
    """What is known of one column."""
    cells = [cell for cell in table.column(index) if cell]
    facts: dict[str, object] = {"filled": len(cells), "different": len(set(cells))}
    if not cells:
        return {"kind": "empty", **facts}
    numbers = table.numbers(index)
    if numbers is not None:
        return {"kind": "number", **facts, **_spread([n for n in numbers if n is not None])}
    if all(cell.lower() in _WORDS for cell in cells):
        kind = "boolean"
    elif all(_date(cell) for cell in cells):
        ordered = sorted(cells, key=_date)
        return {"kind": "date", **facts, "first": ordered[0], "last": ordered[-1]}
    else:
        kind = "text"
    # the most common first, equals in their order of appearance
    common = Counter(cells).most_common(_MOST_COMMON)
    shown = [{"value": cell[:_LONGEST_CELL], "count": count} for cell, count in common]
    return {"kind": kind, **facts, "most_common": shown}


def _spread(numbers: Sequence[float]) -> dict[str, float]:
    count = len(numbers)
    # divided first: a sum of huge numbers may leave the range of a float
    mean = sum(number / count for number in numbers)
    spread = {
        "least": min(numbers),
        "greatest": max(numbers),
        "mean": mean,
        "median": statistics.median(numbers),
        "sum": sum(numbers),
        "deviation": math.dist(numbers, [mean] * count) / math.sqrt(max(1, count - 1)),
    }
    # JSON has no infinity
    return {name: round(value, 6) for name, value in spread.items() if abs(value) < float("inf")}


def _date(cell: str) -> str:
    """A date in the order of sorting; empty for anything that is none."""
    try:
        return dt.datetime.fromisoformat(cell).replace(tzinfo=None).isoformat()
    except ValueError:
        return ""
