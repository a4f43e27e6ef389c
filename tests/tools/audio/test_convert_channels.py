"""Channels are mixed, doubled, picked or swapped."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import Ear, sine

from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]
LEFT, RIGHT = sine(0.5, 300, level=0.9), sine(0.5, 800, level=0.4)


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ("mono", 0.5 * LEFT + 0.5 * RIGHT),
        ("stereo", np.stack([LEFT, RIGHT], axis=1)),
        ("swapped", np.stack([RIGHT, LEFT], axis=1)),
        ("left", LEFT),
        ("right", RIGHT),
    ],
)
def test_two_channels_become_what_was_asked(
    ear: Ear, perform: Perform, channels: str, expected: np.ndarray
) -> None:
    path = ear.write("a.wav", np.stack([LEFT, RIGHT], axis=1))
    samples, _ = ear.hear(perform("convert_channels", audio=path, channels=channels)[0])
    assert samples.shape == expected.shape
    assert np.abs(samples - expected).max() < 1e-3


@pytest.mark.parametrize(("channels", "shape"), [("mono", (22_050,)), ("stereo", (22_050, 2))])
def test_one_channel_keeps_its_level(
    ear: Ear, perform: Perform, channels: str, shape: tuple[int, ...]
) -> None:
    path = ear.write("a.wav", LEFT)
    samples, _ = ear.hear(perform("convert_channels", audio=path, channels=channels)[0])
    assert samples.shape == shape
    assert np.abs(samples).max() == pytest.approx(0.9, abs=0.01)


def test_six_equal_channels_keep_their_level(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", np.stack([LEFT] * 6, axis=1))
    samples, _ = ear.hear(perform("convert_channels", audio=path)[0])
    assert np.abs(samples).max() == pytest.approx(0.9, abs=0.02)
