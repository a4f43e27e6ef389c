"""A cut-out shows exactly what the mask selects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_layer, read_rgb
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import mask, photo

Use = Callable[..., Mapping[str, Product]]


def cut(use: Use, **inputs: object) -> tuple[np.ndarray, np.ndarray | None]:
    product = use("cut_out_by_mask", **inputs)["cutout"]
    assert product.path is not None
    return read_layer(product.path)


def test_white_stays_and_black_becomes_transparent(use: Use, tmp_path: Path) -> None:
    path, selection = photo(tmp_path / "photo.png"), mask(tmp_path / "mask.png")
    colours, alpha = cut(use, image=path, mask=selection)
    with Image.open(selection) as image:
        assert (alpha == np.asarray(image)).all()
    assert (colours == read_rgb(path)).all()


def test_inverted_the_other_part_stays(use: Use, tmp_path: Path) -> None:
    path, selection = photo(tmp_path / "photo.png"), mask(tmp_path / "mask.png")
    _, alpha = cut(use, image=path, mask=selection, invert=True)
    assert alpha is not None
    with Image.open(selection) as image:
        assert (alpha == 255 - np.asarray(image)).all()


def test_what_was_transparent_stays_so(use: Use, tmp_path: Path) -> None:
    layer = Image.new("RGBA", (20, 10), (9, 9, 9, 255))
    layer.paste((9, 9, 9, 0), (0, 0, 10, 10))
    layer.save(tmp_path / "a.png")
    selection = Image.new("L", (20, 10), 0)
    selection.paste(255, (5, 0, 15, 10))
    selection.save(tmp_path / "m.png")
    _, alpha = cut(use, image=tmp_path / "a.png", mask=tmp_path / "m.png")
    assert alpha is not None
    assert np.unique(np.nonzero(alpha)[1]).tolist() == [10, 11, 12, 13, 14]


def test_a_black_mask_is_refused(use: Use, tmp_path: Path) -> None:
    path = photo(tmp_path / "photo.png")
    Image.new("L", (640, 480)).save(tmp_path / "m.png")
    with pytest.raises(InvalidInput, match="the mask is all black"):
        cut(use, image=path, mask=tmp_path / "m.png")
