"""Stretches and moments: the ends go to the parameters that hold them."""

from __future__ import annotations

import pytest

from controlllm_planner.arguments.numbers import said_numbers
from controlllm_planner.decompose.numbers import spoken_numbers
from controlllm_tools.card import Port, ToolCard


def number(name: str, description: str = "", default: float | None = None) -> Port:
    return Port(name=name, type="number", optional=True, description=description, default=default)


def card_with(*ports: Port) -> ToolCard:
    return ToolCard(name="tool", version="1", summary="Do it.", inputs=ports, outputs=())


TIMES = card_with(
    number("start_s", "where it begins, in seconds; below zero it counts from the end"),
    number("end_s", "where it ends, in seconds"),
)
PAGES = card_with(number("first_page", "the first page", 1), number("last_page", "the last page"))
MOMENT = card_with(number("time_s", "time of the frame in seconds"))


@pytest.mark.parametrize(
    ("card", "said", "found"),
    [
        (TIMES, "from 0:10 to 0:25", {"start_s": 10, "end_s": 25}),
        (TIMES, "keep 10-20 s", {"start_s": 10, "end_s": 20}),
        (TIMES, "between 3 and 5 seconds", {"start_s": 3, "end_s": 5}),
        (TIMES, "the first 10 seconds", {"start_s": 0, "end_s": 10}),
        (TIMES, "the last 10 seconds", {"start_s": -10}),
        (TIMES, "everything until 0:25", {"end_s": 25}),
        (TIMES, "everything after 1:05:30", {"start_s": 3930}),
        (PAGES, "pages 2-4", {"first_page": 2, "last_page": 4}),
        (PAGES, "keep page 3", {"first_page": 3, "last_page": 3}),
        (PAGES, "from page 3", {"first_page": 3}),
        (PAGES, "the first 3 pages", {"first_page": 1, "last_page": 3}),
        (PAGES, "the last 3 pages", {}),
        (PAGES, "words 2-4", {}),
        (MOMENT, "the frame at 0:42", {"time_s": 42}),
        (MOMENT, "the frame at 3 seconds", {"time_s": 3}),
        (
            card_with(number("rate_kbps", "bit rate in kbps")),
            "from 128 to 192 kbps",
            {"rate_kbps": 192},
        ),
    ],
)
def test_the_ends_of_a_stretch_go_to_their_ports(
    card: ToolCard, said: str, found: dict[str, float]
) -> None:
    assert said_numbers(card, spoken_numbers(said)) == found


def test_a_tool_that_takes_a_length_and_first_or_last_gets_a_length() -> None:
    part = Port(name="part", type="option", optional=True, choices=("first", "last"))
    length = number("duration_s", "how long the part is, in seconds")
    card = card_with(*TIMES.inputs, length, part)
    assert said_numbers(card, spoken_numbers("the first 10 seconds")) == {"duration_s": 10}
    for said in ("to the last 0.5 seconds", "from the last 0.5 seconds", "until the last 0.5 s"):
        assert said_numbers(card, spoken_numbers(said)) == {"duration_s": 0.5}
