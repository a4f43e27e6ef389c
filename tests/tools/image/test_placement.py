"""Where a picture lies on another one, by numbers and by words."""

from __future__ import annotations

import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.image.placement import corner, scaled, trimmed
from controlllm_tools.resources import Resource
from controlllm_tools.tool import Inputs, Item


def inputs(**values: float | str) -> Inputs:
    return Inputs.of(
        **{
            port: Item(Resource.of_value("text" if isinstance(value, str) else "number", value))
            for port, value in values.items()
        }
    )


def test_clear_edges_are_trimmed_and_an_opaque_picture_is_whole() -> None:
    layer = Image.new("RGBA", (50, 40), (0, 0, 0, 0))
    layer.paste((9, 9, 9, 1), (10, 5, 30, 25))
    assert trimmed(layer).size == (20, 20)
    assert trimmed(Image.new("RGB", (50, 40))).size == (50, 40)


@pytest.mark.parametrize(
    ("values", "size"),
    [({}, (20, 10)), ({"scale": 1}, (300, 150)), ({"scale": 0.001}, (1, 1))],
)
def test_the_scale_is_a_share_of_the_ground(
    values: dict[str, float], size: tuple[int, int]
) -> None:
    assert scaled(inputs(**values), Image.new("RGB", (20, 10)), (300, 200)).size == size


def test_words_leave_a_margin_and_numbers_do_not() -> None:
    assert corner(inputs(across="right", down="top"), (20, 10), (300, 200)) == (274, 6)
    assert corner(inputs(left=280, top=0), (20, 10), (300, 200)) == (280, 0)
    assert corner(inputs(), (20, 10), (300, 200), ("left", "bottom")) == (6, 184)


def test_what_is_as_large_as_the_ground_covers_it() -> None:
    assert corner(inputs(across="right", down="bottom"), (300, 200), (300, 200)) == (0, 0)


def test_a_result_over_the_limit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="over the limit of 50 megapixels; give a smaller scale"):
        scaled(inputs(scale=4), Image.new("RGB", (20, 20)), (3_000, 200))
