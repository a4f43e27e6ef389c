"""A sketch is light paper with dark strokes where the picture has edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    picture = Image.new("RGB", (240, 180), (200, 170, 120))
    picture.paste((40, 60, 120), (60, 50, 160, 130))
    picture.save(tmp_path / "a.png")
    return tmp_path / "a.png"


def sketched(use: Use, path: Path, **inputs: object) -> np.ndarray:
    product = use("sketch_image", image=path, **inputs)["sketch"]
    assert product.path is not None
    with Image.open(product.path) as image:
        assert image.mode == ("RGB" if inputs.get("pencil") == "coloured" else "L")
    return read_rgb(product.path).astype(float)


def test_strokes_stand_at_the_edges_and_the_rest_is_paper(use: Use, scene: Path) -> None:
    drawn = sketched(use, scene)[:, :, 0]
    assert drawn.shape == (180, 240)
    assert np.median(drawn) > 250
    assert drawn[60:120, 60:64].min(axis=1).max() < 160, "the inner, darker side of the edge"
    assert drawn[80:100, 100:120].min() > 250, "inside"
    assert drawn[:30].min() > 250, "outside"


def test_a_broader_stroke_covers_more(use: Use, scene: Path) -> None:
    thin, broad = (sketched(use, scene, stroke=s) for s in (0.5, 3))
    assert (broad < 230).sum() > 1.8 * (thin < 230).sum()


def test_a_coloured_pencil_has_the_colours_of_the_picture(use: Use, scene: Path) -> None:
    drawn = sketched(use, scene, pencil="coloured")
    ground, shape = drawn[10, 10], drawn[90, 110]
    assert ground[0] > ground[1] > ground[2]
    assert shape[2] > shape[0] + 30


def test_a_stroke_out_of_range_is_refused(use: Use, scene: Path) -> None:
    with pytest.raises(InvalidInput, match=r"stroke must lie between 0\.1 and 10, got 0"):
        use("sketch_image", image=scene, stroke=0)
