from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sound import read_sound
from controlllm_tools.perform import Product
from controlllm_tools.tool import ToolContext
from controlllm_tools.video.alignment import best_lag

Frame = NDArray[np.uint8]
Sound = NDArray[np.float64]
Perform = Callable[..., tuple[Product, ...]]
RATE_HZ = 48_000


@pytest.fixture(scope="module")
def event() -> Sound:
    """Twelve seconds in which taps of noise sound at irregular times."""
    rng = np.random.default_rng(11)
    sound = np.zeros(12 * RATE_HZ)
    for start_s in np.cumsum(rng.uniform(0.12, 0.7, 40)):
        start = int(start_s * RATE_HZ)
        tap = rng.standard_normal(4_000) * np.exp(-np.arange(4_000) / 900)
        part = sound[start : start + 4_000]
        part += 0.25 * tap[: len(part)]
    return sound


@pytest.fixture
def camera(film: Callable[..., Path], texture: Frame, event: Sound, tmp_path: Path) -> Path:
    """Six seconds of the event from second 3, with noise and at a low level."""
    noise = np.random.default_rng(12).standard_normal(6 * RATE_HZ)
    heard = 0.3 * event[3 * RATE_HZ : 9 * RATE_HZ] + 0.004 * noise
    soundfile.write(tmp_path / "camera.wav", heard, RATE_HZ)
    return film("camera", [texture] * 60, sound=tmp_path / "camera.wav")


def aligned(products: tuple[Product, ...], tmp_path: Path) -> tuple[float, Sound]:
    video, offset = products
    assert video.path is not None
    sound = read_sound(video.path, ToolContext(scratch=tmp_path), rate_hz=RATE_HZ)[0]
    return float(offset.text or "nan"), sound


@pytest.mark.parametrize("start_s", [0.0, 3.7431])
def test_the_recording_is_moved_to_the_time_of_the_camera(
    camera: Path, event: Sound, perform: Perform, tmp_path: Path, start_s: float
) -> None:
    recorder = tmp_path / "recorder.wav"
    soundfile.write(recorder, event[round(start_s * RATE_HZ) :], RATE_HZ)
    offset, sound = aligned(perform("synchronise_audio", video=camera, audio=recorder), tmp_path)
    assert offset == pytest.approx(start_s - 3, abs=0.002)
    wanted = event[5 * RATE_HZ : 8 * RATE_HZ]
    assert np.corrcoef(sound[2 * RATE_HZ : 5 * RATE_HZ], wanted)[0, 1] > 0.9


def test_where_the_recording_does_not_reach_there_is_silence(
    camera: Path, event: Sound, perform: Perform, tmp_path: Path
) -> None:
    recorder = tmp_path / "recorder.wav"
    soundfile.write(recorder, event[5 * RATE_HZ : 8 * RATE_HZ], RATE_HZ)
    offset, sound = aligned(perform("synchronise_audio", video=camera, audio=recorder), tmp_path)
    assert offset == pytest.approx(2, abs=0.002)
    assert np.abs(sound[: int(1.9 * RATE_HZ)]).max() < 0.01
    assert np.abs(sound[int(2.1 * RATE_HZ) : int(4.9 * RATE_HZ)]).max() > 0.1
    assert np.abs(sound[int(5.1 * RATE_HZ) :]).max() < 0.01


def test_another_event_is_refused(camera: Path, perform: Perform, tmp_path: Path) -> None:
    other = tmp_path / "other.wav"
    soundfile.write(other, 0.1 * np.random.default_rng(1).standard_normal(5 * RATE_HZ), RATE_HZ)
    with pytest.raises(InvalidInput, match="does not sound like the video anywhere"):
        perform("synchronise_audio", video=camera, audio=other)


def test_a_video_without_sound_cannot_be_compared(
    film: Callable[..., Path], texture: Frame, perform: Perform, camera: Path
) -> None:
    with pytest.raises(InvalidInput, match="has no sound"):
        perform("synchronise_audio", video=film("mute", [texture] * 5), audio=("audio", camera))


@pytest.mark.parametrize("lag", [-180, 0, 33, 240])
def test_the_best_lag_is_where_a_curve_was_cut_out(lag: int) -> None:
    whole = np.random.default_rng(2).standard_normal(900)
    first, second = whole[300:700], whole[300 + lag : 600 + lag]
    found, likeness, overlap = best_lag(first, second)
    assert found == lag
    assert likeness == pytest.approx(1.0)
    assert overlap == min(400, lag + 300) - max(0, lag)
