"""The picture shows the sound's level where and when it is."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import Ear, pause, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


def blue_rows(panel: np.ndarray) -> np.ndarray:
    """How many rows of each column are blue: light or dark."""
    red, _, blue = panel.astype(int).transpose(2, 0, 1)
    return (blue - red > 40).sum(axis=0)


def test_columns_are_as_high_as_the_sound_is_loud(ear: Ear, perform: Perform) -> None:
    sound = np.concatenate([sine(1.0, level=0.8), pause(1.0), sine(1.0, level=0.4)])
    (product,) = perform("waveform_picture", audio=ear.write("a.wav", sound))
    assert (product.type, product.facts.width_px, product.facts.height_px) == (
        "image.waveform", 1_200, 400,
    )  # fmt: skip
    # the panel lies 84 px from the left, 24 from the right, 20 from the top, 58 from the bottom
    panel = read_rgb(product.path)[20:-58, 84:-24]
    heights = blue_rows(panel) / panel.shape[0]
    third = panel.shape[1] // 3
    assert np.median(heights[10 : third - 10]) == pytest.approx(0.8, abs=0.02)
    assert np.median(heights[third + 10 : 2 * third - 10]) < 0.01
    assert np.median(heights[2 * third + 10 : -10]) == pytest.approx(0.4, abs=0.02)


def test_the_size_is_the_asked_one_and_a_short_sound_fills_it(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", sine(0.005, 2_000, level=0.5))
    (product,) = perform("waveform_picture", audio=path, width_px=500, height_px=250)
    assert (product.facts.width_px, product.facts.height_px) == (500, 250)
    panel = read_rgb(product.path)[20:-58, 84:-24]
    assert blue_rows(panel).max() > 0.4 * panel.shape[0]


def test_a_size_out_of_range_is_refused(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", sine(0.2))
    with pytest.raises(InvalidInput, match="width_px must lie between 200 and 8000, got 9000"):
        perform("waveform_picture", audio=path, width_px=9_000)
    with pytest.raises(InvalidInput, match="height_px must lie between 200 and 8000, got 10"):
        perform("waveform_picture", audio=path, height_px=10)
