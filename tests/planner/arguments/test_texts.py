"""Texts in the words of a task: quoted, conditions, columns, colours and languages."""

from __future__ import annotations

import time

import pytest

from controlllm_planner.arguments.texts import said_texts
from controlllm_tools.card import Port, ToolCard


def card_with(*ports: Port) -> ToolCard:
    return ToolCard(name="tool", version="1", summary="Do it.", inputs=ports, outputs=())


def text(name: str, description: str = "", type_: str = "text", *, optional: bool = True) -> Port:
    return Port(name=name, type=type_, optional=optional, description=description)


WHERE = text("where", "condition for the rows to keep")
SORT = text("sort_by", "column to sort by")
COLUMNS = text("y_columns", "columns to draw, separated by commas")
COLUMN = text("x_column", "column along the bottom")


@pytest.mark.parametrize(
    ("ports", "said", "found"),
    [
        ((WHERE,), "the rows where price > 10", {"where": "price > 10"}),
        (
            (WHERE, SORT),
            "rows where city is Berlin sorted by price",
            {"where": "city is Berlin", "sort_by": "price"},
        ),
        ((SORT,), "sort the table by year", {"sort_by": "year"}),
        ((COLUMN, COLUMNS), "chart the columns price and amount", {"y_columns": "price, amount"}),
        ((text("colour"),), "add a border in red", {"colour": "red"}),
        ((text("colour"),), "a border in red instead of blue", {"colour": "red"}),
        ((text("hex", "the colour, such as #1e90ff"),), "all in #ff8800", {"hex": "#ff8800"}),
        ((text("target_language"),), "put it into Finnish", {"target_language": "Finnish"}),
        ((text("language"),), "into Finnish, not Welsh", {"language": "Finnish"}),
        (
            (text("from_language"), text("language")),
            "from Welsh to Finnish",
            {"from_language": "Welsh", "language": "Finnish"},
        ),
    ],
)
def test_what_stands_behind_the_name_of_a_parameter_is_its_value(
    ports: tuple[Port, ...], said: str, found: dict[str, str]
) -> None:
    assert said_texts(card_with(*ports), said, ()) == found


def test_a_quotation_goes_to_the_parameter_that_is_named_before_it() -> None:
    card = card_with(text("title"), text("author"), text("label"))
    said = "with the title Summer by the sea, the author: Ann and a Bob"
    found = said_texts(card, said, ["Summer by the sea", "Ann", "Bob"])
    assert found == {"title": "Summer by the sea", "author": "Ann"}


def test_what_a_thing_shall_say_needs_no_quotation_marks() -> None:
    card = card_with(text("text", optional=False))
    assert said_texts(card, "make a code that says hello world.", ()) == {"text": "hello world"}


@pytest.mark.parametrize(
    ("ports", "said"),
    [
        ((COLUMN, text("y_column", "column upwards")), "the column price"),
        ((text("colour"),), "in red and blue"),
        ((text("hex", "the colour, such as #1e90ff"),), "in red"),
        ((text("colour"),), "see issue #123"),
        ((text("colour"),), "any colour, but not red"),
        ((text("language"),), "rather than into Welsh"),
        ((WHERE,), "say where it is"),
        ((text("title"),), "the title of the song"),
        ((text("language"),), "from Welsh"),
    ],
)
def test_no_text_is_invented(ports: tuple[Port, ...], said: str) -> None:
    assert said_texts(card_with(*ports), said, ()) == {}


@pytest.mark.parametrize(
    "piece", ["where a ", "sort the ", "a b ", "where ", "columns a, ", "#ff88 "]
)
def test_long_wishes_are_read_in_linear_time(piece: str) -> None:
    card = card_with(WHERE, SORT, COLUMN, COLUMNS, text("colour"))
    begun = time.process_time()
    said_texts(card, piece * 1_000, ())
    assert time.process_time() - begun < 0.5
