"""The last sample comes first."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import Ear

from controlllm_tools.audio import reverse_audio
from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import photo

Perform = Callable[..., tuple[Product, ...]]


def test_every_sample_stands_where_it_was_from_the_other_end(
    ear: Ear, perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reverse_audio, "_BLOCK", 1_000)
    sides = np.random.default_rng(1).uniform(-0.9, 0.9, (10_300, 2))
    samples, rate_hz = ear.hear(perform("reverse_audio", audio=ear.write("a.wav", sides, 8_000))[0])
    assert rate_hz == 8_000
    assert np.abs(samples - sides[::-1]).max() < 1e-4


def test_twice_is_the_same_again(ear: Ear, perform: Perform) -> None:
    sides = np.random.default_rng(1).uniform(-0.9, 0.9, 5_000)
    once = perform("reverse_audio", audio=ear.write("a.wav", sides))[0].path
    again, _ = ear.hear(perform("reverse_audio", audio=once)[0])
    assert np.abs(again - sides).max() < 1e-4


def test_a_picture_is_refused(ear: Ear, perform: Perform) -> None:
    photo(ear.folder / "photo.png")
    with pytest.raises(InvalidInput, match=r"photo\.png has no sound"):
        perform("reverse_audio", audio=ear.folder / "photo.png")
