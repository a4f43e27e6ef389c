"""Lines and strokes run along the outlines of what a picture shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import write_png
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import photo

Use = Callable[..., Mapping[str, Product]]


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A dark disc and a bright box on a grainy ground."""
    pixels = np.random.default_rng(3).normal(150, 3, (360, 480, 3))
    y, x = np.mgrid[0:360, 0:480]
    pixels[(x - 150) ** 2 + (y - 180) ** 2 < 90**2] -= 100
    pixels[100:260, 290:420] += 90
    return write_png(pixels.clip(0, 255).astype(np.uint8), tmp_path / "a.png")


def drawn(use: Use, tool: str, path: Path, **inputs: object) -> np.ndarray:
    (product,) = use(tool, image=path, **inputs).values()
    assert product.path is not None
    with Image.open(product.path) as image:
        assert image.mode == "L"
        return np.asarray(image)


def off_the_disc(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.abs(np.hypot(columns - 150, rows - 180) - 90)


def test_a_drawing_is_white_with_dark_lines_along_the_edges(use: Use, scene: Path) -> None:
    lines = drawn(use, "line_drawing", scene)
    assert lines.shape == (360, 480)
    assert (lines > 250).mean() > 0.9
    rows, columns = np.nonzero(lines[:, :250] < 128)
    assert off_the_disc(rows, columns).max() < 6
    angles = np.unique(np.round(np.degrees(np.arctan2(rows - 180, columns - 150)) / 10))
    assert len(angles) >= 35, "all around"


def test_grain_leaves_no_specks(use: Use, scene: Path) -> None:
    lines = drawn(use, "line_drawing", scene)
    assert lines[:60].min() > 250
    assert lines[150:210, 320:390].min() > 250


@pytest.mark.parametrize("tool", ["line_drawing", "scribble_map"])
def test_more_detail_draws_more(use: Use, tmp_path: Path, tool: str) -> None:
    path = photo(tmp_path / "photo.png")
    few, many = (drawn(use, tool, path, detail=d) for d in (0, 1))
    ink = (few < 128, many < 128) if tool == "line_drawing" else (few > 0, many > 0)
    assert 0 < 1.2 * ink[0].sum() < ink[1].sum()


def test_a_scribble_is_a_few_thick_strokes_along_the_main_outlines(use: Use, scene: Path) -> None:
    strokes = drawn(use, "scribble_map", scene)
    assert set(np.unique(strokes)) == {0, 255}
    assert 0.01 < (strokes > 0).mean() < 0.12
    rows, columns = np.nonzero(strokes[:, :250])
    assert off_the_disc(rows, columns).max() < 9
    assert not strokes[:60].any()
    # thick: what is left when four pixels are taken off everywhere is thin, but there
    stroke = strokes[180, 40:90] > 0
    assert 3 <= stroke.sum() <= 9


@pytest.mark.parametrize("tool", ["line_drawing", "scribble_map"])
def test_a_plain_picture_has_nothing_to_draw(use: Use, tmp_path: Path, tool: str) -> None:
    Image.new("RGB", (64, 64), "navy").save(tmp_path / "a.png")
    assert (drawn(use, tool, tmp_path / "a.png") == (255 if tool == "line_drawing" else 0)).all()


@pytest.mark.parametrize("tool", ["line_drawing", "scribble_map"])
def test_a_detail_out_of_range_is_refused(use: Use, scene: Path, tool: str) -> None:
    with pytest.raises(InvalidInput, match="detail must lie between 0 and 1, got 2"):
        use(tool, image=scene, detail=2)
