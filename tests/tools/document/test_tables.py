"""Tables are made, measured, sorted, shown and drawn; what they say is what was in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import html5lib
import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.tables import Table
from controlllm_tools.perform import Product
from controlllm_tools.samples.texts import JSON, TABLE

Use = Callable[..., Mapping[str, Product]]

MIXED = """\
day;boats;late;note;nothing
2026-03-01;1,5;yes;ice;
2026-03-03;2,5;no;ice;
2026-03-02;;no;fog;
"""


def facts_of(use: Use, table: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(use("table_facts", table=table)["facts"].text or "")
    return facts


def test_rows_of_json_become_a_table_with_inner_names_joined(use: Use) -> None:
    product = use("table_from_json", json=JSON)["table"]
    assert product.type == "table"
    assert product.text == (
        "month,boats,catch.cod,catch.herring\nJanuary,12,3.5,5\nFebruary,14,4.25,5\n"
    )


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ('[{"a": 1}, {"b": null, "a": "x, y"}]', 'a,b\n1,\n"x, y",\n'),
        ('{"total": 2, "items": [{"a": 1}, {"a": 2}]}', "a\n1\n2\n"),
        ('{"a": 1, "b": [1, 2]}', 'a,b\n1,"[1,2]"\n'),
        ("[[1, 2], [3, 4]]", "column 1,column 2\n1,2\n3,4\n"),
        ("[1, true]", "value\n1\ntrue\n"),
        ('{"a": 1}\n{"a": 2}\n', "a\n1\n2\n"),
        ('[{"1": 5, "2": 6}]', "1,2\n5,6\n"),
    ],
)
def test_other_forms_of_rows_are_understood(use: Use, text: str, table: str) -> None:
    assert use("table_from_json", json=text)["table"].text == table


@pytest.mark.parametrize("text", ["not json", "[]", '"words"', "{", "[" * 100_000])
def test_what_holds_no_rows_is_refused(use: Use, text: str, tmp_path: Path) -> None:
    path = tmp_path / "data.txt"
    path.write_text(text)
    with pytest.raises(InvalidInput, match="JSON"):
        use("table_from_json", json=path)


def test_each_column_is_measured_as_what_it_is(use: Use) -> None:
    facts = facts_of(use, MIXED)
    day, boats, late, note, nothing = facts["columns"]
    assert facts["rows"] == 3
    assert (day["kind"], day["first"], day["last"]) == ("date", "2026-03-01", "2026-03-03")
    assert boats == {
        "name": "boats", "kind": "number", "filled": 2, "different": 2, "least": 1.5,
        "greatest": 2.5, "mean": 2.0, "median": 2.0, "sum": 4.0, "deviation": 0.707107,
    }  # fmt: skip
    assert late["kind"] == "boolean"
    assert note["most_common"] == [{"value": "ice", "count": 2}, {"value": "fog", "count": 1}]
    assert nothing == {"name": "nothing", "kind": "empty", "filled": 0, "different": 0}


def test_huge_numbers_do_not_break_the_measure(use: Use) -> None:
    (column,) = facts_of(use, "a\n1e308\n1e308\n-1e308")["columns"]
    assert column["greatest"] == 1e308


def test_rows_are_sorted_by_value_with_the_empty_ones_last(use: Use) -> None:
    table = use("select_rows", table=MIXED, sort_by="boats", order="descending")["table"]
    assert Table.from_csv(table.text or "").column(1) == ("2,5", "1,5", "")
    first = use("select_rows", table=TABLE, order="descending", count=2)["table"]
    assert Table.from_csv(first.text or "").column(0) == ("April", "March")
    assert first.caption == "2 of 4 rows"


@pytest.mark.parametrize(
    ("where", "months"),
    [
        ("boats > 13", ("February", "March", "April")),
        ("boats >= 17", ("March", "April")),
        ("catch_t<9", ("January",)),
        ("note contains COD", ("April",)),
        ("month is march", ("March",)),
        ("month != March", ("January", "February", "April")),
        ("boats = 14.0", ("February",)),
        ("note is not ''", ("January", "March", "April")),
        ("boats > 100", ()),
    ],
)
def test_rows_are_kept_by_a_condition(use: Use, where: str, months: tuple[str, ...]) -> None:
    table = Table.from_csv(use("select_rows", table=TABLE, where=where)["table"].text or "")
    assert table.column(0) == months
    assert table.header == ("month", "boats", "catch_t", "note")


@pytest.mark.parametrize(
    ("ports", "told"),
    [
        ({"where": "boats"}, "is no condition; write one like"),
        ({"where": "cod > 1"}, "no column 'cod'"),
        ({"where": "boats > many"}, "compares numbers, and 'many' is none"),
        ({"sort_by": "cod"}, "no column 'cod'"),
        ({"count": 0}, "0 rows cannot be kept"),
    ],
)
def test_wrong_wishes_are_refused(use: Use, ports: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        use("select_rows", table=TABLE, **ports)


def test_markdown_has_numbers_to_the_right_and_escapes_bars(use: Use) -> None:
    product = use("table_to_markdown", table='name,n\n"a|b",5\nc,12\n')["markdown"]
    assert product.type == "text.markdown"
    assert product.text == ("| name |   n |\n| ---- | --: |\n| a\\|b |   5 |\n| c    |  12 |\n")


def test_a_page_shows_every_cell_as_text(use: Use) -> None:
    table = 'name,n\n"<script>alert(1)</script> & co",5\n'
    product = use("table_to_html", table=table, title="<b>Rows</b>")["html"]
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(product.text or "")
    assert [c.text for c in tree.findall(".//td")] == ["<script>alert(1)</script> & co", "5"]
    assert [c.get("class") for c in tree.findall(".//td")] == [None, "number"]
    assert [h.text for h in tree.findall(".//h1")] == ["<b>Rows</b>"]
    assert tree.findall(".//script") == []


def picture(product: Product) -> np.ndarray[Any, np.dtype[np.uint8]]:
    assert product.path is not None
    with Image.open(product.path) as opened:
        return np.asarray(opened.convert("RGB"))


def has_colour(pixels: np.ndarray[Any, np.dtype[np.uint8]], rgb: str) -> np.ndarray[Any, Any]:
    wanted = np.array([int(rgb[i : i + 2], 16) for i in (0, 2, 4)])
    close: np.ndarray[Any, Any] = (np.abs(pixels.astype(int) - wanted) < 12).all(axis=2)
    return close


def test_bars_are_as_high_as_their_numbers(use: Use) -> None:
    pixels = picture(use("chart_from_table", table="who,n\na,10\nb,20\nc,40\n")["chart"])
    assert pixels.shape == (675, 1200, 3)
    columns = has_colour(pixels, "1f6f8b").sum(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], columns > 5, [0]])))
    heights = [float(np.median(columns[a:b])) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    assert len(heights) == 3
    assert heights[1] / heights[0] == pytest.approx(2, rel=0.05)
    assert heights[2] / heights[0] == pytest.approx(4, rel=0.05)


def test_a_line_rises_with_its_numbers_and_each_column_has_its_own(use: Use) -> None:
    table = "x,up,down\n0,0,9\n5,5,5\n9,9,0\n"
    product = use("chart_from_table", table=table, kind="line", y_columns="up, down")["chart"]
    pixels = picture(product)
    for rgb, sign in (("1f6f8b", -1), ("d1495b", 1)):
        # the legend below the axes is left out
        ys, xs = np.nonzero(has_colour(pixels[:560], rgb))
        assert sign * np.polyfit(xs, ys, 1)[0] > 0.2
    assert product.caption == "line chart of up, down"


def test_the_slices_of_a_pie_are_as_large_as_their_shares(use: Use) -> None:
    pixels = picture(use("chart_from_table", table="a,n\nx,75\ny,25\n", kind="pie")["chart"])
    large, small = (int(has_colour(pixels, rgb).sum()) for rgb in ("1f6f8b", "d1495b"))
    assert large / small == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize(
    ("table", "ports", "told"),
    [
        ("a,b\nx,y", {}, "no numbers to draw"),
        ("a,n\nx,1", {"y_columns": "a"}, "no numbers to draw in the columns a"),
        ("a,n\nx,1", {"x_column": "z"}, "no column 'z'"),
        ("a,n\nx,-1\ny,2", {"kind": "pie"}, "choose bars instead"),
        ("a,n\n" + "x,1\n" * 13, {"kind": "pie"}, "13 rows are too many slices"),
        ("a,n\n" + "x,1\n" * 201, {"kind": "bar"}, "201 rows are too many bars"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    use: Use, table: str, ports: dict[str, str], told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        use("chart_from_table", table=table, **ports)


def test_dollar_signs_and_long_labels_are_only_words(use: Use) -> None:
    table = "\n".join(
        ["$a_{b$,_n"] + [f"a rather long label number {n} $x$,{n}" for n in range(1, 60)]
    )
    assert use("chart_from_table", table=table, title="$\\frac{1}{$ & 2")["chart"].path
