"""The values that words say."""

from dataclasses import replace

import pytest
from worlds import card

from controlllm_planner.decompose.mentions import mark
from controlllm_planner.decompose.said_values import SaidValues
from controlllm_tools.card import Port

MADE = card("turn", "image:image", "result:image", "Turn a picture.")
LEFT_OR_RIGHT = Port(name="direction", type="option", choices=("left", "right"))
VALUES = SaidValues([replace(MADE, inputs=(*MADE.inputs, LEFT_OR_RIGHT))])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("turn it to the Left by 90 degrees", {"left", "90"}),
        ("translate it into french and save it as mp3", {"french", "mp3"}),
        ("send it to Anna, Bob", {"anna", "bob"}),
        ("Turn it upside down. Blur it", set()),
        ("turn it around", set()),
    ],
)
def test_numbers_names_languages_formats_and_choices_are_values(text: str, said: set[str]) -> None:
    marked = mark(text, ())
    assert VALUES.said(marked, marked.text) == said
