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


def colourful(product: Product) -> NDArray[np.bool_]:
    assert product.path is not None
    return np.ptp(read_rgb(product.path).astype(int), axis=2) > 60


def test_colour_lies_where_something_moves(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    """The right half slides by, the left half stands still."""
    frames = []
    for step in range(20):
        frame = texture.copy()
        frame[:, 80:] = np.roll(texture[:, 80:], 2 * step, axis=0)
        frames.append(frame)
    (product,) = perform("motion_map", video=film("half", frames))
    hot = colourful(product)
    assert hot[:, 95:150].mean() > 0.8
    assert hot[:, :60].mean() < 0.05


def test_where_nothing_moves_the_map_is_the_picture_in_grey(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    (product,) = perform("motion_map", video=film("still", [texture] * 10))
    assert not colourful(product).any()
    assert product.path is not None
    assert np.abs(read_rgb(product.path).astype(int) - texture).mean() < 6
    assert product.caption == "motion in 0 % of the picture"


def test_a_cut_is_no_motion(
    film: Callable[..., Path], colours: Callable[..., Frame], perform: Perform
) -> None:
    frames = [colours((200, 40, 40))] * 8 + [colours((30, 60, 200))] * 8
    (product,) = perform("motion_map", video=film("cut", frames))
    assert not colourful(product).any()


def test_one_frame_is_too_short(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    with pytest.raises(InvalidInput, match="too short to see motion"):
        perform("motion_map", video=film("one", [texture]))
