"""A converted picture is of the format that was asked for, and still the same picture."""

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


def smooth(path: Path) -> Path:
    y, x = np.mgrid[0:120, 0:160]
    red, green = 127 + 90 * np.sin(x / 20), 127 + 90 * np.cos(y / 25)
    return write_png(np.dstack([red, green, x * 0 + 90]).astype(np.uint8), path)


@pytest.mark.parametrize(
    ("asked", "form", "ending"),
    [
        ("jpeg", "JPEG", ".jpg"),
        ("jpg", "JPEG", ".jpg"),
        ("png", "PNG", ".png"),
        ("webp", "WEBP", ".webp"),
        ("bmp", "BMP", ".bmp"),
        ("tiff", "TIFF", ".tif"),
    ],
)
def test_content_and_ending_are_of_the_format(
    use: Use, tmp_path: Path, asked: str, form: str, ending: str
) -> None:
    path = smooth(tmp_path / "a.png")
    product = use("convert_image", image=path, format=asked)["image"]
    assert product.path is not None
    assert product.name.endswith(ending)
    with Image.open(product.path) as image:
        assert image.format == form
    off = np.abs(read_rgb(product.path).astype(int) - read_rgb(path))
    assert off.max() <= (0 if form in {"PNG", "BMP", "TIFF"} else 12)


def test_less_quality_makes_a_smaller_file(use: Use, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    path = write_png(rng.integers(0, 256, (200, 200, 3), dtype=np.uint8), tmp_path / "a.png")
    sizes = []
    for number, quality in enumerate((10, 50, 95)):
        product = use("convert_image", image=path, quality=quality)["image"]
        assert product.path is not None
        sizes.append(product.path.stat().st_size)
        product.path.rename(tmp_path / f"{number}.jpg")
    assert sizes[0] < sizes[1] / 2 < sizes[2] / 4


@pytest.mark.parametrize(("form", "stays"), [("webp", True), ("tiff", True), ("jpeg", False)])
def test_transparency_stays_where_the_format_knows_it_and_else_turns_white(
    use: Use, tmp_path: Path, form: str, stays: bool
) -> None:
    Image.new("RGBA", (20, 20), (200, 0, 0, 0)).save(tmp_path / "a.png")
    product = use("convert_image", image=tmp_path / "a.png", format=form)["image"]
    assert product.path is not None
    alpha = read_layer(product.path)[1]
    assert (alpha is not None) == stays
    assert (read_rgb(product.path) == 255).all()


def test_notes_of_the_old_file_stay_behind(use: Use, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    Image.new("RGB", (20, 20)).save(tmp_path / "a.jpg", exif=exif)
    product = use("convert_image", image=tmp_path / "a.jpg", format="jpeg")["image"]
    assert product.path is not None
    assert b"where I live" in (tmp_path / "a.jpg").read_bytes()
    assert b"where I live" not in product.path.read_bytes()


def test_a_quality_or_a_format_that_is_none_is_refused(use: Use, tmp_path: Path) -> None:
    path = smooth(tmp_path / "a.png")
    with pytest.raises(InvalidInput, match="quality must lie between 1 and 100, got 0"):
        use("convert_image", image=path, quality=0)
    with pytest.raises(InvalidInput, match="takes one of"):
        use("convert_image", image=path, format="gif")
