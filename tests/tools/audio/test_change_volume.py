"""The level changes by exactly what was asked, and loud sound is not cut off."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import RATE_HZ, Ear, decibels, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


@pytest.mark.parametrize(
    ("ports", "change_db"),
    [
        ({}, 6.0),
        ({"gain_db": 9.5}, 9.5),
        ({"gain_db": -12}, -12.0),
        ({"gain_db": 12, "direction": "down"}, -12.0),
        ({"gain_db": -12, "direction": "reduce"}, -12.0),
        ({"gain_db": 3, "direction": "louder"}, 3.0),
        ({"direction": "quieter"}, -6.0),
        ({"factor": 2}, 6.02),
        ({"factor": 0.5}, -6.02),
        ({"factor": 4, "direction": "lower"}, -12.04),
        ({"factor": 0.25, "direction": "lower"}, -12.04),
    ],
)
def test_the_level_changes_by_what_was_asked(
    ear: Ear, perform: Perform, ports: dict[str, object], change_db: float
) -> None:
    tone = sine(0.5, level=0.1)
    samples, _ = ear.hear(perform("change_volume", audio=ear.write("a.wav", tone), **ports)[0])
    assert len(samples) == len(tone)
    assert decibels(samples) - decibels(tone) == pytest.approx(change_db, abs=0.05)


def test_peaks_are_held_back_without_distortion(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", sine(1.0, level=0.5))
    samples, _ = ear.hear(perform("change_volume", audio=path, gain_db=20)[0])
    assert 0.95 < np.abs(samples).max() < 0.995
    steady = samples[RATE_HZ // 4 :]
    power = np.square(np.abs(np.fft.rfft(steady * np.hanning(len(steady)))))
    assert power.max() > 0.3 * power.sum()
    hz = np.fft.rfftfreq(len(steady), 1 / RATE_HZ)
    assert power[np.abs(hz - 1_320) < 20].sum() < 1e-4 * power.sum()


def test_what_is_out_of_range_or_said_twice_is_refused(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", sine(0.2))
    with pytest.raises(InvalidInput, match="gain_db must lie between -60 and 60, got 99"):
        perform("change_volume", audio=path, gain_db=99)
    with pytest.raises(InvalidInput, match=r"factor must lie between 0\.001 and 1000, got -1"):
        perform("change_volume", audio=path, factor=-1)
    with pytest.raises(InvalidInput, match="not by both"):
        perform("change_volume", audio=path, factor=2, gain_db=2)
