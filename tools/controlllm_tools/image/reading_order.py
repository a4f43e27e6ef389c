"""Put the text lines that were found on a picture into the order in which a person reads them.

A small variant of the recursive X-Y cut (Nagy and Seth, "Hierarchical representation of optically
scanned documents", ICPR 1984): where an empty corridor runs down through neighbouring rows, they
are read column by column; elsewhere row by row. A strip that is too narrow to be a column, such as
the prices of a menu, stays with its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite
from statistics import median

from controlllm_tools.media.boxes import Box

_COLUMN_HEIGHTS = 5.0
"""A column is at least this many times as wide as its lines are high."""
_CORRIDOR_HEIGHTS = 1.2
"""A gap between columns is at least this many line heights wide; one between words is less."""
_PARAGRAPH_HEIGHTS = 0.9
"""A gap between rows of at least this many line heights begins a new paragraph."""
_SAME_ROW = 0.5
"""Share of the lower of two boxes that must lie beside the other to be on its row."""

Row = tuple[Box, ...]
_Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Rows that belong together, top to bottom; the boxes of a row run left to right."""

    rows: tuple[Row, ...]

    def text(self) -> str:
        """The labels: words of a row joined by spaces, rows by line breaks."""
        return "\n".join(" ".join(box.label for box in row) for row in self.rows)


def paragraphs(lines: Sequence[Box]) -> tuple[Paragraph, ...]:
    """Order text lines for reading.

    Args:
        lines: Boxes whose labels are their text, in any order.

    Returns:
        Paragraphs that hold every line once.
    """
    found: list[Paragraph] = []
    plain: list[Row] = []
    for block, corridors in _blocks(_rows(lines)):
        columns = _columns(block, corridors)
        if len(columns) == 1:
            plain += block
            continue
        found += _split_at_gaps(plain)
        plain = []
        for column in columns:
            found += paragraphs(column)
    return (*found, *_split_at_gaps(plain))


def _rows(lines: Sequence[Box]) -> list[Row]:
    """Group boxes that stand beside each other."""
    rows: list[list[Box]] = []
    for box in sorted(lines, key=lambda b: (b.y + b.height / 2, b.x, b.y, b.width, b.label)):
        if rows and all(_beside(other, box) for other in rows[-1]):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [tuple(sorted(row, key=lambda b: (b.x, b.y, b.width, b.label))) for row in rows]


def _beside(a: Box, b: Box) -> bool:
    shared = min(a.bottom, b.bottom) - max(a.y, b.y)
    return shared >= _SAME_ROW * min(a.height, b.height)


def _blocks(rows: list[Row]) -> list[tuple[list[Row], list[_Span]]]:
    """Gather neighbouring rows through which the same corridors run, with those corridors."""
    blocks: list[tuple[list[Row], list[_Span]]] = []
    for row in rows:
        free = _free(row)
        if blocks:
            block, corridors = blocks[-1]
            common = _intersection(corridors, free, _CORRIDOR_HEIGHTS * _line_height([*block, row]))
            ends_nothing = not _inner(corridors) and not _inner(free)
            if _inner(common) or ends_nothing:
                block.append(row)
                blocks[-1] = (block, common)
                continue
        blocks.append(([row], free))
    return blocks


def _free(row: Row) -> list[_Span]:
    """Where a vertical line passes the row without touching a box."""
    spans: list[_Span] = []
    edge = -inf
    for box in row:
        if box.x > edge:
            spans.append((edge, box.x))
        edge = max(edge, box.right)
    return [*spans, (edge, inf)]


def _intersection(a: list[_Span], b: list[_Span], least_px: float) -> list[_Span]:
    shared = [(max(x[0], y[0]), min(x[1], y[1])) for x in a for y in b]
    return [(left, right) for left, right in shared if right - left >= least_px]


def _inner(corridors: list[_Span]) -> list[_Span]:
    """The corridors that have text on both sides; the others are margins."""
    return [span for span in corridors if isfinite(span[0]) and isfinite(span[1])]


def _line_height(rows: list[Row]) -> float:
    return median(box.height for row in rows for box in row)


def _columns(block: list[Row], corridors: list[_Span]) -> list[list[Box]]:
    """Cut a block at its corridors; a part too narrow for a column stays with the one before."""
    boxes = [box for row in block for box in row]
    height = _line_height(block)
    wide = [(a, b) for a, b in _inner(corridors) if b - a >= _CORRIDOR_HEIGHTS * height]
    cuts = [-inf, *((left + right) / 2 for left, right in wide), inf]
    parts: list[list[Box]] = []
    for left, right in pairwise(cuts):
        part = [box for box in boxes if left <= box.x + box.width / 2 < right]
        width = max(box.right for box in part) - min(box.x for box in part) if part else 0
        if parts and width < _COLUMN_HEIGHTS * height:
            parts[-1] += part
        else:
            parts.append(part)
    return parts


def _split_at_gaps(rows: list[Row]) -> list[Paragraph]:
    groups: list[list[Row]] = []
    for row in rows:
        if groups and _gap(groups[-1][-1], row) < _PARAGRAPH_HEIGHTS:
            groups[-1].append(row)
        else:
            groups.append([row])
    return [Paragraph(tuple(group)) for group in groups]


def _gap(above: Row, below: Row) -> float:
    """Empty space between two rows, in line heights."""
    space = min(box.y for box in below) - max(box.bottom for box in above)
    return space / _line_height([above, below])
