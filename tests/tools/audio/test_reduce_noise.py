"""Noise goes, speech stays: measured against the clean signal."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hearing import Ear, Sound, decibels, noise, ratio_db, sine

from controlllm_tools.audio.noise import NoiseGate
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]
WORDS = "The sun rises over the water, and the boats go out to sea. Nobody is on the pier yet."


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Made once: clean speech and its rate."""
    return {}


def spoken(ear: Ear, perform: Perform, kept: dict[str, object]) -> tuple[Sound, int]:
    if not kept:
        kept["sound"], kept["rate_hz"] = ear.hear(perform("text_to_speech", text=WORDS)[0])
    return kept["sound"], kept["rate_hz"]  # type: ignore[return-value]


def noisy(clean: Sound, rate_hz: int, ratio: float, *, pink: bool) -> Sound:
    level = 10 ** ((decibels(clean) - ratio) / 20)
    return clean + noise(len(clean) / rate_hz, level, rate_hz=rate_hz, pink=pink)[: len(clean)]


@pytest.mark.parametrize(
    ("ratio", "pink", "gain"),
    [(20, False, 1.0), (10, False, 4.0), (3, False, 6.0), (20, True, 0.0), (10, True, 1.5)],
)
def test_speech_in_noise_comes_out_cleaner(
    ear: Ear, perform: Perform, speech: dict[str, object], ratio: float, pink: bool, gain: float
) -> None:
    clean, rate_hz = spoken(ear, perform, speech)
    path = ear.write("noisy.wav", noisy(clean, rate_hz, ratio, pink=pink), rate_hz)
    found, found_hz = ear.hear(perform("reduce_noise", audio=path)[0])
    assert (found_hz, len(found)) == (rate_hz, len(clean))
    assert ratio_db(clean, found) > ratio + gain


def test_clean_speech_stays_as_it_is(ear: Ear, perform: Perform, speech: dict[str, object]) -> None:
    clean, rate_hz = spoken(ear, perform, speech)
    found, _ = ear.hear(perform("reduce_noise", audio=ear.write("a.wav", clean, rate_hz))[0])
    assert ratio_db(clean, found) > 30


def test_noise_alone_gets_quieter_by_the_strength(ear: Ear, perform: Perform) -> None:
    hiss = noise(6.0, 0.05)
    path = ear.write("hiss.wav", hiss)
    levels = [
        decibels(ear.hear(perform("reduce_noise", audio=path, strength=strength)[0])[0])
        - decibels(hiss)
        for strength in ("light", "medium", "strong")
    ]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == pytest.approx(-10, abs=2)
    assert levels[1] < -12
    assert levels[2] < -14


def test_two_channels_stay_apart_and_in_time(ear: Ear, perform: Perform) -> None:
    click = np.zeros((3 * 44_100, 2))
    click[60_000:61_000, 0] = sine(1.0, 900, level=0.6)[:1_000]
    path = ear.write("a.wav", click + noise(3.0, 0.003)[:, None] * [1, 0])
    found, _ = ear.hear(perform("reduce_noise", audio=path)[0])
    assert found.shape == click.shape
    assert np.abs(found[:, 1]).max() < 1e-4
    loud = np.flatnonzero(np.abs(found[:, 0]) > 0.2)
    assert loud[0] == pytest.approx(60_000, abs=40)
    assert loud[-1] == pytest.approx(61_000, abs=60)


def test_the_size_of_the_blocks_does_not_matter() -> None:
    sound = noise(1.0, 0.1, rate_hz=16_000)[None].astype(np.float32)
    whole, parts = (NoiseGate(rate_hz=16_000, channels=1, floor_db=-18.0) for _ in range(2))
    once = whole.clean(sound)
    pieces = [parts.clean(piece) for piece in np.array_split(sound, 37, axis=1)]
    assert np.allclose(np.concatenate(pieces, axis=1), once, atol=1e-6)


def test_the_very_shortest_sound_goes_through(ear: Ear, perform: Perform, tmp_path: Path) -> None:
    found, _ = ear.hear(perform("reduce_noise", audio=ear.write("a.wav", sine(0.01)))[0])
    assert len(found) == 441
