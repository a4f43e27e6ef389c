"""From measured calls to the cost line of a card, and into its file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.optimize import least_squares, nnls

from benchmarks.grown_inputs import asked_numbers
from controlllm.check import estimate_of
from controlllm_tools.card import Cost, ToolCard
from controlllm_tools.registry import load_registry
from controlllm_tools.tool import Inputs

PLAIN = ("per_second", "per_megapixel", "per_megapixel_second", "per_page", "per_kilochar")
_LEAST_S = 0.001
_NEGLIGIBLE = 0.03
"""A term that makes up less than this share of every call is left out."""


@dataclass(frozen=True, slots=True)
class Point:
    """One measured call."""

    inputs: Inputs
    seconds: float


def fitted(card: ToolCard, points: Sequence[Point]) -> Cost:
    """The cost line that comes closest to what was measured, in ratios and not in seconds.

    Terms that the calls could not tell, because nothing in them varied, stay as the card has them.
    A start by non-negative least squares (Lawson and Hanson 1974) on relative errors is refined on
    the logarithm of the ratio, in which twice as long and half as long are equally wrong, with a
    soft loss, so that a single slow call does not bend the line.
    """
    terms = _varying(card, points)
    kept = replace(_only(card.cost, terms, inverse=True), seconds=0.0)
    kept_s = np.array([estimate_of(replace(card, cost=kept), each.inputs) for each in points])
    taken_s = np.array([each.seconds for each in points])
    rest_s = np.maximum(taken_s - kept_s, 0.1 * taken_s)
    columns = [np.ones(len(points))]
    columns += [_column(card, term, points) for term in terms]
    while True:
        shares = _solved(np.column_stack(columns), rest_s)
        weak = _weakest(np.column_stack(columns), shares)
        if weak is None:
            break
        del columns[weak]
        del terms[weak - 1]
    numbers = {term: _rounded(share) for term, share in zip(terms, shares[1:], strict=True)}
    return _with(kept, max(_LEAST_S, _rounded(float(shares[0]))), numbers)


def _solved(matrix: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    scale = matrix.max(axis=0)
    even = matrix / scale
    start, _ = nnls(even / seconds[:, None], np.ones(len(seconds)))
    least = np.zeros(len(start))
    least[0] = _LEAST_S

    def wrong(shares: NDArray[np.float64]) -> NDArray[np.float64]:
        off: NDArray[np.float64] = np.log(even @ shares / seconds)
        return off

    begin = np.maximum(start, least + 1e-6)
    found = least_squares(wrong, begin, bounds=(least, np.inf), loss="soft_l1", f_scale=0.3)
    return np.asarray(found.x / scale, dtype=np.float64)


def _weakest(matrix: NDArray[np.float64], shares: NDArray[np.float64]) -> int | None:
    """The column that matters least, if it does not matter; never the fixed part."""
    parts = matrix * shares
    weight = (parts / parts.sum(axis=1, keepdims=True)).max(axis=0)
    if len(weight) < 2:
        return None
    place = 1 + int(np.argmin(weight[1:]))
    return place if weight[place] < _NEGLIGIBLE else None


def _varying(card: ToolCard, points: Sequence[Point]) -> list[str]:
    """The terms whose quantity differs among the calls, no two of them alike."""
    found: list[str] = []
    seen: list[NDArray[np.float64]] = []
    asked = {**card.cost.per_asked, **asked_numbers(card)}
    for term in (*PLAIN, *(f"per_asked {port}" for port in asked)):
        column = _column(card, term, points)
        if np.ptp(column) > 1e-9 and not any(_alike(column, other) for other in seen):
            found.append(term)
            seen.append(column)
    return found


def _alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return bool(np.corrcoef(one, other)[0, 1] > 0.999)


def _column(card: ToolCard, term: str, points: Sequence[Point]) -> NDArray[np.float64]:
    """How much of a term's quantity each call has: seconds, megapixels, pages and so on."""
    alone = replace(card, cost=_with(Cost(seconds=0.0), 0.0, {term: 1.0}))
    return np.array([estimate_of(alone, each.inputs) for each in points])


def _with(cost: Cost, seconds: float, numbers: Mapping[str, float]) -> Cost:
    plain = {term: number for term, number in numbers.items() if term in PLAIN}
    asked = {
        term.removeprefix("per_asked "): number
        for term, number in numbers.items()
        if term not in PLAIN
    }
    return replace(cost, seconds=seconds, per_asked={**cost.per_asked, **asked}, **plain)


