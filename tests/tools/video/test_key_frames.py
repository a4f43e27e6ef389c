from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb
from controlllm_tools.perform import Product

Frame = NDArray[np.uint8]
Film = Callable[..., Path]
Perform = Callable[..., tuple[Product, ...]]

RED, GREEN, BLUE = (200, 40, 40), (40, 170, 60), (40, 60, 200)


def colour_of(product: Product) -> tuple[int, ...]:
    assert product.path is not None
    return tuple(read_rgb(product.path).reshape(-1, 3).mean(axis=0).round().astype(int))


@pytest.fixture
def three_shots(film: Film, colours: Callable[..., Frame]) -> Path:
    shots = [(RED, 10), (GREEN, 20), (BLUE, 30)]
    return film("shots", [colours(colour) for colour, count in shots for _ in range(count)])


def test_each_shot_is_shown_in_order(three_shots: Path, perform: Perform) -> None:
    frames = perform("key_frames", video=three_shots, count=3)
    for frame, colour in zip(frames, (RED, GREEN, BLUE), strict=True):
        assert colour_of(frame) == pytest.approx(colour, abs=6)
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert all(frame.type == "image.frames" for frame in frames)


def test_a_single_frame_comes_from_the_longest_shot(three_shots: Path, perform: Perform) -> None:
    (frame,) = perform("key_frames", video=three_shots, count=1)
    assert colour_of(frame) == pytest.approx(BLUE, abs=6)


def test_captions_tell_times_that_lie_in_the_shot(three_shots: Path, perform: Perform) -> None:
    frames = perform("key_frames", video=three_shots, count=6)
    times = [float(frame.caption.rsplit(":", 1)[1]) for frame in frames]
    assert all(a < b for a, b in pairwise(times))
    assert [sum(low <= t < high for t in times) for low, high in ((0, 1), (1, 3), (3, 6))] == [
        1,
        2,
        3,
    ]


def test_the_sharp_frame_of_a_blurred_shot_is_taken(
    film: Film, perform: Perform, texture: Frame
) -> None:
    blurred = cv2.GaussianBlur(texture, (0, 0), 6)
    frames = [blurred] * 8 + [texture] * 3 + [blurred] * 8
    (frame,) = perform("key_frames", video=film("blur", frames, fps=8), count=1)
    assert frame.path is not None
    assert np.abs(read_rgb(frame.path).astype(int) - texture).mean() < 6


def test_few_frames_of_many_shots_are_spread_over_the_length(
    film: Film, perform: Perform, colours: Callable[..., Frame]
) -> None:
    shots = [colours(colour) for _ in range(4) for colour in (RED, GREEN, BLUE) for _ in range(10)]
    frames = perform("key_frames", video=film("many", shots), count=4)
    times = [float(frame.caption.rsplit(":", 1)[1]) for frame in frames]
    assert [int(at_s // 3) for at_s in times] == [0, 1, 2, 3]


def test_a_short_video_gives_the_frames_it_has(
    film: Film, perform: Perform, texture: Frame
) -> None:
    video = film("short", [texture, texture[:, ::-1], texture[::-1]], fps=8)
    assert len(perform("key_frames", video=video, count=50)) == 3


@pytest.mark.parametrize("count", [0, -1, 2.5, 1_000])
def test_a_count_that_is_none_is_refused(three_shots: Path, perform: Perform, count: float) -> None:
    with pytest.raises(InvalidInput, match="whole number from 1 to 100"):
        perform("key_frames", video=three_shots, count=count)
