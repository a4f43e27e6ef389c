"""Axes have round marks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.audio.time_chart import clock, round_step, time_ticks


@pytest.mark.parametrize(
    ("seconds", "ticks"),
    [
        (0.5, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (4.8, [0.0, 1.0, 2.0, 3.0, 4.0]),
        (30.0, [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]),
        (600.0, [0.0, 120.0, 240.0, 360.0, 480.0, 600.0]),
    ],
)
def test_marks_stand_at_round_times(seconds: float, ticks: list[float]) -> None:
    assert time_ticks(seconds) == pytest.approx(ticks)


@given(st.floats(0.001, 21_600))
def test_there_are_a_few_marks_inside_whatever_the_length(seconds: float) -> None:
    ticks = time_ticks(seconds)
    assert 1 <= len(ticks) <= 11
    assert ticks[-1] <= seconds * (1 + 1e-6)


@given(st.floats(1e-3, 1e6))
def test_steps_are_one_two_or_five_times_a_power_of_ten(span: float) -> None:
    step = round_step(span)
    assert round(step / 10 ** math.floor(math.log10(step) + 1e-9)) in {1, 2, 5, 10}
    assert span / step <= 9.001


def test_times_are_written_as_people_read_them() -> None:
    assert (clock(2.5, 10), clock(65, 300), clock(3_725, 7_200)) == ("2.5", "1:05", "1:02:05")
