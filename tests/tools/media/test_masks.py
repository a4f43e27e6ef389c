"""A mask says for each pixel of its picture how far it is selected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.masks import read_mask


def test_a_mask_is_read_as_it_is(tmp_path: Path) -> None:
    pixels = np.array([[0, 128, 255]] * 2, dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "mask.png")
    assert (read_mask(tmp_path / "mask.png", 3, 2) == pixels).all()


def test_a_smaller_mask_of_the_same_shape_is_scaled(tmp_path: Path) -> None:
    half = Image.new("L", (40, 20), 0)
    half.paste(255, (20, 0, 40, 20))
    half.save(tmp_path / "mask.png")
    mask = read_mask(tmp_path / "mask.png", 80, 40)
    assert mask.shape == (40, 80)
    assert not mask[:, :38].any()
    assert (mask[:, 42:] == 255).all()


def test_a_cut_out_counts_by_its_opacity(tmp_path: Path) -> None:
    cutout = Image.new("RGBA", (10, 10), (255, 255, 255, 0))
    cutout.paste((0, 0, 0, 255), (0, 0, 5, 10))
    cutout.save(tmp_path / "cutout.png")
    mask = read_mask(tmp_path / "cutout.png", 10, 10)
    assert (mask[:, :5] == 255).all()
    assert not mask[:, 5:].any()


def test_a_mask_of_another_shape_is_refused(tmp_path: Path) -> None:
    Image.new("L", (40, 40)).save(tmp_path / "mask.png")
    with pytest.raises(InvalidInput, match="make a mask of this picture"):
        read_mask(tmp_path / "mask.png", 80, 40)
