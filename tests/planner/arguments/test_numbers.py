"""The sign and the unit of a number follow what the card says of its port."""

from __future__ import annotations

import pytest

from controlllm_planner.arguments.numbers import said_numbers
from controlllm_planner.decompose.numbers import spoken_numbers
from controlllm_tools.card import Port, ToolCard

GAIN = Port(
    name="gain_db",
    type="number",
    optional=True,
    description="how much louder, in dB; below zero is quieter",
)
DELAY = Port(name="minutes", type="number", optional=False, description="after how many minutes")


def card_with(port: Port) -> ToolCard:
    return ToolCard(name="tool", version="1", summary="Do it.", inputs=(port,), outputs=())


@pytest.mark.parametrize(
    ("said", "gain"),
    [
        ("lower it by 6 dB", -6),
        ("6 dB quieter", -6),
        ("6 dB louder", 6),
        ("at -20 dB", -20),
        ("raise it by 1,5 dB", 1.5),
    ],
)
def test_less_is_below_zero_where_the_port_tells_it_so(said: str, gain: float) -> None:
    assert said_numbers(card_with(GAIN), spoken_numbers(said)) == {"gain_db": gain}


def test_a_direction_that_is_chosen_leaves_the_number_without_a_sign() -> None:
    numbers = spoken_numbers("lower it by 6 dB")
    assert said_numbers(card_with(GAIN), numbers, ("lower",)) == {"gain_db": 6}


def test_a_required_number_is_read_in_the_unit_of_its_port() -> None:
    assert said_numbers(card_with(DELAY), spoken_numbers("in 5 minutes")) == {"minutes": 5}
    assert said_numbers(card_with(DELAY), spoken_numbers("in an hour or 2 hours")) == {
        "minutes": 120
    }
