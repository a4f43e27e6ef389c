from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from controlllm_tools.video.cuts import change, find_cuts, histogram

Frame = NDArray[np.uint8]


def changes_of(frames: list[Frame]) -> list[float]:
    histograms = [histogram(frame) for frame in frames]
    return [change(a, b) for a, b in pairwise(histograms)]


def test_cuts_lie_between_the_shots(colours: Callable[..., Frame], texture: Frame) -> None:
    shots = [colours((200, 40, 40)), texture, colours((20, 60, 180))]
    frames = [shot for shot in shots for _ in range(5)]
    assert find_cuts(changes_of(frames)) == (4, 9)


def test_a_picture_that_slides_is_not_cut(texture: Frame) -> None:
    assert find_cuts(changes_of([np.roll(texture, 6 * n, axis=1) for n in range(20)])) == ()


def test_the_same_colours_in_other_places_are_a_cut(colours: Callable[..., Frame]) -> None:
    picture = colours((220, 220, 40))
    picture[:48] = (20, 30, 120)
    assert find_cuts(changes_of([picture] * 4 + [picture[::-1].copy()] * 4)) == (3,)


def test_a_fade_from_black_is_no_cut(texture: Frame) -> None:
    frames = [(texture * (n / 16)).astype(np.uint8) for n in range(17)]
    assert find_cuts(changes_of(frames)) == ()


def test_restless_pictures_raise_what_counts_as_a_cut() -> None:
    assert find_cuts([0.3, 0.4, 0.3, 0.45, 0.35, 0.4]) == ()
    assert find_cuts([0.02, 0.01, 0.45, 0.02]) == (2,)


def test_change_runs_from_none_to_all(colours: Callable[..., Frame]) -> None:
    red, blue = histogram(colours((255, 0, 0))), histogram(colours((0, 0, 255)))
    assert change(red, red) == 0
    assert change(red, blue) == 1
