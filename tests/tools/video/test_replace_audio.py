from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sound import read_sound
from controlllm_tools.perform import Product
from controlllm_tools.samples.sounds import tone
from controlllm_tools.tool import ToolContext

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]
RATE_HZ = 8_000


@pytest.fixture
def video(film: Callable[..., Path], texture: Frame) -> Path:
    """Three seconds with 400 Hz."""
    return film("film", [texture] * 30, hz=400)


def heard(product: Product, tmp_path: Path) -> NDArray[np.float32]:
    assert product.path is not None
    return read_sound(product.path, ToolContext(scratch=tmp_path), rate_hz=RATE_HZ)[0]


def pitch_hz(sound: NDArray[np.float32]) -> float:
    return float(
        np.abs(np.fft.rfft(sound * np.hanning(len(sound)))).argmax() * RATE_HZ / len(sound)
    )


def test_nothing_of_the_old_sound_is_left(video: Path, perform: Perform, tmp_path: Path) -> None:
    (product,) = perform("replace_audio", video=video, audio=tone(tmp_path / "new.wav", 3, 1_200))
    sound = heard(product, tmp_path)[RATE_HZ : 2 * RATE_HZ]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(RATE_HZ)))
    assert spectrum.argmax() == pytest.approx(1_200, abs=2)
    assert spectrum[390:411].max() < 0.001 * spectrum.max()


def test_longer_sound_is_cut_and_the_caption_says_so(
    video: Path, perform: Perform, tmp_path: Path
) -> None:
    (product,) = perform("replace_audio", video=video, audio=tone(tmp_path / "new.wav", 5, 700))
    assert product.facts.duration_s == pytest.approx(3, abs=0.05)
    assert "the last 2.0 s of the sound are cut off" in product.caption


def test_shorter_sound_is_followed_by_silence(
    video: Path, perform: Perform, tmp_path: Path
) -> None:
    (product,) = perform("replace_audio", video=video, audio=tone(tmp_path / "new.wav", 1, 700))
    sound = heard(product, tmp_path)
    assert product.facts.duration_s == pytest.approx(3, abs=0.05)
    assert np.abs(sound[: RATE_HZ // 2]).max() > 0.05
    assert np.abs(sound[int(1.2 * RATE_HZ) :]).max() < 0.005
    assert "the last 2.0 s are silent" in product.caption


def test_the_last_picture_is_held_for_longer_sound(
    video: Path, perform: Perform, tmp_path: Path
) -> None:
    new = tone(tmp_path / "new.wav", 5, 700)
    (product,) = perform("replace_audio", video=video, audio=new, fit="hold")
    assert product.facts.duration_s == pytest.approx(5, abs=0.1)
    assert np.abs(heard(product, tmp_path)[int(4.2 * RATE_HZ) : int(4.8 * RATE_HZ)]).max() > 0.05


def test_shorter_sound_goes_round(video: Path, perform: Perform, tmp_path: Path) -> None:
    new = tone(tmp_path / "new.wav", 1, 700)
    (product,) = perform("replace_audio", video=video, audio=new, fit="loop")
    assert np.abs(heard(product, tmp_path)[int(2.3 * RATE_HZ) : int(2.7 * RATE_HZ)]).max() > 0.05


@pytest.mark.parametrize("seconds", [2, 4])
def test_sound_is_stretched_with_its_pitch_kept(
    video: Path, perform: Perform, tmp_path: Path, seconds: int
) -> None:
    new = tone(tmp_path / "new.wav", seconds, 700)
    (product,) = perform("replace_audio", video=video, audio=new, fit="stretch")
    sound = heard(product, tmp_path)
    assert product.facts.duration_s == pytest.approx(3, abs=0.05)
    assert np.abs(sound[int(2.5 * RATE_HZ) : int(2.9 * RATE_HZ)]).max() > 0.02
    assert pitch_hz(sound[RATE_HZ : 2 * RATE_HZ]) == pytest.approx(700, abs=6)


def test_too_much_stretching_is_refused(video: Path, perform: Perform, tmp_path: Path) -> None:
    new = tone(tmp_path / "new.wav", 9, 700)
    with pytest.raises(InvalidInput, match="choose cut, hold or loop"):
        perform("replace_audio", video=video, audio=new, fit="stretch")
