"""Bands go up and down by what was asked, measured on noise."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import Ear, band_db, noise

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]
LOW, MIDDLE, HIGH = (20, 90), (800, 1_250), (9_000, 18_000)


@pytest.fixture
def change(ear: Ear, perform: Perform) -> Callable[..., list[float]]:
    """Change of each band in dB."""
    hiss = noise(3.0, 0.05)
    path = ear.write("a.wav", hiss)

    def change(*bands: tuple[int, int], **ports: object) -> list[float]:
        samples, rate_hz = ear.hear(perform("equalise_audio", audio=path, **ports)[0])
        assert len(samples) == len(hiss)
        return [band_db(samples, rate_hz, *b) - band_db(hiss, rate_hz, *b) for b in bands]

    return change


Change = Callable[..., list[float]]


def test_each_band_changes_by_its_gain(change: Change) -> None:
    bands = change(LOW, MIDDLE, HIGH, bass_db=6, middle_db=-4, treble_db=3)
    assert bands == pytest.approx([6, -4, 3], abs=1.0)


def test_one_band_leaves_the_others_alone(change: Change) -> None:
    assert change(LOW, MIDDLE, HIGH, bass_db=9) == pytest.approx([9, 0, 0], abs=1.2)
    assert change(LOW, MIDDLE, HIGH, treble_db=-9) == pytest.approx([0, 0, -9], abs=1.2)


def test_words_give_a_number_its_sign(change: Change) -> None:
    assert change(LOW, bass_db=6, change="cut") == pytest.approx([-6], abs=1)
    assert change(LOW, bass_db=6, change="boost", preset="bass") == pytest.approx([6], abs=1)


def test_presets_do_what_their_names_say(change: Change) -> None:
    low, middle, high = change(LOW, MIDDLE, HIGH, preset="bass")
    assert low > 6
    assert max(abs(middle), abs(high)) < 1
    low, _, high = change(LOW, MIDDLE, HIGH, preset="treble")
    assert high > 6
    assert abs(low) < 1
    low, middle, high = change((20, 150), MIDDLE, (6_000, 18_000), preset="telephone")
    assert max(low, high) < -15
    assert middle == pytest.approx(0, abs=1)
    low, high = change(LOW, HIGH, preset="warm")
    assert low > 1
    assert high < -3
    low, high = change(LOW, HIGH, preset="bright")
    assert low < -1
    assert high > 3


def test_without_a_word_a_voice_gets_clearer(change: Change) -> None:
    rumble, mud, presence = change((20, 50), (220, 280), (2_800, 3_600))
    assert rumble < -6
    assert mud < -2
    assert presence > 3


def test_a_gain_out_of_range_is_refused(ear: Ear, perform: Perform) -> None:
    path = ear.write("a.wav", 0.1 * np.ones(1_000))
    with pytest.raises(InvalidInput, match="bass_db must lie between -30 and 30, got 60"):
        perform("equalise_audio", audio=path, bass_db=60)
