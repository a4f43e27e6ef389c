"""What has a colour is selected, and what has another one is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Boxes
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]
WORDS = {
    "red": (214, 30, 40), "orange": (255, 140, 20), "yellow": (245, 225, 40),
    "green": (30, 150, 50), "teal": (0, 150, 150), "blue": (30, 80, 210),
    "purple": (130, 40, 160), "pink": (250, 130, 180), "brown": (110, 65, 35),
    "black": (8, 8, 8), "grey": (128, 128, 128), "white": (250, 250, 250),
}  # fmt: skip


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    """A stripe of 20 pixels in each colour, slightly noisy."""
    rng = np.random.default_rng(2)
    colours = np.repeat(np.array(list(WORDS.values())), 20, axis=0)[None].repeat(60, axis=0)
    noisy = (colours + rng.normal(0, 2, colours.shape)).clip(0, 255).round().astype(np.uint8)
    Image.fromarray(noisy).save(tmp_path / "stripes.png")
    return tmp_path / "stripes.png"


def selected(use: Use, path: Path, **inputs: object) -> np.ndarray:
    product = use("mask_from_colour", image=path, **inputs)["mask"]
    assert product.path is not None
    with Image.open(product.path) as image:
        assert image.mode == "L"
        return np.asarray(image) > 127


def shares(mask: np.ndarray) -> dict[str, float]:
    return {word: mask[:, 20 * n + 2 : 20 * n + 18].mean() for n, word in enumerate(WORDS)}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_selects_its_stripe_alone(use: Use, stripes: Path, word: str) -> None:
    found = shares(selected(use, stripes, colour=word))
    assert found.pop(word) > 0.97
    assert max(found.values()) < 0.03


def test_a_hex_code_selects_what_is_near_it(use: Use, stripes: Path) -> None:
    found = shares(selected(use, stripes, hex="#1E50D2", tolerance=0.1))
    assert found.pop("blue") == 1
    assert max(found.values()) == 0


def test_more_tolerance_only_adds(use: Use, stripes: Path) -> None:
    some, more = (selected(use, stripes, colour="red", tolerance=t) for t in (0.15, 0.5))
    assert (more | ~some).all()
    assert more.sum() > some.sum()


def test_light_and_dark_kinds_of_a_colour_count(use: Use, tmp_path: Path) -> None:
    shade = Image.new("RGB", (40, 20), (20, 40, 110))
    shade.paste((150, 190, 250), (20, 0, 40, 20))
    shade.save(tmp_path / "a.png")
    assert selected(use, tmp_path / "a.png", colour="blue").all()


def test_regions_of_a_colour_are_boxed_the_largest_first(use: Use, tmp_path: Path) -> None:
    picture = Image.new("RGB", (300, 200), (240, 240, 235))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 30, 59, 49), fill="red")
    draw.rectangle((150, 80, 269, 179), fill="red")
    draw.rectangle((20, 120, 79, 179), fill="blue")
    draw.point((120, 20), fill="red")
    picture.save(tmp_path / "a.png")
    product = use("find_colour_regions", image=tmp_path / "a.png", colour="red")["boxes"]
    assert product.caption == "2 red regions"
    large, small = Boxes.from_json(product.text or "").boxes
    assert (large.x, large.y, large.width, large.height) == (150, 80, 120, 100)
    assert (small.x, small.y, small.width, small.height) == (20, 30, 40, 20)
    assert large.label == "red"
    assert large.score > 0.99


def test_small_regions_can_be_left_out_and_none_is_an_answer(use: Use, tmp_path: Path) -> None:
    picture = Image.new("RGB", (100, 100), "white")
    picture.paste((0, 160, 0), (10, 10, 20, 20))
    picture.save(tmp_path / "a.png")
    found = use("find_colour_regions", image=tmp_path / "a.png", colour="green", smallest=0.05)
    assert found["boxes"].caption == "0 green regions"


def test_wrong_parameters_are_refused(use: Use, stripes: Path) -> None:
    with pytest.raises(InvalidInput, match="six digits, such as #1e90ff"):
        selected(use, stripes, hex="bluish")
    with pytest.raises(InvalidInput, match="tolerance must lie between 0 and 1, got 4"):
        selected(use, stripes, tolerance=4)
    with pytest.raises(InvalidInput, match="smallest must be a share"):
        use("find_colour_regions", image=stripes, smallest=3)
