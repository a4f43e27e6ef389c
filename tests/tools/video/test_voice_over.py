from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sound import read_sound
from controlllm_tools.perform import Product
from controlllm_tools.tool import ToolContext

pytest.importorskip("espeakng_loader")

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]
RATE_HZ = 8_000


@pytest.fixture
def video(film: Callable[..., Path], texture: Frame) -> Path:
    """Four seconds with 1000 Hz."""
    return film("film", [texture] * 40, hz=1_000)


def tone_level(product: Product, start_s: float, end_s: float, tmp_path: Path) -> float:
    """Amplitude of the video's own 1000 Hz in a stretch."""
    assert product.path is not None
    sound = read_sound(product.path, ToolContext(scratch=tmp_path), rate_hz=RATE_HZ)[0]
    part = sound[int(start_s * RATE_HZ) : int(end_s * RATE_HZ)]
    wave = np.exp(-2j * np.pi * 1_000 * np.arange(len(part)) / RATE_HZ)
    window = np.hanning(len(part))
    return float(2 * abs((part * window * wave).sum()) / window.sum())


def test_the_videos_own_sound_goes_behind_the_voice(
    video: Path, perform: Perform, tmp_path: Path
) -> None:
    (product,) = perform("voice_over", video=video, text="Good morning.", start_s=1.5)
    assert product.facts.duration_s == pytest.approx(4.0, abs=0.06)
    before = tone_level(product, 0.4, 1.4, tmp_path)
    during = tone_level(product, 1.7, 2.2, tmp_path)
    assert during < 0.7 * before
    assert "150 words a minute" in product.caption


def test_a_longer_text_is_spoken_faster(video: Path, perform: Perform) -> None:
    text = "Good morning from the harbour, where the first boats are leaving now on a calm sea."
    (product,) = perform("voice_over", video=video, text=text)
    wpm = int(product.caption.split(" words a minute")[0].split()[-1])
    assert 150 < wpm <= 210
    assert product.facts.duration_s == pytest.approx(4.0, abs=0.06)


def test_the_last_picture_is_held_for_a_text_that_is_far_too_long(
    video: Path, perform: Perform
) -> None:
    text = "Good morning from the harbour, where the first boats are leaving now. " * 2
    (product,) = perform("voice_over", video=video, text=text)
    assert "210 words a minute; the last picture is held" in product.caption
    assert product.facts.duration_s is not None
    assert product.facts.duration_s > 5


def test_a_voice_cannot_start_after_the_end(video: Path, perform: Perform) -> None:
    with pytest.raises(InvalidInput, match=r"start at 9 s, the video lasts 4\.0 s"):
        perform("voice_over", video=video, text="Hello", start_s=9)
