from collections.abc import Callable, Iterable
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
FPS = 10


@pytest.fixture
def numbered(film: Callable[..., Path], colours: Callable[..., Frame]) -> Path:
    """Three seconds; frame n has the grey 8 * n, and 600 Hz sounds."""
    return film("numbered", [colours((8 * n, 8 * n, 8 * n)) for n in range(30)], fps=FPS, hz=600)


def greys(product: Product, tmp_path: Path) -> list[int]:
    assert product.path is not None
    context = ToolContext(scratch=tmp_path)
    shown = frames(product.path, context, fps=FPS, max_width_px=160)
    return [round(float(frame.mean()) / 8) for _, frame in shown]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ({"start_s": 0.7, "end_s": 1.9}, 7, 18),
        ({"duration_s": 1}, 0, 9),
        ({"start_s": 2}, 20, 29),
        ({"duration_s": 0.5, "part": "last"}, 25, 29),
        ({"start_s": -1.2, "end_s": -1}, 18, 19),
        ({"end_s": 2, "duration_s": 0.5}, 15, 19),
        ({"start_s": 2.5, "end_s": 60}, 25, 29),
        ({"start_s": 1.0, "duration_s": 0.3}, 10, 12),
    ],
)
def test_exactly_the_frames_between_the_times_are_kept(
    numbered: Path, perform: Perform, tmp_path: Path, asked: dict, first: int, last: int
) -> None:
    (product,) = perform("trim_video", video=numbered, **asked)
    assert greys(product, tmp_path) == list(range(first, last + 1))
    assert product.facts.duration_s == pytest.approx((last - first + 1) / FPS, abs=0.05)


def test_the_sound_is_cut_at_the_same_times(
    film: Callable[..., Path], texture: Frame, perform: Perform, tmp_path: Path
) -> None:
    import soundfile

    times = np.arange(3 * 48_000) / 48_000
    soundfile.write(tmp_path / "click.wav", 0.5 * np.sin(6_000 * times) * (times > 1.2), 48_000)
    video = film("click", [texture] * 30, sound=tmp_path / "click.wav")
    (product,) = perform("trim_video", video=video, start_s=0.5, end_s=2)
    assert product.path is not None
    sound = read_sound(product.path, ToolContext(scratch=tmp_path), rate_hz=48_000)[0]
    begins = np.flatnonzero(np.abs(sound) > 0.2)[0] / 48_000
    assert begins == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"duration_s": 1}, range(10, 30)),
        ({"duration_s": 1, "part": "last"}, range(20)),
        ({"start_s": 0.5, "end_s": 2.5}, [*range(5), *range(25, 30)]),
    ],
)
def test_a_part_can_be_taken_out_and_the_rest_joined(
    numbered: Path, perform: Perform, tmp_path: Path, asked: dict, kept: Iterable[int]
) -> None:
    (product,) = perform("trim_video", video=numbered, action="remove", **asked)
    assert greys(product, tmp_path) == list(kept)
    assert product.facts.channels


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"start_s": 5}, r"the video lasts 3\.0. s; there is nothing from 5 s"),
        ({"start_s": 2, "end_s": 1}, "nothing from 2 s to 1 s"),
        ({"duration_s": 0}, "nothing from 0 s to 0 s"),
        ({"duration_s": 9, "action": "remove"}, "nothing of the .* would be left"),
    ],
)
def test_times_that_leave_nothing_are_refused(
    numbered: Path, perform: Perform, asked: dict, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        perform("trim_video", video=numbered, **asked)
