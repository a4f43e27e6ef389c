"""The mark is seen, faintly, where it was asked for."""

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


def marked(use: Use, path: Path, **inputs: object) -> np.ndarray:
    product = use("watermark_image", image=path, **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path).astype(int)


def plain(path: Path, level: int = 120) -> Path:
    Image.new("RGB", (400, 300), (level, level, level)).save(path)
    return path


def place(change: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(change.max(axis=2) > 4)
    return (columns.min() + columns.max()) / 2 / 400, (rows.min() + rows.max()) / 2 / 300


@pytest.mark.parametrize("level", [0, 120, 255])
def test_it_is_seen_on_any_ground(use: Use, tmp_path: Path, level: int) -> None:
    path = plain(tmp_path / "a.png", level)
    change = np.abs(marked(use, path, text="HARBOUR") - level)
    assert change.max() > 50


def test_it_can_be_read(use: Use, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.png")
    solid = marked(use, path, text="HARBOUR", opacity=1, width_share=0.6).astype(np.uint8)
    read = use("read_text", image=write_png(solid, tmp_path / "solid.png"))["text"].text or ""
    assert "HARBOUR" in read


def test_it_stands_in_the_lower_right_by_itself_and_else_where_asked(
    use: Use, tmp_path: Path
) -> None:
    path = plain(tmp_path / "a.png")
    x, y = place(np.abs(marked(use, path, text="mine") - 120))
    assert x > 0.7
    assert y > 0.8
    x, y = place(np.abs(marked(use, path, text="mine", across="left", down="top") - 120))
    assert x < 0.3
    assert y < 0.2
    x, y = place(np.abs(marked(use, path, text="mine", across="middle", down="middle") - 120))
    assert (x, y) == (pytest.approx(0.5, abs=0.02), pytest.approx(0.5, abs=0.02))


def test_less_opacity_is_fainter_and_none_is_nothing(use: Use, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.png")
    faint, strong, none = (
        np.abs(marked(use, path, text="mine", opacity=o) - 120).sum() for o in (0.2, 0.8, 0)
    )
    assert none == 0
    assert strong == pytest.approx(4 * faint, rel=0.05)


def test_repeated_marks_reach_every_corner(use: Use, tmp_path: Path) -> None:
    change = np.abs(marked(use, plain(tmp_path / "a.png"), text="DRAFT", pattern="repeated") - 120)
    for rows in (slice(0, 150), slice(150, 300)):
        for columns in (slice(0, 200), slice(200, 400)):
            share = (change[rows, columns].max(axis=2) > 4).mean()
            assert 0.01 < share < 0.5


def test_without_words_it_is_a_copyright_sign(use: Use, tmp_path: Path) -> None:
    change = np.abs(marked(use, plain(tmp_path / "a.png")) - 120)
    _, columns = np.nonzero(change.max(axis=2) > 4)
    assert 20 < columns.max() - columns.min() < 50


def test_a_cutout_stays_clear_around_the_mark(use: Use, tmp_path: Path) -> None:
    Image.new("RGBA", (200, 150), (200, 0, 0, 0)).save(tmp_path / "a.png")
    product = use("watermark_image", image=tmp_path / "a.png", text="mine")["image"]
    assert product.path is not None
    alpha = read_layer(product.path)[1]
    assert alpha is not None
    assert alpha[:60].max() == 0
    assert alpha.max() == pytest.approx(128, abs=2)


@pytest.mark.parametrize(
    "inputs",
    [{"text": " "}, {"text": "w" * 300}, {"opacity": 2}, {"width_share": 0}, {"left": 5_000}],
)
def test_what_makes_no_mark_is_refused(use: Use, tmp_path: Path, inputs: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        marked(use, plain(tmp_path / "a.png"), **inputs)
