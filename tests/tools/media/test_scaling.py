"""Numbers in, factors out."""

from __future__ import annotations

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.scaling import wanted_scale
from controlllm_tools.resources import Resource
from controlllm_tools.tool import Inputs, Item

SIZE = (400, 200)


def inputs(**values: float) -> Inputs:
    types = {"keep_shape": "boolean"}
    items = {
        port: Item(Resource.of_value(types.get(port, "number"), value))
        for port, value in values.items()
    }
    return Inputs.of(**items)


@pytest.mark.parametrize(
    ("values", "fits_both", "factors"),
    [
        ({}, True, (0.5, 0.5)),
        ({"scale": 2}, True, (2, 2)),
        ({"width": 100}, False, (0.25, 0.25)),
        ({"height": 100, "scale": 9}, False, (0.5, 0.5)),
        ({"width": 100, "height": 100}, False, (0.25, 0.5)),
        ({"width": 100, "height": 100}, True, (0.25, 0.25)),
        ({"width": 100, "height": 100, "keep_shape": True}, False, (0.25, 0.25)),
        ({"width": 100, "height": 100, "keep_shape": False}, True, (0.25, 0.5)),
        ({"width": 100, "keep_shape": False}, True, (0.25, 1.0)),
    ],
)
def test_the_words_of_a_size_become_factors(
    values: dict[str, float], fits_both: bool, factors: tuple[float, float]
) -> None:
    assert wanted_scale(inputs(**values), SIZE, fits_both=fits_both) == factors


@pytest.mark.parametrize("port", ["width", "height", "scale"])
@pytest.mark.parametrize("value", [0, -3, 2e6])
def test_a_size_must_be_above_zero(port: str, value: float) -> None:
    with pytest.raises(InvalidInput, match=f"{port} must be above zero and at most 1,000,000"):
        wanted_scale(inputs(**{port: value}), SIZE, fits_both=True)
