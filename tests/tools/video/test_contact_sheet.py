"""A video on one picture, and pictures at a steady pace."""

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
    """Three seconds; frame n has the grey 8 * n."""
    return film("numbered", [colours((8 * n, 8 * n, 8 * n)) for n in range(30)])


def test_frames_lie_in_rows_in_order_of_time(numbered: Path, perform: Perform) -> None:
    (product,) = perform("contact_sheet", video=numbered, count=6, columns=3)
    assert product.path is not None
    sheet = read_rgb(product.path)
    step_x, step_y = sheet.shape[1] / 3, sheet.shape[0] / 2
    found = [
        sheet[int((row + 0.4) * step_y), int((column + 0.5) * step_x)].mean() / 8
        for row in range(2)
        for column in range(3)
    ]
    # the middles of six parts of three seconds
    assert found == pytest.approx([2, 7, 12, 17, 22, 27], abs=0.6)


def test_every_frame_has_dark_letters_below_it(numbered: Path, perform: Perform) -> None:
    (product,) = perform("contact_sheet", video=numbered, count=4, columns=4)
    assert product.path is not None
    sheet = read_rgb(product.path)
    below = sheet[-40:-14].mean(axis=2)
    for column in range(4):
        part = below[:, column * below.shape[1] // 4 : (column + 1) * below.shape[1] // 4]
        assert 0.01 < (part < 120).mean() < 0.5


def test_a_sheet_without_frames_is_refused(numbered: Path, perform: Perform) -> None:
    with pytest.raises(InvalidInput, match="count must lie between 1 and 100, got 0"):
        perform("contact_sheet", video=numbered, count=0)


def test_a_picture_is_taken_at_every_interval(numbered: Path, perform: Perform) -> None:
    products = perform("sample_frames", video=numbered, every_s=0.5)
    greys = [read_rgb(product.path).mean() / 8 for product in products if product.path]
    assert greys == pytest.approx([0, 5, 10, 15, 20, 25], abs=1.2)
    assert [product.caption for product in products][3] == "frame at 0:01.5"


def test_by_default_there_is_one_every_second(numbered: Path, perform: Perform) -> None:
    assert len(perform("sample_frames", video=numbered)) == 3


def test_far_too_many_pictures_are_refused(
    film: Callable[..., Path], texture: Frame, perform: Perform
) -> None:
    video = film("long", [texture[::4, ::4]] * 130)
    with pytest.raises(InvalidInput, match=r"makes more than 500; take one every 0\.0 s"):
        perform("sample_frames", video=video, every_s=0.02)
