"""What is pasted lies where it was asked for; the rest of the ground stays as it is."""

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


@pytest.fixture
def ground(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    return write_png(rng.integers(0, 100, (300, 400, 3), dtype=np.uint8), tmp_path / "ground.png")


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    """A red disc of 60 pixels that was cut out of a picture of 200x200."""
    y, x = np.mgrid[0:200, 0:200]
    alpha = np.where((x - 130) ** 2 + (y - 50) ** 2 < 30**2, 255, 0).astype(np.uint8)
    colours = np.full((200, 200, 3), (250, 10, 10), dtype=np.uint8)
    return write_png(colours, tmp_path / "logo.png", alpha)


def pasted(use: Use, **inputs: object) -> np.ndarray:
    product = use("paste_image", **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path).astype(int)


def red(pixels: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, width and height of what is red."""
    rows, columns = np.nonzero((pixels[:, :, 0] > 200) & (pixels[:, :, 1] < 60))
    return (
        int(columns.min()),
        int(rows.min()),
        int(columns.max() - columns.min() + 1),
        int(rows.max() - rows.min() + 1),
    )


def test_a_cutout_is_put_in_the_middle_and_its_clear_parts_show_the_ground(
    use: Use, ground: Path, logo: Path
) -> None:
    pixels = pasted(use, picture=logo, background=ground)
    assert red(pixels) == pytest.approx((170, 120, 60, 60), abs=1)
    y, x = np.mgrid[0:300, 0:400]
    around = (x - 200) ** 2 + (y - 150) ** 2 > 32**2
    assert (pixels[around] == read_rgb(ground)[around]).all()


def test_a_port_for_cutouts_alone_does_the_same(use: Use, ground: Path, logo: Path) -> None:
    place = {"across": "left", "down": "top", "scale": 0.4}
    product = use("place_cutout", cutout=logo, background=ground, **place)["image"]
    assert product.path is not None
    pixels = read_rgb(product.path)
    assert (pixels == pasted(use, picture=logo, background=ground, **place)).all()


@pytest.mark.parametrize(
    ("inputs", "left_top"),
    [
        ({"across": "left", "down": "top"}, (9, 9)),
        ({"across": "right", "down": "bottom"}, (400 - 9 - 59, 300 - 9 - 59)),
        ({"across": "center", "down": "lower"}, (170, 300 - 9 - 59)),
        ({"left": 20, "top": 200}, (20, 200)),
        ({"left": 20, "down": "top"}, (20, 9)),
    ],
)
def test_the_place_is_said_in_words_or_in_pixels(
    use: Use, ground: Path, logo: Path, inputs: dict[str, object], left_top: tuple[int, int]
) -> None:
    found = red(pasted(use, picture=logo, background=ground, **inputs))
    assert found[:2] == pytest.approx(left_top, abs=1)


def test_the_scale_is_a_share_of_the_width_of_the_ground(
    use: Use, ground: Path, logo: Path
) -> None:
    _, _, width, height = red(pasted(use, picture=logo, background=ground, scale=0.5))
    assert (width, height) == pytest.approx((200, 200), abs=2)


def test_a_picture_larger_than_the_ground_leaves_half_of_it_in_sight(
    use: Use, tmp_path: Path, ground: Path
) -> None:
    Image.new("RGB", (4_000, 1_000), (255, 0, 0)).save(tmp_path / "large.png")
    pixels = pasted(use, picture=tmp_path / "large.png", background=ground)
    assert red(pixels) == (100, 125, 200, 50)


def test_what_passes_the_edge_of_the_ground_is_left_out(
    use: Use, tmp_path: Path, ground: Path
) -> None:
    Image.new("RGB", (100, 100), (255, 0, 0)).save(tmp_path / "a.png")
    pixels = pasted(use, picture=tmp_path / "a.png", background=ground, left=-60, top=250)
    assert pixels.shape == (300, 400, 3)
    assert red(pixels) == (0, 250, 40, 50)


def test_less_opacity_lets_the_ground_through(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (300, 300), "black").save(tmp_path / "ground.png")
    Image.new("RGB", (40, 40), "white").save(tmp_path / "a.png")
    pixels = pasted(
        use, picture=tmp_path / "a.png", background=tmp_path / "ground.png", opacity=0.25
    )
    assert pixels[150, 150] == pytest.approx(64, abs=1)


def test_a_ground_that_can_be_seen_through_stays_so(use: Use, tmp_path: Path, logo: Path) -> None:
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(tmp_path / "ground.png")
    product = use("paste_image", picture=logo, background=tmp_path / "ground.png")["image"]
    assert product.path is not None
    alpha = read_layer(product.path)[1]
    assert alpha is not None
    assert alpha[100, 100] == 255
    assert alpha[10, 10] == 0


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"left": 400}, "nothing of it would be seen on a picture of 400x300"),
        ({"scale": 0}, r"scale must lie between 0\.001 and 4, got 0"),
        ({"opacity": 50}, "opacity must lie between 0 and 1, got 50"),
    ],
)
def test_numbers_that_make_no_picture_are_refused(
    use: Use, ground: Path, logo: Path, inputs: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        pasted(use, picture=logo, background=ground, **inputs)


def test_a_picture_that_is_clear_all_over_is_refused(
    use: Use, tmp_path: Path, ground: Path
) -> None:
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    with pytest.raises(InvalidInput, match="transparent all over; cut something out of it first"):
        pasted(use, picture=tmp_path / "clear.png", background=ground)
