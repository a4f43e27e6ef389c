"""A slanted or tilted page becomes straight, and its words can be read better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from controlllm_tools.image.straighten_page import page_corners, tilt_of
from controlllm_tools.media.boxes import Boxes
from controlllm_tools.media.fonts import font
from controlllm_tools.media.images import read_rgb
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import photo
from controlllm_tools.tool import ToolContext

Use = Callable[..., Mapping[str, Product]]
LINES = (
    "The fishing harbour of Marwick wakes",
    "long before the town. At half past four",
    "the first boats leave the quay, and their",
    "lamps draw a thin line across the bay.",
    "",
    "Dr. Elin Moss, who planned the count,",
    "says that nobody believed in it at first.",
    "After two years the numbers rose; after",
    "four, cod were seen again near the pier.",
)


def page() -> Image.Image:
    paper = Image.new("RGB", (700, 520), (250, 248, 240))
    draw = ImageDraw.Draw(paper)
    for row, line in enumerate(LINES):
        draw.text((60, 50 + 46 * row), line, fill=(30, 30, 36), font=font(28))
    return paper


def on_table(path: Path) -> np.ndarray:
    """The page on a wooden table, seen from the side; returns its corners."""
    rng = np.random.default_rng(4)
    grain = rng.normal(0, 5, (900, 1)).repeat(1_200, axis=1)[..., None]
    table = (np.array([112, 78, 52]) + grain).clip(0, 255).astype(np.uint8)
    flat = np.asarray(page())
    corners = np.array([(240, 150), (1_010, 90), (1_090, 660), (150, 790)], dtype=np.float32)
    start = np.array([(0, 0), (700, 0), (700, 520), (0, 520)], dtype=np.float32)
    view = cv2.getPerspectiveTransform(start, corners)
    seen = cv2.warpPerspective(flat, view, (1_200, 900), flags=cv2.INTER_AREA)
    where = cv2.warpPerspective(np.full_like(flat, 255), view, (1_200, 900)) > 127
    Image.fromarray(np.where(where, seen, table)).save(path)
    return corners


def straight(use: Use, path: Path) -> Path:
    product = use("straighten_page", image=path)["page"]
    assert product.path is not None
    return product.path


def words_read(use: Use, path: Path) -> float:
    """Share of the words of the page that are read."""
    read = (use("read_text", image=path)["text"].text or "").split()
    words = " ".join(LINES).split()
    return sum(word in read for word in words) / len(words)


def test_a_page_on_a_table_is_cut_out_and_square(use: Use, tmp_path: Path) -> None:
    corners = on_table(tmp_path / "a.png")
    found = page_corners(read_rgb(tmp_path / "a.png"))
    assert found is not None
    assert np.abs(found - corners).max() < 8
    path = straight(use, tmp_path / "a.png")
    flat = read_rgb(path)
    assert flat.shape[1] > flat.shape[0]
    edge = np.concatenate([flat[4:8, 8:-8].reshape(-1, 3), flat[8:-8, 4:8].reshape(-1, 3)])
    assert edge.mean() > 225, "no table is left"
    assert words_read(use, path) > 0.95


@pytest.mark.parametrize("degrees", [-12.0, -3.3, 0.6, 7.5])
def test_the_tilt_of_lines_is_measured(context: ToolContext, degrees: float) -> None:
    tilted = page().rotate(degrees, expand=True, fillcolor=(250, 248, 240))
    assert tilt_of(np.asarray(tilted), context) == pytest.approx(-degrees, abs=0.15)


def test_boxes_of_words_fit_tightly_when_a_tilted_scan_is_straightened(
    use: Use, tmp_path: Path
) -> None:
    tilted = page().rotate(16, expand=True, fillcolor=(250, 248, 240))
    tilted.save(tmp_path / "a.png")
    path = straight(use, tmp_path / "a.png")
    assert abs(tilt_of(read_rgb(path), ToolContext(scratch=tmp_path))) < 0.2
    heights = []
    for each in (tmp_path / "a.png", path):
        boxes = Boxes.from_json(use("read_text", image=each)["boxes"].text or "").boxes
        heights.append(float(np.median([box.height for box in boxes])))
    before, after = heights
    assert after < 45
    assert before > 1.3 * after


def test_a_straight_page_comes_back_as_it_is(use: Use, tmp_path: Path) -> None:
    page().save(tmp_path / "a.png")
    product = use("straighten_page", image=tmp_path / "a.png")["page"]
    assert product.caption == "the page was straight already"
    assert product.path is not None
    assert (read_rgb(product.path) == np.asarray(page())).all()


def test_a_picture_without_a_page_is_left_alone(use: Use, tmp_path: Path) -> None:
    product = use("straighten_page", image=photo(tmp_path / "photo.png"))["page"]
    assert product.caption == "the page was straight already"
    Image.new("RGB", (20, 9)).save(tmp_path / "tiny.png")
    assert straight(use, tmp_path / "tiny.png").is_file()
