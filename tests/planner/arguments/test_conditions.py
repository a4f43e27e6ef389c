"""Conditions in the words of a task: whole ones only."""

import time

import pytest

from controlllm_planner.arguments.conditions import said_condition
from controlllm_tools.card import Port

WHERE = Port(name="where", type="text", optional=True, description="condition for the rows to keep")
SIGNS = Port(name="where", type="text", optional=True, description="condition, such as: boats > 12")


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("the rows where price > 10", "price > 10"),
        ("rows where city is Berlin sorted by price", "city is Berlin"),
        ("where city is New York sorted by price", "city is New York"),
        ("where the price is above 1,500.", "price is above 1,500"),
        ("where price is greater than 10", "price is greater than 10"),
        ("where price is between 5 and 10", "price is between 5 and 10"),
        ("where price is above 10 and city is Rome", "price is above 10 and city is Rome"),
        ("where a > 1 or b contains ice and the c < 2", "a > 1 or b contains ice and the c < 2"),
        ("where city is Rome\nSort by price", "city is Rome"),
        ("where city is Rome.\nIt is hot there", "city is Rome"),
        ("whose name begins with R", "name begins with R"),
    ],
)
def test_a_condition_is_taken_whole(said: str, condition: str) -> None:
    assert said_condition(WHERE, said) == condition


@pytest.mark.parametrize(
    "said",
    [
        "where price > 10 and it rains",
        "where price > 10, or so it seems",
        "where price is above 10\ncity is Rome",
        "where city is Rome, price is below 5",
        "say where it is",
        "the rows",
    ],
)
def test_half_a_condition_is_none(said: str) -> None:
    assert said_condition(WHERE, said) == ""


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("price is above 10", "price > 10"),
        ("price is not more than 10", "price <= 10"),
        ("price is no less than 10", "price >= 10"),
        ("price is at most 10 or cost exceeds 5", "price <= 10 or cost > 5"),
        ("price >= 10 and city is not Rome", "price >= 10 and city is not Rome"),
    ],
)
def test_comparisons_in_words_become_the_signs_that_a_port_shows(said: str, condition: str) -> None:
    assert said_condition(SIGNS, f"where {said}") == condition


@pytest.mark.parametrize("piece", ["where a ", "a b ", "A > B ", "and a > 1 ", "\n", " ", "not "])
def test_long_conditions_are_read_in_linear_time(piece: str) -> None:
    begun = time.process_time()
    said_condition(WHERE, f"where a > 1{piece * (8_000 // len(piece))}")
    said_condition(WHERE, f"where {piece * (8_000 // len(piece))}")
    assert time.process_time() - begun < 0.5
