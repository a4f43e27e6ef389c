"""Every picture is on the page, whole, in order and in its own shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageColor

from controlllm_tools.errors import InvalidInput
from controlllm_tools.image.arrange_images import rows_of
from controlllm_tools.media.images import read_rgb
from controlllm_tools.media.lettering import Look, strip
from controlllm_tools.perform import Product
from controlllm_tools.samples import item_of_file
from controlllm_tools.tool import Item

Use = Callable[..., Mapping[str, Product]]


COLOURS = ("red", "lime", "blue", "yellow", "magenta", "cyan", "gray")


def pictures(tmp_path: Path, *sizes: tuple[int, int]) -> list[Item]:
    items = []
    for number, (size, colour) in enumerate(zip(sizes, COLOURS, strict=False)):
        Image.new("RGB", size, colour).save(tmp_path / f"{number}.png")
        items.append(item_of_file(tmp_path / f"{number}.png", "image"))
    return items


def page(use: Use, tool: str, **inputs: object) -> np.ndarray:
    (product,) = use(tool, **inputs).values()
    assert product.path is not None
    return read_rgb(product.path)


def areas(pixels: np.ndarray, count: int) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of each colour."""
    found = []
    for colour in COLOURS[:count]:
        rows, columns = np.nonzero((pixels == ImageColor.getrgb(colour)).all(axis=2))
        left, top = int(columns.min()), int(rows.min())
        found.append((left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1))
        assert len(rows) == found[-1][2] * found[-1][3], "a whole rectangle"
    return found


def test_a_collage_holds_every_picture_whole_in_reading_order(use: Use, tmp_path: Path) -> None:
    sizes = ((300, 200), (200, 300), (400, 200), (300, 300), (640, 360), (90, 160), (200, 200))
    pixels = page(use, "collage", images=pictures(tmp_path, *sizes), width=900, gap=6)
    assert pixels.shape[1] == 900
    assert 0.8 < 900 / pixels.shape[0] < 2.2
    found = areas(pixels, 7)
    for (_, _, width, height), (own_width, own_height) in zip(found, sizes, strict=True):
        assert width / height == pytest.approx(own_width / own_height, rel=0.03)
    assert sorted(found, key=lambda area: (area[1], area[0])) == found
    covered = sum(width * height for _, _, width, height in found)
    assert covered > 0.9 * pixels.shape[0] * 900, "little but pictures"


def test_the_rows_of_a_collage_fill_its_width(use: Use, tmp_path: Path) -> None:
    items = pictures(tmp_path, *[(300, 200)] * 6)
    found = areas(page(use, "collage", images=items, width=800, gap=10), 6)
    tops = sorted({top for _, top, _, _ in found})
    for top in tops:
        row = [area for area in found if area[1] == top]
        assert row[0][0] == 10
        assert row[-1][0] + row[-1][2] == pytest.approx(790, abs=1)


def test_one_picture_is_a_collage_of_one(use: Use, tmp_path: Path) -> None:
    pixels = page(use, "collage", images=pictures(tmp_path, (30, 20)), width=300, gap=0)
    assert areas(pixels, 1) == [(0, 0, 300, 200)]


@pytest.mark.parametrize("ground", ["white", "black"])
def test_the_ground_shows_in_the_gaps(use: Use, tmp_path: Path, ground: str) -> None:
    items = pictures(tmp_path, (30, 20), (30, 20))
    pixels = page(use, "collage", images=items, width=300, gap=8, background=ground)
    assert (pixels[:8] == ImageColor.getrgb(ground)).all()


def test_beside_each_other_pictures_get_one_height(use: Use, tmp_path: Path) -> None:
    items = pictures(tmp_path, (100, 100), (200, 50), (30, 60))
    pixels = page(use, "side_by_side", images=items, gap=10)
    assert pixels.shape == (100, 100 + 10 + 400 + 10 + 50, 3)
    assert areas(pixels, 3) == [(0, 0, 100, 100), (110, 0, 400, 100), (520, 0, 50, 100)]


@pytest.mark.parametrize("word", ["below", "vertically"])
def test_below_each_other_they_get_one_width(use: Use, tmp_path: Path, word: str) -> None:
    items = pictures(tmp_path, (100, 100), (200, 50))
    pixels = page(use, "side_by_side", images=items, gap=10, direction=word)
    assert areas(pixels, 2) == [(0, 0, 200, 200), (0, 210, 200, 50)]


@pytest.mark.parametrize("labels", ["BEFORE, AFTER", "BEFORE\nAFTER"])
def test_each_picture_has_its_label_below(use: Use, tmp_path: Path, labels: str) -> None:
    items = pictures(tmp_path, (400, 300), (400, 300))
    pixels = page(use, "side_by_side", images=items, labels=labels, gap=20)
    assert areas(pixels, 2) == [(0, 0, 400, 300), (420, 0, 400, 300)]
    for left, word in ((0, "BEFORE"), (420, "AFTER")):
        below = pixels[300:, left : left + 400]
        assert (below == np.asarray(strip(word, 400, Look(size_px=14)))).all()


def test_a_wrong_number_of_labels_is_refused(use: Use, tmp_path: Path) -> None:
    items = pictures(tmp_path, (40, 30), (40, 30))
    with pytest.raises(InvalidInput, match="3 labels for 2 pictures; give one for each"):
        use("side_by_side", images=items, labels="a, b, c")


def test_a_very_flat_picture_does_not_break_the_limit(use: Use, tmp_path: Path) -> None:
    items = pictures(tmp_path, (4_000, 2), (10, 1_600))
    pixels = page(use, "side_by_side", images=items)
    assert pixels.shape[0] * pixels.shape[1] < 50_000_000


def test_too_many_pictures_and_wrong_numbers_are_refused(use: Use, tmp_path: Path) -> None:
    items = pictures(tmp_path, (4, 3))
    for tool in ("collage", "side_by_side"):
        with pytest.raises(InvalidInput, match="at most 200 pictures, got 201"):
            use(tool, images=items * 201)
    with pytest.raises(InvalidInput, match="width must lie between 100 and 8000"):
        use("collage", images=items, width=9)


def test_rows_are_never_empty_and_keep_the_order() -> None:
    shapes = [0.1, 9.0, 0.1, 0.1, 9.0, 0.1]
    for count in range(1, 7):
        rows = rows_of(shapes, count)
        assert [at for row in rows for at in range(*row)] == list(range(6))
        assert len(rows) == count
        assert all(first < last for first, last in rows)
