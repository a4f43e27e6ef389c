"""Turn rows of JSON into a table."""

from __future__ import annotations

import json
from typing import Any

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.tables import Table
from controlllm_tools.resources import canonical_json
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_DEEPEST = 8


class TableFromJson(CpuTool):
    """A list of objects, of lists or of plain values; an object is a row, inner names are joined.

    `{"catch": {"cod": 3}}` becomes the column `catch.cod`; a list inside a row stays JSON.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Convert.

        Returns:
            `table`: CSV; the columns in the order in which they are first met, missing values
            empty.

        Raises:
            InvalidInput: The text is no JSON, holds no rows, or is over a limit.
        """
        context.check()
        rows = _rows(_parsed(inputs.text("json")))
        names: dict[str, None] = {}
        for row in rows:
            names.update(dict.fromkeys(row))
        context.check()
        cells = [[*names], *([row.get(name, "") for name in names] for row in rows)]
        table = Table.of_rows(cells, has_header=True)
        caption = f"{len(table.rows)} rows, {len(table.header)} columns"
        return {"table": Output.of_text(table.to_csv(), name="table.csv", caption=caption)}


def _parsed(text: str) -> object:
    """A JSON value; or one a line (JSON Lines)."""
    try:
        return json.loads(text)
    except RecursionError as error:
        msg = "the JSON is nested too deeply for a table"
        raise InvalidInput(msg) from error
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            rows = [json.loads(line) for line in lines]
        except ValueError:
            rows = []
        if len(rows) < 2:
            msg = f"the text is not JSON: {error}"
            raise InvalidInput(msg) from error
        return rows


def _rows(value: object) -> list[dict[str, str]]:
    if isinstance(value, dict):
        # an answer of a service often wraps its rows: {"items": [...], "total": 3}
        lists = [each for each in value.values() if isinstance(each, list) and _is_rows(each)]
        value = lists[0] if len(lists) == 1 else [value]
    if not isinstance(value, list) or not value:
        msg = 'the JSON holds no rows; give a list of objects, such as [{"name": "a"}]'
        raise InvalidInput(msg)
    found = []
    for each in value:
        match each:
            case dict():
                found.append(_flat(each))
            case list():
                found.append(_flat({f"column {n}": cell for n, cell in enumerate(each, start=1)}))
            case _:
                found.append(_flat({"value": each}))
    return found


def _is_rows(value: list[Any]) -> bool:
    return bool(value) and all(isinstance(each, dict) for each in value)


def _flat(row: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, value in row.items():
        if isinstance(value, dict) and value and depth < _DEEPEST:
            cells.update(_flat(value, f"{before}{name}.", depth + 1))
        else:
            cells[f"{before}{name}"] = _cell(value)
    return cells


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical_json(value)
