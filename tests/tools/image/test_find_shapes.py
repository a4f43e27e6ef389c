"""Shapes are found where they were drawn, each with its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import skimage
from PIL import Image, ImageDraw

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]
COINS = Path(skimage.__file__).parent / "data" / "coins.png"


def drawing(path: Path) -> Path:
    """Filled and outlined shapes, one of them turned, and one that is no such shape."""
    picture = Image.new("RGB", (640, 420), (245, 242, 230))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((40, 40, 140, 140), fill=(220, 60, 50))
    draw.polygon([(260, 150), (200, 50), (330, 40)], fill=(60, 90, 200))
    draw.rectangle((400, 50, 600, 120), outline=(20, 20, 20), width=4)
    draw.polygon([(110, 230), (180, 300), (110, 370), (40, 300)], fill=(40, 150, 80))
    draw.ellipse((240, 240, 400, 330), fill=(250, 190, 40))
    star = [(520, 230), (540, 280), (595, 280), (550, 310), (570, 365), (520, 330), (470, 365)]
    draw.polygon([*star, (490, 310), (445, 280), (500, 280)], fill=(120, 60, 150))
    picture.save(path)
    return path


def found(use: Use, path: Path, **inputs: object) -> tuple[Box, ...]:
    product = use("find_shapes", image=path, **inputs)["boxes"]
    return Boxes.from_json(product.text or "").boxes


def test_every_drawn_shape_is_found_once_with_its_kind(use: Use, tmp_path: Path) -> None:
    boxes = {box.label: box for box in found(use, drawing(tmp_path / "a.png"))}
    edges = {
        "circle": (40, 40, 140, 140),
        "triangle": (200, 40, 330, 150),
        "rectangle": (400, 50, 600, 120),
        "square": (40, 230, 180, 370),
        "ellipse": (240, 240, 400, 330),
    }
    assert boxes.keys() == edges.keys()
    for label, edge in edges.items():
        box = boxes[label]
        apart = zip((box.x, box.y, box.right, box.bottom), edge, strict=True)
        assert max(abs(a - b) for a, b in apart) <= 6, box
        assert box.score > 0.85


def test_only_the_wanted_kind_is_returned_and_a_square_is_a_rectangle(
    use: Use, tmp_path: Path
) -> None:
    path = drawing(tmp_path / "a.png")
    assert [box.label for box in found(use, path, shape="triangle")] == ["triangle"]
    assert [box.label for box in found(use, path, shape="square")] == ["square"]
    assert {box.label for box in found(use, path, shape="rectangle")} == {"rectangle", "square"}


def test_coins_on_a_photo_are_circles(use: Use) -> None:
    product = use("find_shapes", image=COINS, shape="circle", smallest=0.005)["boxes"]
    boxes = Boxes.from_json(product.text or "").boxes
    # there are 24 on it, some worn off at the edge
    assert 20 <= len(boxes) <= 24
    assert all(30 <= box.width <= 90 for box in boxes)


def test_nothing_is_found_where_there_is_nothing(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (200, 100), "navy").save(tmp_path / "a.png")
    product = use("find_shapes", image=tmp_path / "a.png")["boxes"]
    assert product.caption == "no shapes found"


def test_small_shapes_can_be_left_out(use: Use, tmp_path: Path) -> None:
    path = drawing(tmp_path / "a.png")
    assert {box.label for box in found(use, path, smallest=0.042)} == {
        "rectangle", "square", "ellipse", "triangle",
    }  # fmt: skip
    with pytest.raises(InvalidInput, match="smallest must be a share"):
        found(use, path, smallest=-1)
