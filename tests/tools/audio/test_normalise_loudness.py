"""The loudness is that of the standard, by a meter of our own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hearing import Ear, Sound, noise, pause
from scipy.signal import lfilter, resample_poly

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


def lufs(samples: Sound) -> float:
    """Integrated loudness of mono sound at 48 kHz, written from ITU-R BS.1770-4."""
    shelf = ([1.53512485958697, -2.69169618940638, 1.19839281085285],
             [1.0, -1.69065929318241, 0.73248077421585])  # fmt: skip
    high_pass = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
    weighted = lfilter(*high_pass, lfilter(*shelf, samples))
    starts = range(0, len(weighted) - 19_200 + 1, 4_800)
    power = np.array([np.square(weighted[at : at + 19_200]).mean() for at in starts])
    loudness = -0.691 + 10 * np.log10(power + 1e-12)
    gated = power[loudness > -70]
    threshold = -0.691 + 10 * np.log10(gated.mean()) - 10
    return float(-0.691 + 10 * np.log10(power[(loudness > -70) & (loudness > threshold)].mean()))


def bursts(level: float) -> Sound:
    """Pink noise in bursts, which the gate of the standard has to treat."""
    burst = noise(1.5, level, rate_hz=48_000, pink=True)
    return np.concatenate([burst, np.zeros(24_000), 0.5 * burst, np.zeros(48_000)])


def test_our_meter_agrees_with_the_standard() -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * 48_000) / 48_000)
    assert lufs(tone) == pytest.approx(-3.01, abs=0.03)


@pytest.mark.parametrize(("level", "target"), [(0.003, -16), (0.15, -23), (0.02, -20)])
def test_the_target_is_reached_from_below_and_above(
    ear: Ear, perform: Perform, level: float, target: float
) -> None:
    path = ear.write("a.wav", bursts(level), 48_000)
    (product,) = perform("normalise_loudness", audio=path, lufs=target)
    samples, rate_hz = ear.hear(product)
    assert rate_hz == 48_000
    assert len(samples) == pytest.approx(len(bursts(level)), abs=2)
    assert lufs(samples) == pytest.approx(target, abs=0.5)


def test_sixteen_and_minus_sixteen_mean_the_same(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", bursts(0.05), 48_000)
    results = {
        perform("normalise_loudness", audio=path, **ports)[0].path.read_bytes()
        for ports in ({}, {"lufs": 16}, {"lufs": -16})
    }
    assert len(results) == 1


def test_true_peaks_stay_below_the_ceiling(ear: Ear, perform: Perform) -> None:
    spiky = bursts(0.01)
    spiky[::9_000] = 0.5
    path = ear.write("a.wav", spiky, 48_000)
    (product,) = perform("normalise_loudness", audio=path, lufs=-18, peak_dbtp=-3)
    samples, _ = ear.hear(product)
    assert 20 * np.log10(np.abs(resample_poly(samples, 4, 1)).max()) < -2.7


def test_silence_and_absurd_targets_are_refused(ear: Ear, perform: Perform, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="silent"):
        perform("normalise_loudness", audio=ear.write("quiet.wav", pause(1.0)))
    with pytest.raises(InvalidInput, match="lufs must lie between 5 and 60, got 0"):
        perform("normalise_loudness", audio=ear.write("a.wav", bursts(0.1), 48_000), lufs=0)
