from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sound import read_sound
from controlllm_tools.perform import Product
from controlllm_tools.tool import ToolContext
from controlllm_tools.video.stills import still

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]
RED, GREEN, BLUE = (200, 40, 40), (40, 170, 60), (40, 60, 200)


@pytest.fixture
def clips(film: Callable[..., Path], colours: Callable[..., Frame]) -> list[Path]:
    """Two seconds each: red with 400 Hz, green and silent, blue and tall with 1500 Hz."""
    return [
        film("red", [colours(RED)] * 20, hz=400),
        film("green", [colours(GREEN)] * 20),
        film("blue", [colours(BLUE, width=60, height=100)] * 20, hz=1_500),
    ]


def colour_at(product: Product, at_s: float, tmp_path: Path) -> NDArray[np.float64]:
    assert product.path is not None
    frame = still(product.path, at_s, ToolContext(scratch=tmp_path), max_width_px=160)
    assert frame is not None
    return frame[:, 70:90].reshape(-1, 3).mean(axis=0)


def test_clips_overlap_by_the_transition(
    clips: list[Path], perform: Perform, tmp_path: Path
) -> None:
    (product,) = perform("crossfade_clips", clips=clips, fade_s=0.8)
    assert product.facts.duration_s == pytest.approx(6 - 2 * 0.8, abs=0.05)
    assert (product.facts.width_px, product.facts.height_px) == (160, 96)
    for at_s, colour in ((0.6, RED), (2.2, GREEN), (4.0, BLUE)):
        assert colour_at(product, at_s, tmp_path) == pytest.approx(colour, abs=8)
    half_way = (np.array(RED) + GREEN) / 2
    assert colour_at(product, 1.6, tmp_path) == pytest.approx(half_way, abs=20)


def test_the_sounds_fade_with_the_pictures(
    clips: list[Path], perform: Perform, tmp_path: Path
) -> None:
    (product,) = perform("crossfade_clips", clips=clips, fade_s=0.8)
    assert product.path is not None
    sound = read_sound(product.path, ToolContext(scratch=tmp_path), rate_hz=8_000)[0]

    def level(start_s: float, end_s: float) -> float:
        return float(np.abs(sound[int(start_s * 8_000) : int(end_s * 8_000)]).max())

    assert level(0.3, 1.0) > 0.1
    assert 0.3 < level(1.58, 1.64) / level(0.3, 1.0) < 0.9
    assert level(2.1, 2.3) < 0.01
    peak = np.abs(np.fft.rfft(sound[int(3.4 * 8_000) : int(4.2 * 8_000)])).argmax() / 0.8
    assert peak == pytest.approx(1_500, abs=4)


def test_a_transition_can_go_through_a_colour(
    clips: list[Path], perform: Perform, tmp_path: Path
) -> None:
    (dark,) = perform("crossfade_clips", clips=clips[:2], fade_s=1, transition="black")
    assert colour_at(dark, 1.5, tmp_path).max() < 60
    (light,) = perform("crossfade_clips", clips=clips[:2], fade_s=1, transition="white")
    assert colour_at(light, 1.5, tmp_path).min() > 190


def test_by_default_a_transition_is_short_enough_for_the_shortest_clip(
    film: Callable[..., Path], colours: Callable[..., Frame], perform: Perform
) -> None:
    clips = [film("long", [colours(RED)] * 20), film("short", [colours(BLUE)] * 6)]
    (product,) = perform("crossfade_clips", clips=clips)
    assert product.facts.duration_s == pytest.approx(2.6 - 0.28, abs=0.05)


def test_a_transition_that_does_not_fit_is_refused(clips: list[Path], perform: Perform) -> None:
    with pytest.raises(InvalidInput, match=r"does not fit into a clip of 2\.0 s; .* at most 1\.0"):
        perform("crossfade_clips", clips=clips, fade_s=1.5)
    with pytest.raises(InvalidInput, match="fade_s must lie between"):
        perform("crossfade_clips", clips=clips, fade_s=0)


def test_the_same_clips_make_the_same_bytes(clips: list[Path], perform: Perform) -> None:
    results = {perform("crossfade_clips", clips=clips)[0].path.read_bytes() for _ in range(3)}
    assert len(results) == 1
