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
from controlllm_tools.video.stills import still

Frame = NDArray[np.uint8]
Film = Callable[..., Path]
Perform = Callable[..., tuple[Product, ...]]

RED, GREEN = (200, 40, 40), (40, 170, 60)


@pytest.fixture
def joined(film: Film, perform: Perform, colours: Callable[..., Frame]) -> Product:
    first = film("first", [colours(RED)] * 20, fps=10, hz=600)
    tall = film("tall", [colours(GREEN, width=96, height=160)] * 15, fps=15)
    (product,) = perform("join_clips", clips=[first, tall])
    return product


def test_the_result_is_as_long_as_its_clips(joined: Product) -> None:
    assert joined.facts.duration_s == pytest.approx(3.0, abs=0.06)


def test_the_first_clip_gives_the_size_and_the_rate_becomes_25(joined: Product) -> None:
    assert (joined.facts.width_px, joined.facts.height_px) == (160, 96)
    assert joined.facts.fps == 25


def test_clips_come_in_their_order_and_other_shapes_get_black_borders(
    joined: Product, tmp_path: Path
) -> None:
    assert joined.path is not None
    context = ToolContext(scratch=tmp_path)
    early = still(joined.path, 1.5, context, max_width_px=160)
    late = still(joined.path, 2.5, context, max_width_px=160)
    assert early is not None
    assert late is not None
    assert early.reshape(-1, 3).mean(axis=0) == pytest.approx(RED, abs=8)
    assert late[:, 70:90].reshape(-1, 3).mean(axis=0) == pytest.approx(GREEN, abs=8)
    assert late[:, :40].max() < 24


def test_sound_stays_with_its_clip_and_the_silent_one_is_silent(
    joined: Product, tmp_path: Path
) -> None:
    assert joined.path is not None
    samples = read_sound(joined.path, ToolContext(scratch=tmp_path), rate_hz=48_000)[0]
    heard, silent = samples[9_600:86_400], samples[105_600:139_200]
    peak = np.argmax(np.abs(np.fft.rfft(heard))) * 48_000 / len(heard)
    assert peak == pytest.approx(600, abs=2)
    assert np.abs(silent).max() < 0.002
    assert np.abs(heard).max() > 0.1


def test_a_fast_first_clip_makes_thirty_frames_a_second(
    film: Film, perform: Perform, colours: Callable[..., Frame]
) -> None:
    clips = [film("fast", [colours(RED)] * 60, fps=60), film("slow", [colours(GREEN)] * 8, fps=8)]
    (product,) = perform("join_clips", clips=clips)
    assert product.facts.fps == 30
    assert product.facts.duration_s == pytest.approx(2.0, abs=0.06)


def test_the_same_clips_make_the_same_bytes(
    film: Film, perform: Perform, colours: Callable[..., Frame]
) -> None:
    """The second clip is long: sound is ready long before the pictures that it belongs to."""
    clips = [
        film("short", [colours(RED)] * 10, hz=300),
        film("long", [colours(GREEN)] * 150, hz=500),
    ]
    results = {perform("join_clips", clips=clips)[0].path.read_bytes() for _ in range(4)}
    assert len(results) == 1


def test_sound_is_no_clip(perform: Perform, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not a video"):
        perform("join_clips", clips=[("video", tone(tmp_path / "tone.wav"))])
