"""Sound is read at any rate and measured by the standard."""

from pathlib import Path

import numpy as np
import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sound import loudness_lufs, read_sound, sound_facts, write_wav
from controlllm_tools.tool import ToolContext


def sine(path: Path, *, hz: float, seconds: float, level: float = 0.5, channels: int = 1) -> Path:
    wave = level * np.sin(2 * np.pi * hz * np.arange(int(48_000 * seconds)) / 48_000)
    return write_wav(np.tile(wave.astype(np.float32), (channels, 1)), path, rate_hz=48_000)


def test_a_tone_keeps_its_pitch_length_and_level_at_another_rate(context: ToolContext) -> None:
    path = sine(context.scratch / "tone.wav", hz=440, seconds=2.0)
    samples = read_sound(path, context, rate_hz=16_000)
    assert samples.shape == (1, 32_000)
    assert samples.dtype == np.float32
    spectrum = np.abs(np.fft.rfft(samples[0]))
    assert np.argmax(spectrum) / 2.0 == pytest.approx(440, abs=1)
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("held", [1, 2, 6])
@pytest.mark.parametrize("wanted", [1, 2])
def test_equal_channels_keep_their_level_however_many_are_wanted(
    context: ToolContext, held: int, wanted: int
) -> None:
    path = sine(context.scratch / "tone.wav", hz=440, seconds=0.5, level=0.9, channels=held)
    samples = read_sound(path, context, rate_hz=48_000, channels=wanted)
    assert samples.shape == (wanted, 24_000)
    assert np.abs(samples).max() == pytest.approx(0.9, abs=0.01)


def test_two_channels_keep_their_sides(context: ToolContext) -> None:
    sides = np.zeros((2, 4_800), dtype=np.float32)
    sides[1] = 0.5
    path = write_wav(sides, context.scratch / "right.wav", rate_hz=48_000)
    samples = read_sound(path, context, rate_hz=48_000, channels=2)
    assert np.abs(samples[0]).max() < 0.001
    assert samples[1] == pytest.approx(0.5, abs=0.001)


def test_samples_beyond_full_scale_are_clipped_when_written(context: ToolContext) -> None:
    loud = np.array([[2.0, -2.0, 0.5]], dtype=np.float32)
    path = write_wav(loud, context.scratch / "loud.wav", rate_hz=8_000)
    assert read_sound(path, context, rate_hz=8_000)[0] == pytest.approx([1, -1, 0.5], abs=0.001)


def test_loudness_follows_bs_1770(context: ToolContext) -> None:
    # a 997 Hz sine at full scale in one channel measures -3.01 LKFS by ITU-R BS.1770-4
    path = sine(context.scratch / "tone.wav", hz=997, seconds=4.0, level=1.0)
    assert loudness_lufs(path, context) == pytest.approx(-3.0, abs=0.3)
    quieter = sine(context.scratch / "quiet.wav", hz=997, seconds=4.0, level=0.1)
    assert loudness_lufs(quieter, context) == pytest.approx(-23.0, abs=0.3)


def test_silence_has_no_loudness(context: ToolContext) -> None:
    path = sine(context.scratch / "silence.wav", hz=440, seconds=2.0, level=0.0)
    assert loudness_lufs(path, context) == float("-inf")


def test_a_file_without_sound_and_too_much_sound_are_refused(
    context: ToolContext, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("no sound")
    with pytest.raises(InvalidInput, match="has no sound"):
        sound_facts(tmp_path / "a.txt")
    long = sine(context.scratch / "long.wav", hz=440, seconds=3.0)
    with pytest.raises(InvalidInput, match="lasts 3 s, this tool takes up to 2 s"):
        read_sound(long, context, rate_hz=8_000, max_s=2.0)
