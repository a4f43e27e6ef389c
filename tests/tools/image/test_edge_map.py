"""Edges are drawn where the picture has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


def edges(use: Use, path: Path, **inputs: object) -> np.ndarray:
    product = use("edge_map", image=path, **inputs)["edges"]
    assert product.path is not None
    with Image.open(product.path) as image:
        assert image.mode == "L"
        return np.asarray(image)


def test_the_outline_of_a_rectangle_is_drawn_and_nothing_else(use: Use, tmp_path: Path) -> None:
    picture = Image.new("RGB", (200, 120), (90, 90, 90))
    ImageDraw.Draw(picture).rectangle((50, 30, 149, 89), fill=(230, 230, 230))
    picture.save(tmp_path / "a.png")
    found = edges(use, tmp_path / "a.png")
    assert found.shape == (120, 200)
    assert set(np.unique(found)) == {0, 255}
    rows, columns = np.nonzero(found)
    corners = (columns.min(), columns.max(), rows.min(), rows.max())
    assert np.abs(np.subtract(corners, (50, 149, 30, 89))).max() <= 1
    assert not found[36:84, 56:144].any(), "inside"
    # nearly every point of the outline is there, and it is thin
    assert 300 <= (found > 0).sum() <= 360


def test_a_plain_picture_has_no_edges(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "navy").save(tmp_path / "a.png")
    assert not edges(use, tmp_path / "a.png").any()


def test_more_detail_only_adds_lines(use: Use, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    cloud = Image.fromarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8))
    cloud.resize((320, 240), Image.Resampling.BICUBIC).save(tmp_path / "a.png")
    few, some, many = (edges(use, tmp_path / "a.png", detail=d) > 0 for d in (0, 0.5, 1))
    assert 0 < few.sum() < some.sum() < many.sum()
    assert not (few & ~many).any()


def test_the_caption_tells_the_share_of_lines(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "navy").save(tmp_path / "a.png")
    assert use("edge_map", image=tmp_path / "a.png")["edges"].caption == "edge map, 0% of it lines"
