"""A room rings on after the sound, for as long as it is large."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import RATE_HZ, Ear, decibels, noise, pause, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


def burst() -> np.ndarray:
    return np.concatenate([noise(0.3, 0.1), pause(0.2)])


def fall_s(samples: np.ndarray) -> float:
    """How long the sound takes to fall by 60 dB, by the slope from -5 to -35 dB (Schroeder)."""
    tail = samples[round(0.3 * RATE_HZ) :, 0]
    left = np.cumsum(np.square(tail)[::-1])[::-1]
    levels = 10 * np.log10(left / left[0] + 1e-12)
    first, last = (np.flatnonzero(levels < level)[0] for level in (-5, -35))
    return 2 * (last - first) / RATE_HZ


def test_the_echo_fades_in_the_asked_time(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", burst())
    for decay_s in (0.6, 1.5):
        samples, _ = ear.hear(perform("add_reverb", audio=path, decay_s=decay_s, percent=100)[0])
        assert len(samples) / RATE_HZ == pytest.approx(0.5 + decay_s, abs=0.02)
        assert fall_s(samples) == pytest.approx(decay_s, rel=0.25)


def test_spaces_differ_in_size(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", burst())
    seconds = [
        ear.seconds(perform("add_reverb", audio=path, space=space)[0])
        for space in ("room", "hall", "cave", "church")
    ]
    assert seconds == sorted(seconds)
    assert len(set(seconds)) == 4


def test_the_sound_stays_in_front_and_nothing_is_added_at_zero(ear: Ear, perform: Perform) -> None:
    tone = sine(1.0)
    path = ear.write("a.wav", tone)
    dry, _ = ear.hear(perform("add_reverb", audio=path, percent=0)[0])
    assert np.abs(dry[:RATE_HZ, 0] - tone).max() < 1e-3
    wet, _ = ear.hear(perform("add_reverb", audio=path, percent=30)[0])
    echo = wet[:RATE_HZ] - dry[:RATE_HZ]
    assert -30 < decibels(echo) - decibels(tone) < -3


def test_both_sides_have_an_echo_of_their_own_and_peaks_are_held(
    ear: Ear, perform: Perform
) -> None:
    loud = np.concatenate([sine(1.0, level=0.95), pause(0.1)])
    samples, _ = ear.hear(perform("add_reverb", audio=ear.write("a.wav", loud), percent=100)[0])
    assert np.abs(samples).max() < 0.995
    left, right = samples[round(1.1 * RATE_HZ) :].T
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.6


def test_an_amount_out_of_range_is_refused(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", burst())
    with pytest.raises(InvalidInput, match="percent must lie between 0 and 100, got 130"):
        perform("add_reverb", audio=path, percent=130)
    with pytest.raises(InvalidInput, match=r"decay_s must lie between 0\.1 and 12, got 99"):
        perform("add_reverb", audio=path, decay_s=99)
