"""A picture is divided along its edges into so many regions of one colour each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from controlllm_tools.errors import InvalidInput
from controlllm_tools.image.region_merging import merged, neighbours
from controlllm_tools.media.images import read_rgb
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]
COLOURS = ((190, 60, 50), (60, 110, 180), (230, 210, 90))


@pytest.fixture
def flag(tmp_path: Path) -> Path:
    """Red on the left, blue on the right, a yellow disc between, all of it noisy."""
    picture = Image.new("RGB", (300, 200), COLOURS[0])
    picture.paste(COLOURS[1], (150, 0, 300, 200))
    ImageDraw.Draw(picture).ellipse((100, 50, 200, 150), fill=COLOURS[2])
    rng = np.random.default_rng(1)
    noisy = np.asarray(picture) + rng.normal(0, 6, (200, 300, 3))
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(tmp_path / "flag.png")
    return tmp_path / "flag.png"


def segments(use: Use, path: Path, **inputs: object) -> np.ndarray:
    product = use("segment_image", image=path, **inputs)["segments"]
    assert product.path is not None
    return read_rgb(product.path)


@pytest.mark.parametrize("method", ["superpixels", "watershed"])
def test_regions_follow_the_edges(use: Use, flag: Path, method: str) -> None:
    shown = segments(use, flag, regions=3, method=method)
    assert shown.shape == (200, 300, 3)
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) == 3
    disc = (shown == shown[100, 150]).all(axis=2)
    rows, columns = np.indices(disc.shape)
    truth = np.hypot(rows - 100, columns - 150) <= 50
    assert (disc & truth).sum() / (disc | truth).sum() > 0.93
    left = (shown == shown[10, 10]).all(axis=2)
    assert left[:, :95].mean() > 0.99
    assert left[:, 205:].mean() < 0.01


def test_regions_can_have_the_mean_colour_of_the_picture(use: Use, flag: Path) -> None:
    shown = segments(use, flag, regions=3, colours="mean")
    for place, colour in zip(((10, 10), (10, 290), (100, 150)), COLOURS, strict=True):
        assert np.abs(shown[place].astype(int) - colour).max() <= 5


def test_the_number_of_regions_is_as_asked(use: Use, flag: Path) -> None:
    assert len(np.unique(segments(use, flag, regions=40).reshape(-1, 3), axis=0)) == 40
    with pytest.raises(InvalidInput, match="regions must lie between 2 and 300, got 1"):
        segments(use, flag, regions=1)


def test_a_plain_picture_may_have_fewer_regions(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), "navy").save(tmp_path / "a.png")
    assert segments(use, tmp_path / "a.png").shape == (30, 40, 3)


def test_the_most_alike_neighbours_are_joined_first_and_the_largest_is_region_0() -> None:
    parts = np.array([[0, 1, 2, 3]] * 2).repeat(5, axis=1)
    colour = np.array([10.0, 12.0, 80.0, 40.0])[parts][..., None].repeat(3, axis=2)
    assert neighbours(parts).tolist() == [[0, 1], [1, 2], [2, 3]]
    three, two = merged(parts, colour, 3), merged(parts, colour, 2)
    assert three[0, ::5].tolist() == [0, 0, 1, 2]
    assert two[0, ::5].tolist() == [0, 0, 1, 1]
