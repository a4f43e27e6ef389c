"""Resizing, cropping, turning, mirroring and colours, on frames with a known content."""

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
RED, GREEN, BLUE, WHITE = (200, 40, 40), (40, 170, 60), (40, 60, 200), (230, 230, 230)


@pytest.fixture
def quarters(film: Callable[..., Path]) -> Path:
    """Red and green above, blue and white below; with a tone."""
    frame = np.zeros((96, 160, 3), dtype=np.uint8)
    frame[:48, :80], frame[:48, 80:], frame[48:, :80], frame[48:, 80:] = RED, GREEN, BLUE, WHITE
    return film("quarters", [frame] * 10, hz=440)


def shown(product: Product, tmp_path: Path) -> Frame:
    assert product.path is not None
    frame = still(product.path, 0.5, ToolContext(scratch=tmp_path), max_width_px=4_000)
    assert frame is not None
    return frame


def corners(frame: Frame) -> list[tuple[int, ...]]:
    """The colours of the quarters, in rows."""
    height, width = frame.shape[:2]
    known = np.array([RED, GREEN, BLUE, WHITE])
    points = [(h, w) for h in (height // 4, height * 3 // 4) for w in (width // 4, width * 3 // 4)]
    nearest = [np.abs(known - frame[point]).sum(axis=1).argmin() for point in points]
    return [tuple(known[index]) for index in nearest]


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, (80, 48)),
        ({"width": 81}, (80, 48)),
        ({"height": 192}, (320, 192)),
        ({"width": 100, "height": 100}, (100, 60)),
        ({"width": 100, "height": 100, "keep_shape": False}, (100, 100)),
        ({"scale": 1.5}, (240, 144)),
    ],
)
def test_a_video_is_scaled_to_the_size(
    quarters: Path, perform: Perform, tmp_path: Path, asked: dict, size: tuple[int, int]
) -> None:
    (product,) = perform("resize_video", video=quarters, **asked)
    assert (product.facts.width_px, product.facts.height_px) == size
    assert corners(shown(product, tmp_path)) == [RED, GREEN, BLUE, WHITE]
    assert product.facts.channels


def test_the_sound_is_copied_as_it_is(quarters: Path, perform: Perform, tmp_path: Path) -> None:
    (product,) = perform("resize_video", video=quarters, width=64)
    assert product.path is not None
    context = ToolContext(scratch=tmp_path)
    before, after = (read_sound(p, context, rate_hz=48_000) for p in (quarters, product.path))
    assert np.array_equal(before, after)


@pytest.mark.parametrize("asked", [{"width": 0}, {"scale": -1}, {"width": 20_000}])
def test_a_size_out_of_range_is_refused(quarters: Path, perform: Perform, asked: dict) -> None:
    with pytest.raises(InvalidInput, match=r"must be above zero|too many for a video"):
        perform("resize_video", video=quarters, **asked)


@pytest.mark.parametrize(
    ("shape", "size"),
    [("square", (96, 96)), ("9:16", (54, 96)), ("vertical", (54, 96)), ("16:9", (160, 90)),
     ("4:3", (128, 96)), ("cinema", (160, 68))],
)  # fmt: skip
def test_a_video_is_cropped_about_its_centre(
    quarters: Path, perform: Perform, tmp_path: Path, shape: str, size: tuple[int, int]
) -> None:
    (product,) = perform("crop_video", video=quarters, shape=shape)
    assert (product.facts.width_px, product.facts.height_px) == size
    assert corners(shown(product, tmp_path)) == [RED, GREEN, BLUE, WHITE]


def test_the_part_that_is_kept_can_be_chosen(
    quarters: Path, perform: Perform, tmp_path: Path
) -> None:
    (left,) = perform("crop_video", video=quarters, shape="vertical", keep="left")
    assert corners(shown(left, tmp_path)) == [RED, RED, BLUE, BLUE]
    (right,) = perform("crop_video", video=quarters, shape="vertical", keep="right")
    assert corners(shown(right, tmp_path)) == [GREEN, GREEN, WHITE, WHITE]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [BLUE, RED, WHITE, GREEN]),
        ({"direction": "left"}, [GREEN, WHITE, RED, BLUE]),
        ({"degrees": -90}, [GREEN, WHITE, RED, BLUE]),
        ({"degrees": 180}, [WHITE, BLUE, GREEN, RED]),
    ],
)
def test_a_video_is_turned_by_quarters(
    quarters: Path, perform: Perform, tmp_path: Path, asked: dict, expected: list
) -> None:
    (product,) = perform("rotate_video", video=quarters, **asked)
    frame = shown(product, tmp_path)
    assert corners(frame) == expected
    assert frame.shape == ((96, 160, 3) if asked.get("degrees") == 180 else (160, 96, 3))


def test_a_slanted_video_keeps_its_corners_on_black(
    quarters: Path, perform: Perform, tmp_path: Path
) -> None:
    (product,) = perform("rotate_video", video=quarters, degrees=30)
    frame = shown(product, tmp_path)
    assert frame.shape[:2] == (164, 186)
    assert frame[2, 2].max() < 20
    # the middle of the upper left quarter, (-40, -24) from the centre, turned clockwise by 30
    x, y = 93 - 40 * np.cos(np.pi / 6) + 24 * 0.5, 82 - 40 * 0.5 - 24 * np.cos(np.pi / 6)
    assert frame[round(y), round(x)] == pytest.approx(RED, abs=20)


def test_more_than_a_circle_is_refused(quarters: Path, perform: Perform) -> None:
    with pytest.raises(InvalidInput, match="degrees must lie between -360 and 360, got 400"):
        perform("rotate_video", video=quarters, degrees=400)


def test_a_video_is_mirrored(quarters: Path, perform: Perform, tmp_path: Path) -> None:
    (across,) = perform("flip_video", video=quarters)
    assert corners(shown(across, tmp_path)) == [GREEN, RED, WHITE, BLUE]
    (down,) = perform("flip_video", video=quarters, direction="vertically")
    assert corners(shown(down, tmp_path)) == [BLUE, WHITE, RED, GREEN]


def test_light_and_colours_change_as_asked(
    quarters: Path, perform: Perform, tmp_path: Path
) -> None:
    def look(**asked: object) -> Frame:
        return shown(perform("adjust_video_colours", video=quarters, **asked)[0], tmp_path)

    plain = look().astype(int)
    assert np.abs(plain[24, 40] - RED).max() < 10
    assert look(look="brighter").mean() > 1.1 * plain.mean()
    assert look(look="darker", brightness=50).mean() == pytest.approx(0.5 * plain.mean(), rel=0.2)
    grey = look(look="grey").astype(int)
    assert np.ptp(grey, axis=2).max() < 6
    light = np.array([0.299, 0.587, 0.114])
    assert (look(contrast=-100) @ light).std() < 0.1 * (plain @ light).std()
    assert (look(contrast=30) @ light).std() > 1.1 * (plain @ light).std()
    warm, cool = look(look="warm")[70, 120].astype(int), look(look="cool")[70, 120].astype(int)
    assert warm[0] - warm[2] > 15
    assert cool[2] - cool[0] > 15
    sepia = look(look="sepia")[70, 120].astype(int)
    assert sepia[0] > sepia[1] > sepia[2]


def test_a_change_out_of_range_is_refused(quarters: Path, perform: Perform) -> None:
    with pytest.raises(InvalidInput, match="brightness must lie between -100 and 300"):
        perform("adjust_video_colours", video=quarters, brightness=-101)
