"""Sort the rows of a table, keep those that meet a condition, or only the first few."""

from __future__ import annotations

import re
from collections.abc import Callable

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.tables import Table, number_in
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_CONDITION = re.compile(
    r"(?P<column>.+?)\s*(?P<sign><=|>=|!=|==?|<|>|\bis not\b|\bis\b|\bcontains\b)\s*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class SelectRows(CpuTool):
    """Condition first, then order, then count; the columns stay as they are."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Select.

        Returns:
            `table`: CSV. Rows with an empty cell in the column of the order stand last.

        Raises:
            InvalidInput: No such column, a condition that is none, or a count below 1.
        """
        context.check()
        table = Table.from_csv(inputs.text("table"))
        total = len(table.rows)
        if condition := inputs.text("where").strip():
            meets = _condition(table, condition)
            table = table.with_rows([row for row in table.rows if meets(row)])
        order = inputs.text("order", "as it is")
        if order != "as it is" or "sort_by" in inputs:
            table = _sorted(table, inputs.text("sort_by"), descending=order == "descending")
        context.check()
        if "count" in inputs:
            count = inputs.number("count", 1)
            if count < 1 or count != int(count):
                msg = f"{count:g} rows cannot be kept; give a whole number from 1"
                raise InvalidInput(msg)
            table = table.with_rows(table.rows[: int(count)])
        caption = f"{len(table.rows)} of {total} rows"
        return {"table": Output.of_text(table.to_csv(), name="table.csv", caption=caption)}


def _sorted(table: Table, column: str, *, descending: bool) -> Table:
    index = table.index_of(column) if column else _first_numeric(table)
    numbers = table.numbers(index)
    filled = [place for place, cell in enumerate(table.column(index)) if cell]
    empty = [place for place, cell in enumerate(table.column(index)) if not cell]

    def key(place: int) -> tuple[float, str]:
        value = numbers[place] if numbers else None
        return (value or 0.0, "" if numbers else table.rows[place][index].casefold())

    # sorted keeps the order of equals, also the other way round
    ordered = sorted(filled, key=key, reverse=descending)
    return table.with_rows([table.rows[place] for place in (*ordered, *empty)])


def _first_numeric(table: Table) -> int:
    columns = range(len(table.header))
    return next((index for index in columns if table.numbers(index) is not None), 0)


def _condition(table: Table, condition: str) -> Callable[[tuple[str, ...]], bool]:
    match = _CONDITION.fullmatch(condition)
    if match is None:
        msg = (
            f"{condition[:60]!r} is no condition; write one like: boats > 12, or: note contains ice"
        )
        raise InvalidInput(msg)
    index = table.index_of(match["column"].strip("\"'` "))
    sign, wanted = match["sign"].lower(), match["value"].strip("\"' ")
    if sign == "contains":
        return lambda row: wanted.casefold() in row[index].casefold()
    if sign in _COMPARE:
        limit = number_in(wanted)
        if limit is None:
            msg = f"{sign} compares numbers, and {wanted[:40]!r} is none"
            raise InvalidInput(msg)
        return lambda row: (n := number_in(row[index])) is not None and _COMPARE[sign](n, limit)
    negated = sign in {"!=", "is not"}
    return lambda row: _same(row[index], wanted) != negated


def _same(cell: str, wanted: str) -> bool:
    number = number_in(wanted)
    if number is not None:
        return number_in(cell) == number
    return cell.casefold() == wanted.casefold()
