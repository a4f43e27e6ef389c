"""A number is taken within its range and refused outside, with both ends named."""

from __future__ import annotations

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.ranges import Range
from controlllm_tools.resources import Resource
from controlllm_tools.tool import Inputs, Item


def inputs(value: float) -> Inputs:
    return Inputs.of(strength=Item(Resource.of_value("number", value)))


@pytest.mark.parametrize("value", [0, 0.5, 2])
def test_both_ends_belong_to_the_range(value: float) -> None:
    assert Range(0, 2).read(inputs(value), "strength", 1.0) == value


def test_an_unbound_port_has_its_default() -> None:
    assert Range(0, 2).read(Inputs({}), "strength", 1.5) == 1.5


@pytest.mark.parametrize("value", [-0.01, 2.01, 1e300])
def test_outside_it_the_message_names_port_range_and_value(value: float) -> None:
    with pytest.raises(InvalidInput, match=r"strength must lie between 0 and 2, got "):
        Range(0, 2).read(inputs(value), "strength", 1.0)


@pytest.mark.parametrize("value", [-0.1, 2.1, float("nan"), float("inf")])
def test_a_number_that_was_worked_out_is_checked_alike(value: float) -> None:
    assert Range(0, 2).check("the speed factor", 2.0) == 2.0
    with pytest.raises(InvalidInput, match=r"the speed factor must lie between 0 and 2, got "):
        Range(0, 2).check("the speed factor", value)
