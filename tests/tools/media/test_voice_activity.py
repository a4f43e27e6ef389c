"""Stretches carry the sound they stand for."""

from pathlib import Path

import numpy as np
from hearing import Ear, noise, sine

from controlllm_tools.media.voice_activity import RATE_HZ, Stretch, sounds_spoken, stretches
from controlllm_tools.tool import ToolContext


def stretch(samples: np.ndarray) -> Stretch:
    return Stretch(1.5, (samples * 32_767).astype("<i2").tobytes())


def test_a_stretch_knows_its_length_and_end() -> None:
    whole = stretch(np.zeros(RATE_HZ * 2))
    assert (whole.seconds, whole.end_s) == (2.0, 3.5)


def test_steady_sounds_do_not_sound_spoken() -> None:
    assert not sounds_spoken(stretch(noise(3.0, rate_hz=RATE_HZ)))
    assert not sounds_spoken(stretch(noise(3.0, rate_hz=RATE_HZ, pink=True)))
    assert not sounds_spoken(stretch(sine(3.0)))
    assert not sounds_spoken(stretch(np.zeros(10)))


def test_a_long_stretch_is_cut_up(tmp_path: Path, context: ToolContext) -> None:
    found = list(stretches(Ear(tmp_path).write("a.wav", sine(45.0)), context))
    assert len(found) >= 2
    assert all(each.seconds <= 20.1 for each in found)
    assert found[1].start_s == found[0].end_s
