"""The main colours are measured with their shares, and drawn as swatches."""

from __future__ import annotations

import json
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
def poster(tmp_path: Path) -> Path:
    """Half navy, three tenths white, a fifth orange."""
    picture = Image.new("RGB", (200, 100), (20, 30, 110))
    picture.paste((250, 250, 250), (100, 0, 160, 100))
    picture.paste((250, 140, 30), (160, 0, 200, 100))
    picture.save(tmp_path / "poster.png")
    return tmp_path / "poster.png"


def measured(use: Use, path: Path, **inputs: object) -> list[tuple[str, str, float]]:
    text = use("colour_palette", image=path, **inputs)["colours"].text or ""
    return [(each["name"], each["rgb"], each["share"]) for each in json.loads(text)["colours"]]


def test_colours_are_named_with_code_and_share(use: Use, poster: Path) -> None:
    assert measured(use, poster) == [
        ("dark blue", "#141e6e", 0.5),
        ("white", "#fafafa", 0.3),
        ("orange", "#fa8c1e", 0.2),
    ]


def test_fewer_colours_can_be_asked_for(use: Use, poster: Path) -> None:
    assert len(measured(use, poster, number_of_colours=2)) == 2
    with pytest.raises(InvalidInput, match="number_of_colours must lie between 1 and 12"):
        measured(use, poster, number_of_colours=40)


def test_what_is_transparent_does_not_count(use: Use, tmp_path: Path) -> None:
    layer = Image.new("RGBA", (100, 100), (255, 255, 255, 0))
    layer.paste((200, 20, 30, 255), (0, 0, 30, 100))
    layer.save(tmp_path / "a.png")
    ((name, code, share),) = measured(use, tmp_path / "a.png")
    assert (name, code, share) == ("red", "#c8141e", 1.0)
    Image.new("RGBA", (10, 10), (9, 9, 9, 0)).save(tmp_path / "b.png")
    with pytest.raises(InvalidInput, match="all transparent"):
        measured(use, tmp_path / "b.png")


def test_swatches_are_in_order_and_larger_for_larger_shares(use: Use, poster: Path) -> None:
    product = use("palette_picture", image=poster)["palette"]
    assert product.path is not None
    pixels = read_rgb(product.path)
    assert pixels.shape == (300, 1_000, 3)
    row = pixels[50].astype(int)
    widths = [
        int((np.abs(row - colour).max(axis=1) <= 1).sum())
        for colour in ((20, 30, 110), (250, 250, 250), (250, 140, 30))
    ]
    assert sum(widths) == 1_000
    assert widths == sorted(widths, reverse=True)
    assert (pixels[230:] < 60).any(), "hex codes under the swatches"
