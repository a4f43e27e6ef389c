"""Sound grows from silence and dies away into it, over the asked time."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import RATE_HZ, Ear, Sound, decibels, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


def envelope(samples: Sound) -> Sound:
    """Level in each tenth of a second against the tone's own."""
    windows = samples[: len(samples) // 4_410 * 4_410].reshape(-1, 4_410)
    return np.array([decibels(each) for each in windows]) - decibels(sine(1.0))


def test_both_ends_fade_over_their_times(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", sine(6.0))
    samples, _ = ear.hear(perform("fade_audio", audio=path, fade_s=1, end_fade_s=3)[0])
    levels = envelope(samples)
    assert len(samples) == 6 * RATE_HZ
    assert levels[0] < -15
    assert levels[4] == pytest.approx(20 * np.log10(np.sin(np.pi / 2 * 0.45)), abs=0.5)
    assert np.abs(levels[10:29]).max() < 0.1
    assert levels[44] == pytest.approx(-3, abs=0.5)
    assert levels[-1] < -25


@pytest.mark.parametrize(("where", "first", "last"), [("in", True, False), ("out", False, True)])
def test_one_end_alone(ear: Ear, perform: Perform, where: str, first: bool, last: bool) -> None:
    path = ear.write("a.wav", sine(3.0))
    levels = envelope(ear.hear(perform("fade_audio", audio=path, where=where, fade_s=1)[0])[0])
    assert bool(levels[0] < -10) is first
    assert bool(levels[-1] < -10) is last


def test_a_short_sound_gets_short_fades(ear: Ear, perform: Perform) -> None:
    samples, _ = ear.hear(perform("fade_audio", audio=ear.write("a.wav", sine(1.0)))[0])
    assert np.abs(envelope(samples)[3:7]).max() < 0.1


def test_fades_longer_than_the_sound_are_refused(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", sine(1.0))
    with pytest.raises(InvalidInput, match=r"lasts 1\.00 s, too short to fade in for 2 s"):
        perform("fade_audio", audio=path, fade_s=2)
    with pytest.raises(InvalidInput, match="fade_s must lie between 0 and 600, got -1"):
        perform("fade_audio", audio=path, fade_s=-1)
