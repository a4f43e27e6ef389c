"""A part is cut out to the sample, or everything but it is kept."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import RATE_HZ, Ear, main_hz, noise, pause, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


def rising() -> np.ndarray:
    """Three seconds whose first sample is -0.9, last one 0.9: each value tells its time."""
    return np.linspace(-0.9, 0.9, 3 * RATE_HZ)


def times_of(samples: np.ndarray) -> np.ndarray:
    return (samples + 0.9) / 1.8 * 3


@pytest.mark.parametrize(
    ("ports", "start_s", "end_s"),
    [
        ({"start_s": 1, "end_s": 2.5}, 1.0, 2.5),
        ({"start_s": 0.5}, 0.5, 3.0),
        ({"end_s": 0.75}, 0.0, 0.75),
        ({"duration_s": 1}, 0.0, 1.0),
        ({"duration_s": 1, "part": "last"}, 2.0, 3.0),
        ({"duration_s": 1, "start_s": 0.25}, 0.25, 1.25),
        ({"duration_s": 1, "end_s": 2.5}, 1.5, 2.5),
        ({"start_s": -1}, 2.0, 3.0),
        ({"start_s": 2, "end_s": 90}, 2.0, 3.0),
    ],
)
def test_the_part_that_was_asked_for_is_kept(
    ear: Ear, perform: Perform, ports: dict[str, object], start_s: float, end_s: float
) -> None:
    (product,) = perform("trim_audio", audio=ear.write("a.wav", rising()), **ports)
    samples, rate_hz = ear.hear(product)
    assert rate_hz == RATE_HZ
    assert len(samples) == pytest.approx((end_s - start_s) * RATE_HZ, abs=1)
    assert times_of(samples)[[0, -1]] == pytest.approx([start_s, end_s], abs=1e-3)


@pytest.mark.parametrize(
    ("ports", "left"),
    [
        ({"start_s": 1, "end_s": 2}, [(0, 1), (2, 3)]),
        ({"duration_s": 0.5, "part": "first"}, [(0.5, 3)]),
        ({"duration_s": 0.5, "part": "last"}, [(0, 2.5)]),
    ],
)
def test_a_removed_part_leaves_the_rest(
    ear: Ear, perform: Perform, ports: dict[str, object], left: list[tuple[float, float]]
) -> None:
    path = ear.write("a.wav", rising())
    (product,) = perform("trim_audio", audio=path, action="remove", **ports)
    found = times_of(ear.hear(product)[0])
    expected = np.concatenate([np.linspace(a, b, round((b - a) * RATE_HZ)) for a, b in left])
    assert len(found) == pytest.approx(len(expected), abs=1)
    assert np.abs(found[: len(expected)] - expected[: len(found)]).max() < 1e-3


def test_without_a_time_the_silence_at_both_ends_goes_and_the_pause_stays(
    ear: Ear, perform: Perform
) -> None:
    tone = sine(0.5)
    sound = np.concatenate([pause(0.8), tone, pause(0.7), tone, pause(1.2)])
    hiss = noise(len(sound) / RATE_HZ, level=0.0005)
    (product,) = perform("trim_audio", audio=ear.write("a.wav", sound + hiss))
    samples, _ = ear.hear(product)
    assert len(samples) / RATE_HZ == pytest.approx(1.7, abs=0.2)
    assert main_hz(samples) == pytest.approx(440, abs=1)


def test_channels_and_rate_stay(ear: Ear, perform: Perform) -> None:
    sides = np.stack([sine(1.0), np.zeros(RATE_HZ)], axis=1)[::2]
    (product,) = perform("trim_audio", audio=ear.write("a.wav", sides, 22_050), duration_s=0.4)
    samples, rate_hz = ear.hear(product)
    assert (rate_hz, samples.shape) == (22_050, (8_820, 2))
    assert np.abs(samples[:, 1]).max() == 0


@pytest.mark.parametrize(
    "ports",
    [
        {"start_s": 5},
        {"start_s": 2, "end_s": 1},
        {"duration_s": 0},
        {"duration_s": -2},
        {"action": "remove", "end_s": 3},
    ],
)
def test_a_part_that_is_not_there_is_refused(
    ear: Ear, perform: Perform, ports: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput, match=r"3\.00 s"):
        perform("trim_audio", audio=ear.write("a.wav", rising()), **ports)
