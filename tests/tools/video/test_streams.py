from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.errors import InvalidInput
from controlllm_tools.samples.sounds import tone
from controlllm_tools.video.streams import Coding, coding_of, picture_options, sound_options


def test_a_coding_is_read_from_the_headers(
    film: Callable[..., Path], texture: NDArray[np.uint8]
) -> None:
    video = film("film", [texture] * 5, hz=440)
    assert coding_of(video) == Coding(video="h264", pixels="yuv420p", audio="aac", is_mp4=True)
    assert picture_options(video) == ("-c:v", "copy")
    assert sound_options(video) == ("-c:a", "copy")


def test_a_video_without_sound_has_no_sound_codec(
    film: Callable[..., Path], texture: NDArray[np.uint8]
) -> None:
    assert coding_of(film("mute", [texture] * 5)).audio == ""


def test_a_sound_has_no_pictures(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="has no pictures"):
        coding_of(tone(tmp_path / "tone.wav"))
