"""A small video or a logo over a large video."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sound import read_sound
from controlllm_tools.perform import Product
from controlllm_tools.tool import ToolContext
from controlllm_tools.video.stills import still

Frame = NDArray[np.uint8]
Perform = Callable[..., tuple[Product, ...]]
RED, BLUE = (200, 40, 40), (40, 60, 200)


@pytest.fixture
def large(film: Callable[..., Path], colours: Callable[..., Frame]) -> Path:
    return film("large", [colours(RED, width=320, height=192)] * 20, hz=400)


@pytest.fixture
def small(film: Callable[..., Path], colours: Callable[..., Frame]) -> Path:
    return film("small", [colours(BLUE)] * 10, hz=1_500)


def shown(product: Product, at_s: float, tmp_path: Path) -> Frame:
    assert product.path is not None
    frame = still(product.path, at_s, ToolContext(scratch=tmp_path), max_width_px=320)
    assert frame is not None
    return frame


def middle_of(frame: Frame, colour: tuple[int, int, int]) -> tuple[float, float, float]:
    """The centre of what has a colour, as shares of width and height, and its share."""
    there = np.abs(frame.astype(int) - colour).max(axis=2) < 40
    rows, columns = np.nonzero(there)
    return columns.mean() / frame.shape[1], rows.mean() / frame.shape[0], float(there.mean())


def peaks(product: Product, tmp_path: Path) -> tuple[bool, bool]:
    """Whether 400 Hz and 1500 Hz are heard in the first second."""
    assert product.path is not None
    sound = read_sound(product.path, ToolContext(scratch=tmp_path), rate_hz=8_000)[0][:8_000]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(8_000)))
    low, high = spectrum[400] > 0.05 * 4_000 / 4, spectrum[1_500] > 0.05 * 4_000 / 4
    return bool(low), bool(high)


@pytest.mark.parametrize(
    ("asked", "x", "y"),
    [
        ({"across": "left", "down": "top"}, 0.18, 0.18),
        ({}, 0.82, 0.82),
        ({"across": "middle", "down": "lower"}, 0.5, 0.82),
        ({"down": "centre"}, 0.82, 0.5),
    ],
)
def test_the_small_video_lies_in_its_corner_while_it_lasts(
    large: Path, small: Path, perform: Perform, tmp_path: Path, asked: dict, x: float, y: float
) -> None:
    (product,) = perform("picture_in_picture", video=large, inset=small, **asked)
    frame = shown(product, 0.5, tmp_path)
    across, down, share = middle_of(frame, BLUE)
    assert (across, down) == (pytest.approx(x, abs=0.04), pytest.approx(y, abs=0.04))
    assert share == pytest.approx(0.09, abs=0.015)
    assert product.facts.duration_s == pytest.approx(2.0, abs=0.05)
    later = shown(product, 1.6, tmp_path)
    assert (np.abs(later.astype(int) - BLUE).max(axis=2) < 40).mean() == 0


@pytest.mark.parametrize(
    ("sound", "heard"),
    [("main", (True, False)), ("inset", (False, True)), ("both", (True, True))],
)
def test_whose_sound_is_heard_can_be_chosen(
    large: Path, small: Path, perform: Perform, tmp_path: Path, sound: str, heard: tuple
) -> None:
    (product,) = perform("picture_in_picture", video=large, inset=small, sound=sound)
    assert peaks(product, tmp_path) == heard


def test_two_silent_videos_make_a_silent_one(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    silent = film("silent", [texture] * 10)
    (product,) = perform("picture_in_picture", video=silent, inset=silent)
    assert product.facts.channels == 0


def test_a_small_video_that_is_too_large_is_refused(
    large: Path, small: Path, perform: Perform
) -> None:
    with pytest.raises(InvalidInput, match=r"scale must lie between 0\.05 and 0\.9, got 1"):
        perform("picture_in_picture", video=large, inset=small, scale=1)


def test_a_logo_is_seen_through_where_it_is_transparent(
    large: Path, perform: Perform, tmp_path: Path
) -> None:
    logo = np.zeros((40, 40, 4), dtype=np.uint8)
    logo[:, 20:] = (*BLUE, 255)
    Image.fromarray(logo).save(tmp_path / "logo.png")
    (product,) = perform(
        "watermark_video", video=large, image=tmp_path / "logo.png", scale=0.2, opacity=1,
        across="left", down="top",
    )  # fmt: skip
    frame = shown(product, 1.9, tmp_path)
    across, down, share = middle_of(frame, BLUE)
    assert across == pytest.approx((6 + 48) / 320, abs=0.02)
    assert down == pytest.approx((6 + 32) / 192, abs=0.02)
    assert share == pytest.approx(32 * 64 / (320 * 192), rel=0.1)
    assert frame[30, 20] == pytest.approx(RED, abs=15)
    assert product.facts.channels


def test_opacity_mixes_the_logo_with_the_video(
    large: Path, perform: Perform, tmp_path: Path
) -> None:
    Image.new("RGB", (50, 50), BLUE).save(tmp_path / "logo.jpg")
    (product,) = perform(
        "watermark_video",
        video=large,
        image=tmp_path / "logo.jpg",
        opacity=0.5,
        across="center",
        down="middle",
    )
    mixed = (np.array(RED) + BLUE) / 2
    assert shown(product, 1.0, tmp_path)[96, 160] == pytest.approx(mixed, abs=15)


def test_a_video_is_no_logo(large: Path, perform: Perform) -> None:
    with pytest.raises(InvalidInput, match="not a picture"):
        perform("watermark_video", video=large, image=("image", large))
