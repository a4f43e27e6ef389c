"""The words stand below or above the picture, and the picture stays whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb
from controlllm_tools.media.lettering import Look, strip
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


def captioned(use: Use, path: Path, **inputs: object) -> Path:
    product = use("caption_image", image=path, **inputs)["image"]
    assert product.path is not None
    return product.path


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    rough = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    rough.resize((480, 300)).save(tmp_path / "a.png")
    return tmp_path / "a.png"


@pytest.mark.parametrize("place", ["below", "above"])
def test_the_words_stand_on_a_strip_beside_the_whole_picture(
    use: Use, scene: Path, place: str
) -> None:
    path = captioned(use, scene, text="Morning at the harbour", place=place)
    pixels, before = read_rgb(path), read_rgb(scene)
    assert pixels.shape[1] == 480
    high = pixels.shape[0] - 300
    assert 20 < high < 80
    kept = pixels[high:] if place == "above" else pixels[:300]
    assert (kept == before).all()
    added = pixels[:high] if place == "above" else pixels[300:]
    assert (added == np.asarray(strip("Morning at the harbour", 480, Look(size_px=24)))).all()


def test_a_long_text_gets_several_lines(use: Use, scene: Path) -> None:
    one = read_rgb(captioned(use, scene, text="Morning")).shape[0] - 300
    words = "Morning at the harbour, when the first boats come in and the queue begins at the quay"
    assert read_rgb(captioned(use, scene, text=words)).shape[0] - 300 > 2.2 * one


def test_a_black_strip_has_bright_words(use: Use, scene: Path) -> None:
    strip = read_rgb(captioned(use, scene, text="Morning", background="black"))[300:]
    assert np.median(strip) == 0
    assert strip.max() == 255


def test_the_size_of_the_letters_can_be_given(use: Use, scene: Path) -> None:
    heights = []
    for size in (16, 48):
        strip = read_rgb(captioned(use, scene, text="H", letter_size=size))[300:, :, 0]
        rows = np.nonzero((strip < 128).any(axis=1))[0]
        heights.append(rows.max() - rows.min() + 1)
    assert heights[1] == pytest.approx(3 * heights[0], rel=0.15)


def test_empty_words_are_refused(use: Use, scene: Path) -> None:
    with pytest.raises(InvalidInput, match="no words to write; give a text"):
        captioned(use, scene, text="  ")
