from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.movies import frames
from controlllm_tools.media.sound import read_sound
from controlllm_tools.perform import Product
from controlllm_tools.tool import ToolContext

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]


@pytest.fixture
def getting_lighter(film: Callable[..., Path], colours: Callable[..., Frame]) -> Path:
    return film("lighter", [colours((8 * n, 8 * n, 8 * n)) for n in range(30)], fps=10, hz=500)


@pytest.mark.parametrize("factor", [2, 0.5, 3, 0.3])
def test_pictures_and_sound_take_the_new_time_and_the_pitch_stays(
    getting_lighter: Path, perform: Perform, tmp_path: Path, factor: float
) -> None:
    (product,) = perform("change_video_speed", video=getting_lighter, factor=factor)
    context = ToolContext(scratch=tmp_path)
    assert product.path is not None
    assert product.facts.duration_s == pytest.approx(3 / factor, abs=0.12)
    assert product.facts.fps == 10
    greys = [f.mean() for _, f in frames(product.path, context, fps=10, max_width_px=80)]
    expected = [8 * min(29, int(n * factor)) for n in range(len(greys))]
    assert np.abs(np.array(greys) - expected).max() < 8 * max(1, factor) + 3
    sound = read_sound(product.path, context, rate_hz=48_000)[0]
    assert len(sound) / 48_000 == pytest.approx(3 / factor, abs=0.12)
    middle = sound[len(sound) // 4 : len(sound) * 3 // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert spectrum.argmax() * 48_000 / len(middle) == pytest.approx(500, abs=6)


def test_a_silent_video_stays_silent(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    (product,) = perform("change_video_speed", video=film("mute", [texture] * 20))
    assert not product.facts.channels
    assert product.facts.duration_s == pytest.approx(1.0, abs=0.05)


def test_slower_by_a_factor_of_four_is_a_quarter_of_the_speed(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    video = film("mute", [texture] * 10)
    (product,) = perform("change_video_speed", video=video, factor=4, direction="slow")
    assert product.facts.duration_s == pytest.approx(4.0, abs=0.05)
    (usual,) = perform("change_video_speed", video=video, direction="slower")
    assert usual.facts.duration_s == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("factor", [0, -2, 31])
def test_a_speed_out_of_range_is_refused(
    getting_lighter: Path, perform: Perform, factor: float
) -> None:
    with pytest.raises(InvalidInput, match=r"factor must lie between 0\.1 and 30"):
        perform("change_video_speed", video=getting_lighter, factor=factor)