def _only(cost: Cost, terms: Sequence[str], *, inverse: bool) -> Cost:
    """The cost with some of its terms, or with all but them; `seconds` and `usd` stay."""
    plain = {term: getattr(cost, term) for term in PLAIN if (term in terms) is not inverse}
    asked = {
        port: each
        for port, each in cost.per_asked.items()
        if (f"per_asked {port}" in terms) is not inverse
    }
    return Cost(seconds=cost.seconds, usd=cost.usd, per_asked=asked, **plain)


def _rounded(number: float) -> float:
    return float(f"{number:.2g}")


def written(cost: Cost) -> str:
    """The cost as a card has it, on one line: `{seconds: 0.5, per_second: 0.02}`."""
    parts = [f"seconds: {_plain_number(cost.seconds)}"]
    parts += [f"{term}: {_plain_number(value)}" for term in PLAIN if (value := getattr(cost, term))]
    if cost.per_asked:
        asked = ", ".join(f"{port}: {_plain_number(x)}" for port, x in cost.per_asked.items())
        parts.append(f"per_asked: {{{asked}}}")
    if cost.usd:
        parts.append(f"usd: {_plain_number(cost.usd)}")
    return f"{{{', '.join(parts)}}}"


def _plain_number(value: float) -> str:
    """Without an exponent, which YAML reads as text."""
    digits = max(0, 1 - math.floor(math.log10(value))) if value else 0
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_costs(registry: Path, costs: Mapping[str, Cost]) -> dict[str, Path]:
    """Put costs into the cards' files; every other character of the files stays.

    Args:
        registry: The entry file of the catalogue.
        costs: By name of the tool.

    Returns:
        The file of each tool that was written.

    Raises:
        ValueError: A file would no longer mean the same but for its costs; nothing of it is kept.
    """
    done = {}
    for file in load_registry(registry).files:
        before = file.read_text(encoding="utf-8")
        after = with_costs(before, costs)
        if after != before:
            _refuse_other_changes(file, before, after)
            aside = file.with_name(f".{file.name}.new")
            aside.write_text(after, encoding="utf-8")
            aside.replace(file)
        tools = (yaml.safe_load(before) or {}).get("tools") or ()
        done.update({each["name"]: file for each in tools if each["name"] in costs})
    return done


def with_costs(text: str, costs: Mapping[str, Cost]) -> str:
    """The text of a registry file with other costs, for the tools that it holds."""
    places = []
    for node in _cards_of(yaml.compose(text, Loader=yaml.CSafeLoader)):
        keys = {key.value: (key, value) for key, value in node.value}
        name = keys["name"][1].value
        if name in costs and "cost" in keys:
            value = keys["cost"][1]
            places.append((_at(text, value.start_mark), _at(text, value.end_mark), costs[name]))
        elif name in costs:
            end = _at(text, keys["outputs"][0].start_mark)
            indent = " " * keys["outputs"][0].start_mark.column
            text = f"{text[:end]}cost: {written(costs[name])}\n{indent}{text[end:]}"
            return with_costs(text, costs)
    for start, end, cost in sorted(places, key=lambda place: -place[0]):
        held = text[start:end]
        blanks = held[len(held.rstrip()) :]  # a block ends at the next key
        before = text[:start].rstrip() + " " if "\n" in held.rstrip() else text[:start]
        text = before + written(cost) + blanks + text[end:]
    return text


def _cards_of(root: yaml.Node | None) -> Sequence[yaml.MappingNode]:
    if not isinstance(root, yaml.MappingNode):
        return ()
    tools = next((value for key, value in root.value if key.value == "tools"), None)
    return tools.value if isinstance(tools, yaml.SequenceNode) else ()


def _at(text: str, mark: yaml.Mark) -> int:
    """The place of a mark; the marks of the C reader count no characters beyond ASCII alike."""
    lines = text.splitlines(keepends=True)
    return sum(map(len, lines[: mark.line])) + mark.column


def _refuse_other_changes(file: Path, before: str, after: str) -> None:
    one, other = yaml.safe_load(before), yaml.safe_load(after)
    for each in (*one["tools"], *other["tools"]):
        each.pop("cost", None)
    if one != other:
        msg = f"{file} would change in more than its costs; it is left as it is"
        raise ValueError(msg)
