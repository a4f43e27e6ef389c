from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.mastering import Level, master, true_peak_dbtp
from controlllm_tools.media.sound import loudness_lufs
from controlllm_tools.samples.sounds import tone
from controlllm_tools.tool import ToolContext

RATE_HZ = 44_100


def written(path: Path, samples: NDArray[np.float64]) -> Path:
    soundfile.write(path, samples, RATE_HZ, "PCM_24")
    return path


@pytest.mark.parametrize("gain", [0.01, 0.2, 1.0])
def test_a_sound_gets_the_loudness_that_was_asked_for(tmp_path: Path, gain: float) -> None:
    context = ToolContext(scratch=tmp_path)
    noise = np.random.default_rng(1).standard_normal((4 * RATE_HZ, 2)) / 5
    source = written(tmp_path / "in.wav", (gain * noise).clip(-1, 1))
    target = master(source, tmp_path / "out.flac", Level(lufs=-20), context)
    assert loudness_lufs(target, context) == pytest.approx(-20, abs=0.5)
    assert len(soundfile.read(target)[0]) == 4 * RATE_HZ


def test_peaks_are_held_back_while_the_loudness_is_reached(tmp_path: Path) -> None:
    context = ToolContext(scratch=tmp_path)
    times = np.arange(4 * RATE_HZ) / RATE_HZ
    beats = np.exp(-30 * (times % 0.25)) * np.sin(2 * np.pi * 90 * times)
    source = written(tmp_path / "in.wav", 0.4 * beats)
    target = master(source, tmp_path / "out.flac", Level(lufs=-14, peak_dbtp=-3), context)
    assert loudness_lufs(target, context) == pytest.approx(-14, abs=0.6)
    assert true_peak_dbtp(target, context) <= -2.8


def test_the_true_peak_lies_between_the_samples(tmp_path: Path) -> None:
    context = ToolContext(scratch=tmp_path)
    # a quarter of the sample rate, sampled 45 degrees off its crests: every sample is 3 dB too low
    times = np.arange(RATE_HZ)
    ends = np.clip(np.minimum(times, times[::-1]) / 4_000, 0, 1)
    source = written(tmp_path / "in.wav", 0.5 * ends * np.sin(np.pi / 2 * times + np.pi / 4))
    assert np.abs(soundfile.read(source)[0]).max() == pytest.approx(0.354, abs=0.01)
    assert true_peak_dbtp(source, context) == pytest.approx(-6.0, abs=0.2)


def test_silence_cannot_be_made_loud(tmp_path: Path) -> None:
    source = written(tmp_path / "in.wav", np.zeros(RATE_HZ))
    with pytest.raises(InvalidInput, match=r"in\.wav is silent"):
        master(source, tmp_path / "out.flac", Level(lufs=-16), ToolContext(scratch=tmp_path))


def test_progress_never_goes_back(tmp_path: Path) -> None:
    told: list[float] = []
    context = ToolContext(scratch=tmp_path, progress=lambda fraction, _: told.append(fraction))
    master(tone(tmp_path / "in.wav", 3), tmp_path / "out.flac", Level(lufs=-16), context)
    assert told == sorted(told)
    assert told
    assert told[-1] <= 1
