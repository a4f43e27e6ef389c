"""Pauses get short, what is heard stays."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import RATE_HZ, Ear, decibels, main_hz, noise, pause, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


def parts() -> np.ndarray:
    """Three tones of half a second with long pauses before, between and after."""
    tones = [sine(0.5, hz) for hz in (400, 800, 1_600)]
    return np.concatenate(
        [pause(1.0), tones[0], pause(2.0), tones[1], pause(0.2), tones[2], pause(1.5)]
    )


@pytest.mark.parametrize("hiss_db", [None, -62.0])
def test_long_pauses_are_shortened_and_short_ones_and_sounds_stay(
    ear: Ear, perform: Perform, hiss_db: float | None
) -> None:
    sound = parts()
    if hiss_db is not None:
        sound = sound + noise(len(sound) / RATE_HZ, 10 ** (hiss_db / 20))
    (product,) = perform("remove_silence", audio=ear.write("a.wav", sound))
    samples, rate_hz = ear.hear(product)
    # half a second each, the short pause, and four margins of 0.06 s round the kept 0.3 s
    assert len(samples) / rate_hz == pytest.approx(1.5 + 0.2 + 3 * 0.3 + 4 * 0.06, abs=0.1)
    loud = np.flatnonzero(np.abs(samples) > 0.1) / rate_hz
    starts = loud[np.r_[True, np.diff(loud) > 0.1]]
    assert len(starts) == 3
    for start_s, hz in zip(starts, (400, 800, 1_600), strict=True):
        part = samples[round((start_s + 0.05) * rate_hz) : round((start_s + 0.45) * rate_hz)]
        assert main_hz(part, rate_hz) == pytest.approx(hz, abs=3)
        assert decibels(part) == pytest.approx(decibels(sine(0.5)), abs=0.2)


def test_the_longest_pause_is_what_was_asked(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", parts())
    lengths = [
        ear.seconds(perform("remove_silence", audio=path, longest_pause_s=asked)[0])
        for asked in (0.0, 1.0)
    ]
    assert lengths[1] - lengths[0] == pytest.approx(3 * 1.0 + (0.2 - 0.12), abs=0.15)


def test_steady_sound_has_no_pauses(ear: Ear, perform: Perform) -> None:
    for name, sound in (("hiss", noise(3.0)), ("tone", sine(3.0))):
        (product,) = perform("remove_silence", audio=ear.write(f"{name}.wav", sound))
        assert ear.seconds(product) == pytest.approx(3.0, abs=0.01)


def test_a_threshold_of_ones_own_decides(ear: Ear, perform: Perform) -> None:
    sound = np.concatenate([sine(1.0, level=0.5), sine(1.0, level=0.05), sine(1.0, level=0.5)])
    path = ear.write("a.wav", sound)
    assert ear.seconds(perform("remove_silence", audio=path)[0]) == pytest.approx(3.0, abs=0.05)
    cut = perform("remove_silence", audio=path, threshold_db=-20)[0]
    assert ear.seconds(cut) == pytest.approx(2.0 + 0.3 + 0.12, abs=0.08)


def test_seams_do_not_click(ear: Ear, perform: Perform) -> None:
    # a constant hum of 50 Hz below the threshold would jump at each cut
    sound = parts() + sine(len(parts()) / RATE_HZ, 50, level=0.004)[: len(parts())]
    samples, _ = ear.hear(
        perform("remove_silence", audio=ear.write("a.wav", sound), threshold_db=-40)[0]
    )
    quiet = np.abs(samples) < 0.006
    steps = np.abs(np.diff(samples))[quiet[1:] & quiet[:-1]]
    assert steps.max() < 0.002


def test_stereo_stays_stereo(ear: Ear, perform: Perform) -> None:
    sound = np.stack([parts(), np.zeros(len(parts()))], axis=1)
    samples, _ = ear.hear(perform("remove_silence", audio=ear.write("a.wav", sound))[0])
    assert samples.shape[1] == 2
    assert np.abs(samples[:, 1]).max() == 0
    assert np.abs(samples[:, 0]).max() == pytest.approx(0.25, abs=0.01)


def test_a_silent_recording_is_refused(ear: Ear, perform: Perform) -> None:
    path = ear.write("quiet.wav", pause(1.0))
    with pytest.raises(InvalidInput, match=r"quiet\.wav is silent throughout"):
        perform("remove_silence", audio=path)
    with pytest.raises(InvalidInput, match="longest_pause_s must lie between 0 and 60, got -1"):
        perform("remove_silence", audio=path, longest_pause_s=-1)
