"""Tables as CSV: a header and rows of text cells, and what numbers people write into them."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from controlllm_tools.errors import InvalidInput

MOST_CELLS = 2_000_000
MOST_COLUMNS = 1_000
_SEPARATORS = ",;\t|"
_SAMPLE_LINES = 50
_LONGEST_CELL_CHARS = 1_000_000
_NUMBER = re.compile(
    r"(?P<sign>[+\-\u2212(]?)\s*[$\u20ac\u00a3\u00a5]?\s*(?P<sign2>[+\-\u2212]?)"
    r"(?P<digits>\d{1,3}(?:[ ,'\u00a0\u202f]\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d*[.,]?\d+)"
    r"(?P<exponent>[eE][+\-]?\d{1,3})?\s*(?P<unit>%|[$\u20ac\u00a3\u00a5])?\)?"
)
"""1234.5, -3, 1,234.50, 1 234, 1.234,50, 12 %, $5, (7) for minus seven, 6e23."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header and rows; every row has as many cells as the header.

    Attributes:
        header: Names of the columns; each is unique and none is empty.
        rows: Cells as written, trimmed.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def from_csv(cls, text: str) -> Self:
        """Read text whose cells are separated by commas, semicolons, tabs or bars.

        The separator is the one that gives the first lines the same number of cells, the most
        cells where several do. A first row of numbers alone is data, not a header. Short rows are
        filled up with empty cells.

        Raises:
            InvalidInput: Nothing in it, a quotation mark that is not closed, or over a limit.
        """
        text = text.removeprefix("\ufeff")
        csv.field_size_limit(_LONGEST_CELL_CHARS)
        reader = csv.reader(io.StringIO(text), delimiter=_separator(text), strict=True)
        rows = []
        try:
            for cells in reader:
                trimmed = tuple(cell.strip() for cell in cells)
                rows += [trimmed] if any(trimmed) else []
        except csv.Error as error:
            msg = f"the table is broken in line {reader.line_num}: {error}"
            raise InvalidInput(msg) from error
        return cls.of_rows(rows)

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[str]], *, has_header: bool | None = None) -> Self:
        """A table of rows.

        Args:
            rows: The cells; short rows are filled up.
            has_header: Whether the first row holds the names; by default, unless it is all numbers.

        Raises:
            InvalidInput: No rows, or over a limit.
        """
        width = max((len(row) for row in rows), default=0)
        if width == 0:
            msg = "the table is empty: it has neither a header nor rows"
            raise InvalidInput(msg)
        if width > MOST_COLUMNS or width * len(rows) > MOST_CELLS:
            msg = f"the table has {len(rows)} rows and {width} columns, over the limit"
            raise InvalidInput(msg)
        full = [(*row, *("",) * (width - len(row))) for row in rows]
        all_numbers = all(number_in(cell) is not None for cell in full[0] if cell)
        named = not all_numbers if has_header is None else has_header
        names = full[0] if named else ("",) * width
        return cls(header=_unique(names), rows=tuple(full[1:] if named else full))

    def to_csv(self) -> str:
        """Comma-separated text, one line a row; reading it gives the same table."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([self.header, *self.rows])
        return out.getvalue()

    def index_of(self, column: str) -> int:
        """Where a column stands, by its name whatever the capitals, or by its number from 1.

        Raises:
            InvalidInput: There is no such column.
        """
        wanted = column.strip().casefold()
        names = [name.casefold() for name in self.header]
        if wanted in names:
            return names.index(wanted)
        if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
            return int(wanted) - 1
        msg = f"the table has no column {column!r}; its columns are: {', '.join(self.header[:30])}"
        raise InvalidInput(msg)

    def column(self, index: int) -> tuple[str, ...]:
        """The cells of a column, from top to bottom."""
        return tuple(row[index] for row in self.rows)

    def numbers(self, index: int) -> tuple[float | None, ...] | None:
        """A column as numbers, None for its empty cells; None when it holds anything else."""
        values = [(cell, number_in(cell)) for cell in self.column(index)]
        if any(cell and value is None for cell, value in values):
            return None
        found = tuple(value for _, value in values)
        return found if any(value is not None for value in found) else None

    def with_rows(self, rows: Sequence[tuple[str, ...]]) -> Self:
        """The same columns with other rows."""
        return replace(self, rows=tuple(rows))


def number_in(cell: str) -> float | None:
    """The number that a cell holds and nothing but it; signs of money and per cent may stand by."""
    match = _NUMBER.fullmatch(cell.strip())
    if match is None:
        return None
    sign = match["sign"] or match["sign2"]
    if (sign == "(") != cell.strip().endswith(")"):
        return None
    value = float(_plain_digits(match["digits"]) + (match["exponent"] or ""))
    if value == float("inf"):
        return None
    return -value if sign in {"-", "\u2212", "("} else value


def _plain_digits(digits: str) -> str:
    """Digits with a decimal point and nothing else; 1,234 is over a thousand, 1,5 is below two."""
    for blank in " '\u00a0\u202f":
        digits = digits.replace(blank, "")
    if "," in digits and "." in digits:
        decimal = max(",.", key=digits.rfind)
        other = "." if decimal == "," else ","
        return digits.replace(other, "").replace(decimal, ".")
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", digits):
        return digits.replace(",", "")
    return digits.replace(",", ".")


def _separator(text: str) -> str:
    lines = list(
        itertools.islice((line for line in text.splitlines() if line.strip()), _SAMPLE_LINES)
    )

    def worth(separator: str) -> tuple[float, int]:
        widths = [len(row) for row in _rows_of(lines, separator)]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        alike = widths.count(usual) / max(1, len(widths))
        return (alike if usual > 1 else 0.0, usual)

    # max takes the first of equals, and the comma is listed first
    return max(_SEPARATORS, key=worth)


def _rows_of(lines: Sequence[str], separator: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=separator)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for place, name in enumerate(names, start=1):
        base = " ".join(name.split()) or f"column {place}"
        candidates = itertools.chain([base], (f"{base} {n}" for n in itertools.count(2)))
        found.append(next(each for each in candidates if each not in found))
    return tuple(found)
