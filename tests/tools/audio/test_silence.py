"""Levels over time, and the stretches below one."""

import numpy as np
import pytest
from hearing import Ear, pause, sine

from controlllm_tools.audio.silence import (
    WINDOW_S,
    Gap,
    gaps,
    heard_between,
    levels_db,
    silence_below_db,
)
from controlllm_tools.tool import ToolContext


def test_levels_are_those_of_the_sound(ear: Ear, context: ToolContext) -> None:
    path = ear.write("a.wav", np.concatenate([pause(0.5), sine(0.5, level=0.5)]))
    levels = levels_db(path, context)
    assert len(levels) == round(1.0 / WINDOW_S)
    assert levels[:20].max() < -90
    assert levels[30:].mean() == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.1)


def test_gaps_leave_a_margin_beside_sound_and_none_at_the_ends() -> None:
    levels = np.array([-80.0] * 50 + [-10.0] * 50 + [-80.0] * 50 + [-10.0] * 10, dtype=np.float32)
    assert gaps(levels, -50.0, longer_than_s=0.1) == [
        Gap(0.0, pytest.approx(0.94)),
        Gap(pytest.approx(2.06), pytest.approx(2.94)),
    ]
    assert gaps(levels, -50.0, longer_than_s=0.9) == [Gap(0.0, pytest.approx(0.94))]
    assert gaps(levels, -90.0, longer_than_s=0.0) == []


def test_the_threshold_lies_above_the_noise_and_below_the_loud_parts() -> None:
    noisy = np.array([-50.0] * 30 + [-20.0] * 70, dtype=np.float32)
    assert -50 < silence_below_db(noisy) <= -40
    steady = np.full(100, -20.0, dtype=np.float32)
    assert silence_below_db(steady) <= -40
    assert silence_below_db(np.full(9, -120.0, dtype=np.float32)) == -75


def test_a_silent_recording_is_heard_from_end_to_end(ear: Ear, context: ToolContext) -> None:
    assert heard_between(ear.write("a.wav", pause(1.0)), context) == (0.0, pytest.approx(1.0))
