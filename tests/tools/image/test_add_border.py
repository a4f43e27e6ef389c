"""The border lies around the picture, which stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_layer, read_rgb, write_png
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


def bordered(use: Use, path: Path, **inputs: object) -> np.ndarray:
    product = use("add_border", image=path, **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path)


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    return write_png(rng.integers(0, 256, (100, 160, 3), dtype=np.uint8), tmp_path / "a.png")


def test_it_is_as_thick_as_asked_on_all_sides(use: Use, scene: Path) -> None:
    pixels = bordered(use, scene, thickness=20, colour="black")
    assert pixels.shape == (140, 200, 3)
    assert (pixels[20:120, 20:180] == read_rgb(scene)).all()
    pixels[20:120, 20:180] = 0
    assert not pixels.any()


def test_by_itself_it_is_white_and_fits_the_picture(use: Use, scene: Path) -> None:
    pixels = bordered(use, scene)
    assert pixels.shape == (110, 170, 3)
    assert (pixels[0] == 255).all()


def test_a_square_has_the_picture_in_its_middle(use: Use, scene: Path) -> None:
    pixels = bordered(use, scene, thickness=0, shape="square")
    assert pixels.shape == (160, 160, 3)
    assert (pixels[30:130] == read_rgb(scene)).all()


def test_around_a_cutout_the_border_is_solid(use: Use, tmp_path: Path) -> None:
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(tmp_path / "a.png")
    product = use("add_border", image=tmp_path / "a.png", thickness=5)["image"]
    assert product.path is not None
    alpha = read_layer(product.path)[1]
    assert alpha is not None
    assert alpha[2].min() == 255
    assert alpha[5:45, 5:45].max() == 0


def test_what_is_over_the_limit_is_refused(use: Use, scene: Path) -> None:
    with pytest.raises(InvalidInput, match="20160x20100 pixels, over the limit"):
        bordered(use, scene, thickness=10_000)
    with pytest.raises(InvalidInput, match="thickness must lie between 0 and 10000, got -3"):
        bordered(use, scene, thickness=-3)
