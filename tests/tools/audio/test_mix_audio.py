"""Two tracks sound together, the second at a measured level against the first."""

from collections.abc import Callable

import numpy as np
import pytest
from hearing import RATE_HZ, Ear, Sound, decibels, sine

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Perform = Callable[..., tuple[Product, ...]]


def level_at(samples: Sound, hz: float) -> float:
    """Level of one tone in dB."""
    times = np.arange(len(samples)) / RATE_HZ
    window = np.hanning(len(samples))
    found = abs(np.sum(samples * window * np.exp(-2j * np.pi * hz * times))) / window.sum()
    return float(20 * np.log10(2 * found / np.sqrt(2) + 1e-9))


def test_the_second_lies_as_far_below_the_first_as_asked_however_loud_it_was(
    ear: Ear, perform: Perform
) -> None:
    voice = ear.write("voice.wav", sine(2.0, 1_000, level=0.1))
    for level in (0.02, 0.5):
        music = ear.write("music.wav", sine(2.0, 1_500, level=level))
        (product,) = perform("mix_audio", audio=voice, second=music, gain_db=-12)
        samples, _ = ear.hear(product)
        assert level_at(samples, 1_000) == pytest.approx(decibels(sine(2, level=0.1)), abs=0.3)
        # the ear hears 1.5 kHz a little better, which loudness takes into account
        below = level_at(samples, 1_500) - level_at(samples, 1_000)
        assert below == pytest.approx(-12, abs=1.5)


def test_the_direction_gives_an_unsigned_number_its_sign(ear: Ear, perform: Perform) -> None:
    one = ear.write("a.wav", sine(1.0, 1_000, level=0.05))
    for direction, sign in (("quieter", -1), ("louder", 1)):
        (product,) = perform("mix_audio", audio=one, second=one, gain_db=6, direction=direction)
        expected = 20 * np.log10(1 + 10 ** (sign * 6 / 20))
        found = decibels(ear.hear(product)[0]) - decibels(sine(1.0, level=0.05))
        assert found == pytest.approx(expected, abs=0.2)


def test_a_short_second_plays_once_or_goes_round(ear: Ear, perform: Perform) -> None:
    long, short = ear.write("a.wav", sine(3.0, 500)), ear.write("b.wav", sine(0.8, 1_500))
    once, looped = (
        ear.hear(perform("mix_audio", audio=long, second=short, gain_db=0, second_plays=plays)[0])[
            0
        ]
        for plays in ("once", "loop")
    )
    assert len(once) == len(looped) == 3 * RATE_HZ
    late = slice(round(1.6 * RATE_HZ), round(2.2 * RATE_HZ))
    assert level_at(once[late], 1_500) < -80
    assert level_at(looped[late], 1_500) > -30


def test_the_second_starts_when_asked_and_the_length_follows(ear: Ear, perform: Perform) -> None:
    first, second = ear.write("a.wav", sine(2.0, 500)), ear.write("b.wav", sine(2.0, 1_500))
    ports = {"audio": first, "second": second, "start_s": 1.2, "gain_db": 0}
    whole, _ = ear.hear(perform("mix_audio", **ports)[0])
    assert len(whole) / RATE_HZ == pytest.approx(3.2, abs=0.01)
    assert level_at(whole[:RATE_HZ], 1_500) < -80
    assert level_at(whole[round(1.3 * RATE_HZ) : round(1.9 * RATE_HZ)], 1_500) > -20
    cut, _ = ear.hear(perform("mix_audio", **ports, length="first")[0])
    assert len(cut) / RATE_HZ == pytest.approx(2.0, abs=0.01)
    assert decibels(cut[-RATE_HZ // 50 :]) > -30


def test_two_full_tracks_do_not_pass_full_scale(ear: Ear, perform: Perform) -> None:
    loud = ear.write("a.wav", sine(1.0, 440, level=0.95))
    samples, _ = ear.hear(perform("mix_audio", audio=loud, second=loud, gain_db=0)[0])
    assert 0.9 < np.abs(samples).max() < 0.995
    # held back, not cut off: a clipped sine would have strong thirds
    assert level_at(samples[RATE_HZ // 4 :], 1_320) < level_at(samples[RATE_HZ // 4 :], 440) - 30


def test_a_start_after_the_end_is_refused(ear: Ear, perform: Perform) -> None:
    tone = ear.write("a.wav", sine(1.0))
    with pytest.raises(InvalidInput, match=r"cannot start at 4 s; the first one has 1\.0 s"):
        perform("mix_audio", audio=tone, second=tone, start_s=4)
    with pytest.raises(InvalidInput, match="gain_db must lie between -40 and 40, got 90"):
        perform("mix_audio", audio=tone, second=tone, gain_db=90)
