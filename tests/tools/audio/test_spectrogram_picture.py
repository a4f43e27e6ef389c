"""A tone is a bright line at its frequency and its time."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import Ear, pause, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


def panel_of(product: Product) -> np.ndarray:
    """Brightness of the panel between the axes, whose place `time_chart` fixes."""
    return read_rgb(product.path)[20:-58, 84 : -24 - 84].astype(int).sum(axis=2)


def brightest_hz(column: np.ndarray, top_hz: float) -> float:
    return top_hz * (1 - np.argmax(column) / (len(column) - 1))


def test_tones_lie_at_their_frequency_and_time(ear: Ear, perform: Perform) -> None:
    sound = np.concatenate([sine(1.0, 1_000), pause(0.5), sine(1.5, 6_000)])
    path = ear.write("a.wav", sound)
    (product,) = perform("spectrogram_picture", audio=path, max_frequency_hz=10_000)
    assert product.type == "image.spectrogram"
    panel = panel_of(product)
    width = panel.shape[1]
    for at_s, hz in ((0.5, 1_000), (2.2, 6_000)):
        column = panel[:, round(at_s / 3 * width)]
        assert brightest_hz(column, 10_000) == pytest.approx(hz, abs=60)
        far = np.abs(np.linspace(10_000, 0, len(column)) - hz) > 1_000
        assert column[far].max() < 0.3 * column.max()
    assert panel[:, round(1.25 / 3 * width)].max() < 0.3 * panel.max()


def test_all_frequencies_are_shown_unless_said(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", sine(1.0, 11_025))
    panel = panel_of(perform("spectrogram_picture", audio=path)[0])
    assert brightest_hz(panel[:, panel.shape[1] // 2], 22_050) == pytest.approx(11_025, abs=100)


def test_on_a_logarithmic_scale_octaves_are_equally_far_apart(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", sum(sine(1.0, hz, 0.1) for hz in (500, 1_000, 2_000)))
    product = perform(
        "spectrogram_picture", audio=path, scale="logarithmic", max_frequency_hz=8_000
    )[0]
    column = panel_of(product)[:, 400]
    rows = np.flatnonzero(column > 0.85 * column.max())
    lines = [group.mean() for group in np.split(rows, np.flatnonzero(np.diff(rows) > 5) + 1)]
    assert len(lines) == 3
    assert lines[1] - lines[0] == pytest.approx(lines[2] - lines[1], abs=4)


def test_short_sounds_and_small_pictures_work(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", sine(0.02, 3_000))
    (product,) = perform("spectrogram_picture", audio=path, width_px=320, height_px=240)
    assert (product.facts.width_px, product.facts.height_px) == (320, 240)
    assert panel_of(product).max() > 500


def test_silence_and_absurd_numbers_are_refused(ear: Ear, perform: Perform) -> None:
    with pytest.raises(InvalidInput, match=r"quiet\.wav is silent"):
        perform("spectrogram_picture", audio=ear.write("quiet.wav", pause(0.5)))
    path = ear.write("a.wav", sine(0.2))
    with pytest.raises(InvalidInput, match="max_frequency_hz must lie between 200"):
        perform("spectrogram_picture", audio=path, max_frequency_hz=5)
