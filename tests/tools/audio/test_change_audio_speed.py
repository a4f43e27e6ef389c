"""Time is stretched, pitch is not."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import Ear, main_hz, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


@pytest.mark.parametrize(
    ("ports", "factor"),
    [
        ({}, 1.25),
        ({"factor": 2}, 2.0),
        ({"factor": 0.5}, 0.5),
        ({"factor": 2, "direction": "slow"}, 0.5),
        ({"factor": 0.75, "direction": "slow"}, 0.75),
        ({"percent": 20}, 1.2),
        ({"percent": 20, "direction": "slower"}, 0.8),
        ({"percent": -20}, 0.8),
        ({"length_s": 1.5}, 2.0),
    ],
)
def test_the_length_changes_by_the_factor_and_the_pitch_stays(
    ear: Ear, perform: Perform, ports: dict[str, object], factor: float
) -> None:
    path = ear.write("a.wav", sine(3.0))
    samples, rate_hz = ear.hear(perform("change_audio_speed", audio=path, **ports)[0])
    assert len(samples) / rate_hz == pytest.approx(3 / factor, rel=0.01)
    assert main_hz(samples, rate_hz) == pytest.approx(440, rel=0.003)


def test_events_move_with_the_time(ear: Ear, perform: Perform) -> None:
    sound = 0.001 * sine(4.0, 700)
    for at_s in (1.0, 3.0):
        sound[round(at_s * 44_100) :][:4_410] += sine(0.1, 700, level=0.5)
    samples, rate_hz = ear.hear(
        perform("change_audio_speed", audio=ear.write("a.wav", sound), factor=2)[0]
    )
    loud = np.flatnonzero(np.abs(samples) > 0.2) / rate_hz
    assert loud[0] == pytest.approx(0.5, abs=0.03)
    assert loud[loud > 1][0] == pytest.approx(1.5, abs=0.03)


def test_a_speed_out_of_range_or_said_twice_is_refused(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", sine(0.3))
    with pytest.raises(InvalidInput, match=r"speed factor must lie between 0\.2 and 5, got 40"):
        perform("change_audio_speed", audio=path, factor=40)
    with pytest.raises(InvalidInput, match="given by percent and by factor; give one of them"):
        perform("change_audio_speed", audio=path, factor=2, percent=10)
