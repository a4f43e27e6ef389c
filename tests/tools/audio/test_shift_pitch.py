"""The pitch moves by equal steps, the length stays."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import Ear, main_hz, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


@pytest.mark.parametrize(
    ("ports", "semitones"),
    [
        ({}, 2.0),
        ({"semitones": 7}, 7.0),
        ({"semitones": -5}, -5.0),
        ({"semitones": 5, "direction": "down"}, -5.0),
        ({"semitones": 0.5}, 0.5),
        ({"octaves": 1}, 12.0),
        ({"octaves": 1, "direction": "lower"}, -12.0),
    ],
)
def test_the_pitch_moves_by_semitones_and_the_length_stays(
    ear: Ear, perform: Perform, ports: dict[str, object], semitones: float
) -> None:
    path = ear.write("a.wav", sine(2.0))
    samples, rate_hz = ear.hear(perform("shift_pitch", audio=path, **ports)[0])
    assert len(samples) / rate_hz == pytest.approx(2.0, abs=0.02)
    found = 12 * np.log2(main_hz(samples, rate_hz) / 440)
    assert found == pytest.approx(semitones, abs=0.05)


def test_a_shift_out_of_range_or_said_twice_is_refused(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", sine(0.3))
    with pytest.raises(InvalidInput, match="semitones must lie between -24 and 24, got 36"):
        perform("shift_pitch", audio=path, octaves=3)
    with pytest.raises(InvalidInput, match="not by both"):
        perform("shift_pitch", audio=path, octaves=1, semitones=1)
