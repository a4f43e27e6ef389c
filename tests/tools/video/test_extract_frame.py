from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb
from controlllm_tools.perform import Product

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]


@pytest.fixture
def numbered(film: Callable[..., Path], colours: Callable[..., Frame]) -> Path:
    return film("numbered", [colours((8 * n, 8 * n, 8 * n)) for n in range(30)], hz=440)


@pytest.mark.parametrize(
    ("at_s", "number"), [(0, 0), (0.7, 7), (0.79, 7), (2.9, 29), (3.0, 29), (None, 15)]
)
def test_the_frame_of_that_time_comes_at_full_size(
    numbered: Path, perform: Perform, at_s: float | None, number: int
) -> None:
    (product,) = perform(
        "extract_frame", video=numbered, **({} if at_s is None else {"time_s": at_s})
    )
    assert product.path is not None
    frame = read_rgb(product.path)
    assert frame.shape == (96, 160, 3)
    assert round(frame.mean() / 8) == number


def test_a_time_beyond_the_end_is_refused(numbered: Path, perform: Perform) -> None:
    with pytest.raises(InvalidInput, match=r"no frame at 4 s, the video lasts 3\.0"):
        perform("extract_frame", video=numbered, time_s=4)


def test_a_muted_video_has_the_same_pictures_and_no_sound(numbered: Path, perform: Perform) -> None:
    import av

    (product,) = perform("mute_video", video=numbered)
    assert product.facts.channels == 0

    def packets(path: str) -> list[bytes]:
        with av.open(path) as container:
            return [bytes(packet) for packet in container.demux(container.streams.video[0])]

    assert packets(str(product.path)) == packets(str(numbered))
