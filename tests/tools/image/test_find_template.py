"""A small picture is found where it is on the large one, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


def badge(side: int) -> Image.Image:
    """A round badge on transparent ground."""
    large = Image.new("RGBA", (400, 400), (255, 255, 255, 0))
    draw = ImageDraw.Draw(large)
    draw.ellipse((8, 8, 392, 392), fill=(190, 30, 40, 255))
    draw.polygon([(200, 60), (330, 300), (70, 300)], fill=(250, 230, 90, 255))
    draw.rectangle((180, 160, 220, 340), fill=(30, 30, 60, 255))
    return large.resize((side, side), Image.Resampling.LANCZOS)


def wall(path: Path, *badges: tuple[int, int, int]) -> Path:
    """Uneven ground with badges of (x, y, side)."""
    rng = np.random.default_rng(8)
    rough = rng.integers(60, 200, (30, 40, 3), dtype=np.uint8)
    ground = Image.fromarray(rough).resize((480, 360), Image.Resampling.BICUBIC).convert("RGBA")
    for x, y, side in badges:
        ground.alpha_composite(badge(side), (x, y))
    ground.convert("RGB").save(path)
    return path


def found(use: Use, image: Path, template: Path, **inputs: object) -> tuple[Box, ...]:
    product = use("find_template", image=image, template=template, **inputs)["boxes"]
    return Boxes.from_json(product.text or "").boxes


def assert_at(box: Box, x: int, y: int, side: int) -> None:
    assert max(abs(box.x - x), abs(box.y - y), abs(box.width - side)) <= max(3, side // 14), box


def test_a_cut_out_is_found_on_any_ground_at_several_sizes(use: Use, tmp_path: Path) -> None:
    picture = wall(tmp_path / "wall.png", (40, 50, 80), (300, 200, 120))
    badge(80).save(tmp_path / "badge.png")
    boxes = found(use, picture, tmp_path / "badge.png", label="badge")
    assert len(boxes) == 2
    assert {box.label for box in boxes} == {"badge"}
    assert_at(boxes[0], 40, 50, 80)
    assert_at(boxes[1], 300, 200, 120)
    assert boxes[0].score > 0.95


def test_a_part_of_the_picture_is_found_where_it_was_taken(use: Use, tmp_path: Path) -> None:
    picture = wall(tmp_path / "wall.png", (210, 120, 90))
    with Image.open(picture) as image:
        image.crop((200, 110, 310, 220)).save(tmp_path / "part.png")
    (box,) = found(use, picture, tmp_path / "part.png")
    assert (box.x, box.y, box.width, box.height) == (200, 110, 110, 110)
    assert box.score == 1.0


def test_boxes_on_a_large_picture_are_in_its_own_pixels(use: Use, tmp_path: Path) -> None:
    with Image.open(wall(tmp_path / "wall.png", (210, 120, 90))) as image:
        image.resize((1_920, 1_440)).save(tmp_path / "large.png")
    badge(360).save(tmp_path / "badge.png")
    (box,) = found(use, tmp_path / "large.png", tmp_path / "badge.png")
    assert_at(box, 840, 480, 360)


def test_what_is_not_there_is_not_found(use: Use, tmp_path: Path) -> None:
    badge(80).save(tmp_path / "badge.png")
    product = use(
        "find_template", image=wall(tmp_path / "wall.png"), template=tmp_path / "badge.png"
    )["boxes"]
    assert Boxes.from_json(product.text or "").boxes == ()
    assert product.caption == "not found"


def test_pictures_that_cannot_be_looked_for_are_refused(use: Use, tmp_path: Path) -> None:
    picture = wall(tmp_path / "wall.png")
    Image.new("RGB", (40, 40), "red").save(tmp_path / "plain.png")
    with pytest.raises(InvalidInput, match="one plain colour"):
        found(use, picture, tmp_path / "plain.png")
    badge(1_200).save(tmp_path / "huge.png")
    with pytest.raises(InvalidInput, match="give the large one as `image`"):
        found(use, picture, tmp_path / "huge.png")
    badge(40).save(tmp_path / "badge.png")
    with pytest.raises(InvalidInput, match=r"threshold must lie between 0\.3 and 1, got 80"):
        found(use, picture, tmp_path / "badge.png", threshold=80)
