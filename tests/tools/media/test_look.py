from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.media.look import LookMeter
from controlllm_tools.media.video_facts import Look

Frame = NDArray[np.uint8]


@pytest.fixture
def colours() -> Callable[..., Frame]:
    """Frames of one colour."""

    def plain(colour: tuple[int, int, int], width: int = 160, height: int = 96) -> Frame:
        return np.full((height, width, 3), colour, dtype=np.uint8)

    return plain


def measured(*frames: Frame) -> Look:
    meter = LookMeter(len(frames))
    for frame in frames:
        meter.add(frame)
    return meter.look()


def test_brightness_runs_from_black_to_white(colours: Callable[..., Frame]) -> None:
    assert measured(colours((0, 0, 0))).brightness == 0
    assert measured(colours((255, 255, 255))).brightness == 1
    assert measured(colours((0, 0, 0)), colours((255, 255, 255))).brightness == 0.5


def test_half_black_and_half_white_is_full_contrast(colours: Callable[..., Frame]) -> None:
    picture = colours((0, 0, 0))
    picture[:48] = 255
    assert measured(picture).contrast == pytest.approx(1, abs=0.01)
    assert measured(colours((90, 90, 90))).contrast == 0


def test_warmth_is_red_against_blue(colours: Callable[..., Frame]) -> None:
    assert measured(colours((255, 120, 0))).warmth == 1
    assert measured(colours((0, 120, 255))).warmth == -1
    assert measured(colours((80, 200, 80))).warmth == 0


def test_grey_has_no_colour_and_strong_colours_have_much(colours: Callable[..., Frame]) -> None:
    stripes = colours((255, 0, 0))
    stripes[:, :80] = (0, 0, 255)
    assert measured(colours((120, 120, 120))).colourfulness == 0
    assert measured(stripes).colourfulness == 1


def test_the_palette_is_taken_over_the_whole_length(colours: Callable[..., Frame]) -> None:
    frames = [colours((210, 30, 30))] * 300 + [colours((30, 60, 200))] * 100
    assert [(s.name, s.share) for s in measured(*frames).palette] == [
        ("red", pytest.approx(0.75, abs=0.02)),
        ("blue", pytest.approx(0.25, abs=0.02)),
    ]
