from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.movies import frames
from controlllm_tools.media.sound import read_sound
from controlllm_tools.perform import Product
from controlllm_tools.samples.sounds import tone
from controlllm_tools.tool import ToolContext
from controlllm_tools.video import reverse_video

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]


def greys(product: Product, tmp_path: Path) -> list[int]:
    assert product.path is not None
    shown = frames(product.path, ToolContext(scratch=tmp_path), fps=10, max_width_px=160)
    return [round(float(frame.mean()) / 8) for _, frame in shown]


@pytest.fixture
def numbered(film: Callable[..., Path], colours: Callable[..., Frame], tmp_path: Path) -> Path:
    """Frame n has the grey 8 * n; a tone gets louder."""
    times = np.arange(3 * 48_000) / 48_000
    soundfile.write(tmp_path / "up.wav", 0.15 * times * np.sin(3_000 * times), 48_000)
    frames = [colours((8 * n, 8 * n, 8 * n)) for n in range(30)]
    return film("numbered", frames, sound=tmp_path / "up.wav")


@pytest.mark.parametrize("chunk_frames", [1_000, 7])
def test_the_last_frame_comes_first_however_it_is_cut_into_chunks(
    numbered: Path,
    perform: Perform,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    chunk_frames: int,
) -> None:
    monkeypatch.setattr(reverse_video, "_CHUNK_BYTES", chunk_frames * 160 * 96 * 3)
    (product,) = perform("reverse_video", video=numbered)
    assert greys(product, tmp_path) == list(range(29, -1, -1))
    assert product.facts.duration_s == pytest.approx(3, abs=0.05)


def test_the_sound_is_turned_round_without_a_seam(
    numbered: Path, perform: Perform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reverse_video, "_SOUND_BYTES", 40_000)
    (product,) = perform("reverse_video", video=numbered)
    assert product.path is not None
    context = ToolContext(scratch=tmp_path)
    before, after = (
        read_sound(path, context, rate_hz=48_000)[0][:144_000] for path in (numbered, product.path)
    )
    assert np.corrcoef(before[::-1], after)[0, 1] > 0.98


def test_a_silent_video_stays_silent(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    (product,) = perform("reverse_video", video=film("mute", [texture] * 5))
    assert product.facts.channels == 0


def test_sound_is_no_video(perform: Perform, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not a video"):
        perform("reverse_video", video=("video", tone(tmp_path / "tone.wav")))
