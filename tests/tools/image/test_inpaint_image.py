"""The hole is filled with what is around it, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A soft ramp with a red box on it."""
    pixels = np.array(ramp())
    pixels[80:120, 100:150] = (220, 20, 20)
    return write_png(pixels, tmp_path / "scene.png")


def ramp() -> np.ndarray:
    y, x = np.mgrid[0:200, 0:300]
    return np.dstack([60 + x / 3, 90 + y / 4, 140 - x / 5]).astype(np.uint8)


def mask(path: Path, box: tuple[int, int, int, int], size: tuple[int, int] = (300, 200)) -> Path:
    picture = Image.new("L", size, 0)
    picture.paste(255, box)
    picture.save(path)
    return path


def filled(use: Use, **inputs: object) -> np.ndarray:
    product = use("inpaint_image", **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path).astype(int)


@pytest.mark.parametrize("method", ["telea", "smooth"])
def test_the_thing_is_gone_and_the_ground_goes_on(
    use: Use, tmp_path: Path, scene: Path, method: str
) -> None:
    hole = mask(tmp_path / "mask.png", (100, 80, 150, 120))
    pixels = filled(use, image=scene, mask=hole, method=method)
    assert np.abs(pixels - ramp()).max() < 16
    assert np.abs(pixels - ramp()).mean() < 1


def test_outside_the_selected_part_nothing_changes(use: Use, tmp_path: Path, scene: Path) -> None:
    hole = mask(tmp_path / "mask.png", (100, 80, 150, 120))
    pixels = filled(use, image=scene, mask=hole, grow_px=0)
    kept = np.ones((200, 300), dtype=bool)
    kept[80:120, 100:150] = False
    assert (pixels[kept] == read_rgb(scene)[kept]).all()


def test_a_tight_mask_is_widened(use: Use, tmp_path: Path, scene: Path) -> None:
    tight = mask(tmp_path / "mask.png", (102, 82, 148, 118))
    left = filled(use, image=scene, mask=tight, grow_px=0)[100, 100:102, 0]
    gone = filled(use, image=scene, mask=tight)[100, 100:102, 0]
    assert left.min() == 220
    assert gone.max() < 120


def test_a_mask_of_half_the_size_fits(use: Use, tmp_path: Path, scene: Path) -> None:
    half = mask(tmp_path / "mask.png", (50, 40, 75, 60), (150, 100))
    assert np.abs(filled(use, image=scene, mask=half) - ramp()).max() < 16


def test_an_empty_mask_leaves_the_picture_as_it_is(use: Use, tmp_path: Path, scene: Path) -> None:
    product = use("inpaint_image", image=scene, mask=mask(tmp_path / "mask.png", (0, 0, 0, 0)))
    assert product["image"].caption == "0.0% of the picture filled"
    assert product["image"].path is not None
    assert (read_rgb(product["image"].path) == read_rgb(scene)).all()


def test_a_full_mask_and_one_of_another_picture_are_refused(
    use: Use, tmp_path: Path, scene: Path
) -> None:
    with pytest.raises(InvalidInput, match="selects the whole picture"):
        filled(use, image=scene, mask=mask(tmp_path / "mask.png", (0, 0, 300, 200)))
    other = mask(tmp_path / "mask.png", (0, 0, 5, 5), (200, 200))
    with pytest.raises(InvalidInput, match="200x200 pixels belongs to another picture"):
        filled(use, image=scene, mask=other)
