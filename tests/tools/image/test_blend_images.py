"""What is blended in takes on the light of the ground and keeps its own shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


def ramp(path: Path) -> Path:
    """Dark on the left, bright on the right: 240x320 pixels."""
    light = np.tile(np.linspace(60, 200, 320), (240, 1))
    return write_png(np.dstack([light, light, light + 20]).astype(np.uint8), path)


def patch(path: Path, base: int = 180) -> Path:
    """A bright ground with a dark cross in its middle: 100x100 pixels."""
    pixels = np.full((100, 100, 3), base, dtype=np.uint8)
    pixels[45:55, 25:75] = pixels[25:75, 45:55] = base - 70
    return write_png(pixels, path)


def blended(use: Use, **inputs: object) -> np.ndarray:
    product = use("blend_images", **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path).astype(float)


def test_there_is_no_seam_and_the_shape_is_there(use: Use, tmp_path: Path) -> None:
    ground, part = ramp(tmp_path / "ground.png"), patch(tmp_path / "part.png")
    pixels = blended(use, picture=part, background=ground, left=40, top=70)
    before = read_rgb(ground).astype(float)
    outside = np.ones((240, 320), dtype=bool)
    outside[70:170, 40:140] = False
    assert (pixels[outside] == before[outside]).all()
    # a plain paste would leave a step of a hundred grey levels here
    assert np.abs(pixels[120, 39] - pixels[120, 43]).max() < 12
    assert np.abs(pixels[120, 141] - pixels[120, 137]).max() < 12
    assert pixels[80, 90].mean() - pixels[100, 90].mean() > 50, "the cross"
    assert pixels[80, 90, 0] == pytest.approx(before[80, 90, 0], abs=15), "the light of the ground"


def test_a_mask_tells_which_part_is_used(use: Use, tmp_path: Path) -> None:
    ground, part = ramp(tmp_path / "ground.png"), patch(tmp_path / "part.png")
    mask = Image.new("L", (100, 100), 0)
    mask.paste(255, (0, 0, 100, 40))
    mask.save(tmp_path / "mask.png")
    pixels = blended(
        use, picture=part, background=ground, mask=tmp_path / "mask.png", left=40, top=70
    )
    before = read_rgb(ground)
    assert (pixels[111:] == before[111:]).all()
    # the upper arm of the cross, which begins 25 pixels below the edge of the part
    assert pixels[80, 90].mean() - pixels[103, 90].mean() > 25


def test_a_cutout_is_blended_in_by_its_own_shape(use: Use, tmp_path: Path) -> None:
    ground = ramp(tmp_path / "ground.png")
    y, x = np.mgrid[0:100, 0:100]
    alpha = np.where((x - 50) ** 2 + (y - 50) ** 2 < 40**2, 255, 0).astype(np.uint8)
    part = write_png(read_rgb(patch(tmp_path / "part.png")), tmp_path / "cut.png", alpha)
    pixels = blended(use, picture=part, background=ground)
    y, x = np.mgrid[0:240, 0:320]
    far = (x - 160) ** 2 + (y - 120) ** 2 > 44**2
    assert (pixels[far] == read_rgb(ground)[far]).all()
    assert np.abs(pixels - read_rgb(ground)).max() > 40


def test_mixed_keeps_the_texture_of_the_ground(use: Use, tmp_path: Path) -> None:
    stripes = np.tile(np.where(np.arange(320) // 4 % 2, 150, 90), (240, 1))
    ground = write_png(np.dstack([stripes] * 3).astype(np.uint8), tmp_path / "ground.png")
    part = patch(tmp_path / "part.png")
    calm, mixed = (
        blended(use, picture=part, background=ground, left=100, top=70, mode=mode)
        for mode in ("seamless", "mixed")
    )
    corner = (slice(75, 90), slice(105, 140))
    assert mixed[corner].std() > 2 * calm[corner].std()


def test_a_mask_of_another_picture_is_refused(use: Use, tmp_path: Path) -> None:
    ground, part = ramp(tmp_path / "ground.png"), patch(tmp_path / "part.png")
    with pytest.raises(InvalidInput, match="320x240 pixels belongs to another picture"):
        blended(use, picture=part, background=ground, mask=ground)


def test_a_mask_that_selects_nothing_and_a_place_off_the_ground_are_refused(
    use: Use, tmp_path: Path
) -> None:
    ground, part = ramp(tmp_path / "ground.png"), patch(tmp_path / "part.png")
    Image.new("L", (100, 100), 0).save(tmp_path / "mask.png")
    with pytest.raises(InvalidInput, match="transparent all over"):
        blended(use, picture=part, background=ground, mask=tmp_path / "mask.png")
    with pytest.raises(InvalidInput, match="too little of the picture would be seen at 318, 10"):
        blended(use, picture=part, background=ground, left=318, top=10)
