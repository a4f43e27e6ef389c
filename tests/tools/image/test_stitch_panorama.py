"""Overlapping pictures become one; pictures of different things are told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb
from controlllm_tools.perform import Product
from controlllm_tools.samples import item_of_file
from controlllm_tools.tool import Item

Use = Callable[..., Mapping[str, Product]]


def landscape(seed: int = 1, size: tuple[int, int] = (900, 360)) -> Image.Image:
    """Bars and discs of all sizes and colours on a rough ground."""
    rng = np.random.default_rng(seed)
    rough = Image.fromarray(rng.integers(60, 200, (18, 45, 3), dtype=np.uint8))
    whole = rough.resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(whole)
    for _ in range(260):
        x, y, width, height = (int(rng.integers(0, most)) for most in (*size, 40, 40))
        colour = tuple(int(level) for level in rng.integers(0, 256, 3))
        shape = draw.rectangle if rng.random() < 0.5 else draw.ellipse
        shape((x, y, x + width + 3, y + height + 3), fill=colour)
    return whole.filter(ImageFilter.GaussianBlur(0.7))


def parts(tmp_path: Path, whole: Image.Image, *spans: tuple[int, int]) -> list[Item]:
    items = []
    for number, (left, right) in enumerate(spans):
        path = tmp_path / f"{number}.png"
        whole.crop((left, 0, right, whole.height)).save(path)
        items.append(item_of_file(path, "image"))
    return items


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_overlapping_parts_become_the_whole_in_any_order(
    use: Use, tmp_path: Path, order: tuple[int, ...]
) -> None:
    whole = landscape()
    items = parts(tmp_path, whole, (0, 400), (240, 660), (500, 900))
    product = use("stitch_panorama", images=[items[at] for at in order])["panorama"]
    assert product.path is not None
    pixels = read_rgb(product.path)
    assert pixels.shape[1] == pytest.approx(900, abs=25)
    assert pixels.shape[0] == pytest.approx(360, abs=25)
    # where the panorama is found on the whole, it shows the same
    small = pixels[12:-12, 12:-12, ::-1].copy()
    true = np.pad(np.asarray(whole)[:, :, ::-1], ((20, 20), (20, 20), (0, 0)), mode="edge")
    likeness = float(cv2.matchTemplate(true, small, cv2.TM_CCOEFF_NORMED).max())
    assert likeness > 0.9


def test_no_black_is_left_at_the_edges(use: Use, tmp_path: Path) -> None:
    whole = landscape()
    parts(tmp_path, whole, (0, 500), (300, 900))
    with Image.open(tmp_path / "1.png") as image:
        image.rotate(2, Image.Resampling.BICUBIC, fillcolor=(90, 90, 90)).save(tmp_path / "1b.png")
    items = [item_of_file(tmp_path / name, "image") for name in ("0.png", "1b.png")]
    product = use("stitch_panorama", images=items)["panorama"]
    assert product.path is not None
    pixels = read_rgb(product.path)
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert (edge.max(axis=1) == 0).mean() < 0.02
    assert pixels.shape[1] > 700


def test_pictures_of_different_things_are_refused_with_the_reason(use: Use, tmp_path: Path) -> None:
    landscape(1, (400, 300)).save(tmp_path / "a.png")
    landscape(2, (400, 300)).save(tmp_path / "b.png")
    items = [item_of_file(tmp_path / name, "image") for name in ("a.png", "b.png")]
    with pytest.raises(InvalidInput, match="of the 2 pictures fit together: neighbours must share"):
        use("stitch_panorama", images=items)


def test_a_picture_that_does_not_belong_is_not_left_out_in_silence(
    use: Use, tmp_path: Path
) -> None:
    items = parts(tmp_path, landscape(), (0, 500), (250, 900))
    landscape(7, (400, 300)).save(tmp_path / "other.png")
    other = item_of_file(tmp_path / "other.png", "image")
    with pytest.raises(InvalidInput, match="only 2 of the 3 pictures fit together"):
        use("stitch_panorama", images=[*items, other])


def test_plain_pictures_have_nothing_to_go_by(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), "teal").save(tmp_path / "a.png")
    item = item_of_file(tmp_path / "a.png", "image")
    with pytest.raises(InvalidInput, match="none of the 2 pictures fit together"):
        use("stitch_panorama", images=[item, item])


def test_one_picture_is_its_own_panorama_and_too_many_are_refused(use: Use, tmp_path: Path) -> None:
    (item,) = parts(tmp_path, landscape(), (0, 300))
    product = use("stitch_panorama", images=[item])["panorama"]
    assert product.path is not None
    assert item.path is not None
    assert (read_rgb(product.path) == read_rgb(item.path)).all()
    with pytest.raises(InvalidInput, match="at most 30 overlapping pictures, got 31"):
        use("stitch_panorama", images=[item] * 31)
