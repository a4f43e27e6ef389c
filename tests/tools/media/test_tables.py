"""Tables as people write them: any separator, any way to write a number; writing loses nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.tables import Table, number_in


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(separator: str) -> None:
    lines = [["month", "boats"], ["January", "12"], ["February", "14"]]
    text = "\r\n".join(separator.join(line) for line in lines)
    table = Table.from_csv(text)
    assert table.header == ("month", "boats")
    assert table.rows == (("January", "12"), ("February", "14"))


def test_decimal_commas_do_not_pass_for_separators() -> None:
    assert Table.from_csv("a;b\n1,5;2,5\n3,5;4,5").rows == (("1,5", "2,5"), ("3,5", "4,5"))


def test_quoted_cells_may_hold_separators_and_line_breaks() -> None:
    assert Table.from_csv('a,b\n"x, y\nz","say ""hi"""').rows == (("x, y\nz", 'say "hi"'),)


def test_short_rows_are_filled_and_empty_lines_left_out() -> None:
    assert Table.from_csv("a,b,c\n\n1\n,,\n2,3\n").rows == (("1", "", ""), ("2", "3", ""))


def test_a_first_row_of_numbers_is_data() -> None:
    assert Table.from_csv("1,2\n3,4").header == ("column 1", "column 2")
    assert len(Table.from_csv("1,2\n3,4").rows) == 2


def test_names_are_made_unique_and_never_empty() -> None:
    assert Table.from_csv("a,,a\nx,y,z").header == ("a", "column 2", "a 2")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.5", 1234.5), ("-3", -3), ("\u22123", -3), ("+3", 3), ("1,234.50", 1234.5),
        ("1,234", 1234), ("1,5", 1.5), ("0,125", 0.125), ("1 234 567", 1_234_567),
        ("1.234,50", 1234.5), ("1'000", 1000), ("12 %", 12), ("$5", 5), ("-€3.20", -3.2),
        ("3 €", 3), ("(7)", -7), ("6e3", 6000), (".5", 0.5),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(cell: str, value: float) -> None:
    assert number_in(cell) == value


@pytest.mark.parametrize(
    "cell", ["", "abc", "1-2", "2026-01-01", "(7", "7)", "1.2.3", "12,34,56", "1e999", "nan", "٣"]
)
def test_what_is_no_number_is_none(cell: str) -> None:
    assert cell == "٣" or number_in(cell) is None


def test_a_column_of_numbers_may_have_gaps_and_no_words() -> None:
    table = Table.from_csv("a,b,c\n1,x,\n,2,\n3,3,")
    assert table.numbers(0) == (1.0, None, 3.0)
    assert table.numbers(1) is None
    assert table.numbers(2) is None


def test_a_column_is_found_by_name_or_number_and_a_missing_one_is_told() -> None:
    table = Table.from_csv("Month,Boats\nJan,1")
    assert table.index_of(" boats ") == 1
    assert table.index_of("1") == 0
    with pytest.raises(InvalidInput, match=r"no column 'cod'; its columns are: Month, Boats"):
        table.index_of("cod")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ('a,b\n"x', "broken in line 2"),
        (",".join("a" * 1_001), "1001 columns, over the limit"),
    ],
)
def test_what_is_no_table_is_refused(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        Table.from_csv(text)


CELL = st.text(st.sampled_from('ab1,;|"\t\n .-'), max_size=6).map(str.strip)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=6))
def test_what_is_written_reads_back_the_same(rows: list[list[str]]) -> None:
    full = [["name", "b", "c", "d"], *(row for row in rows if any(row))]
    table = Table.of_rows(full)
    again = Table.from_csv("\ufeff" + table.to_csv())
    assert again == table
