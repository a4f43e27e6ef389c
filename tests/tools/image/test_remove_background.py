"""The subject is kept and its background becomes transparent, or the tool says that it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_layer, write_png
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import mask as person_mask
from controlllm_tools.samples.pictures import photo

Use = Callable[..., Mapping[str, Product]]
SIZE = (320, 240)


def likeness(found: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union."""
    return float((found & truth).sum() / (found | truth).sum())


def ring(path: Path, *, ground: str = "white") -> np.ndarray:
    """A smooth red ring on a plain ground; returns where it is."""
    large = Image.new("L", (4 * SIZE[0], 4 * SIZE[1]), 0)
    draw = ImageDraw.Draw(large)
    draw.ellipse((400, 240, 880, 720), fill=255)
    draw.ellipse((540, 380, 740, 580), fill=0)
    share = large.resize(SIZE, Image.Resampling.BOX)
    picture = Image.new("RGB", SIZE, ground)
    picture.paste((200, 20, 30), (0, 0), share)
    picture.save(path)
    return np.asarray(share)


def meadow(path: Path, *, seed: int = 3) -> np.ndarray:
    """A blue disc in front of uneven green; returns where it is."""
    rng = np.random.default_rng(seed)
    rough = rng.normal(0, 18, (24, 32, 1)) + np.array([70, 140, 60])
    ground = Image.fromarray(rough.clip(0, 255).astype(np.uint8)).resize(SIZE)
    draw = ImageDraw.Draw(ground)
    draw.ellipse((110, 60, 220, 190), fill=(40, 60, 200))
    draw.ellipse((140, 90, 170, 120), fill=(230, 230, 60))
    ground.save(path)
    truth = Image.new("L", SIZE, 0)
    ImageDraw.Draw(truth).ellipse((110, 60, 220, 190), fill=255)
    return np.asarray(truth) > 127


def cutout(use: Use, path: Path, **inputs: object) -> tuple[np.ndarray, np.ndarray]:
    product = use("remove_background", image=path, **inputs)["cutout"]
    assert product.path is not None
    colours, alpha = read_layer(product.path)
    assert alpha is not None
    return colours, alpha


def test_a_logo_on_plain_ground_keeps_its_smooth_outline_and_no_rim(
    use: Use, tmp_path: Path
) -> None:
    truth = ring(tmp_path / "a.png")
    colours, alpha = cutout(use, tmp_path / "a.png")
    assert np.abs(alpha.astype(int) - truth).mean() < 2
    half = (alpha > 60) & (alpha < 200)
    assert half.sum() > 50, "the outline is smooth"
    # a mix of red and white would have green of over 100
    assert np.median(colours[half][:, 1]) < 60


def test_the_hole_of_a_ring_is_cleared_unless_it_shall_stay(use: Use, tmp_path: Path) -> None:
    ring(tmp_path / "a.png")
    assert cutout(use, tmp_path / "a.png")[1][120, 160] == 0
    assert cutout(use, tmp_path / "a.png", holes=False)[1][120, 160] == 255


def test_what_stands_out_of_an_uneven_ground_is_found(use: Use, tmp_path: Path) -> None:
    truth = meadow(tmp_path / "a.png")
    product = use("remove_background", image=tmp_path / "a.png")["cutout"]
    assert product.caption.startswith("cut-out, found by what stands out: 15%")
    _, alpha = cutout(use, tmp_path / "a.png")
    assert likeness(alpha > 127, truth) > 0.95


def test_a_person_is_found_by_the_face(use: Use, tmp_path: Path) -> None:
    _, alpha = cutout(use, photo(tmp_path / "photo.png"))
    with Image.open(person_mask(tmp_path / "mask.png")) as image:
        truth = np.asarray(image) > 127
    assert likeness(alpha > 127, truth) > 0.9


def test_a_box_says_which_of_two_things_is_meant(use: Use, tmp_path: Path) -> None:
    meadow(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        ImageDraw.Draw(image).rectangle((20, 40, 80, 200), fill=(200, 30, 30))
        image.save(tmp_path / "b.png")
    box = Box(x=12, y=30, width=80, height=180)
    where = Boxes(width_px=SIZE[0], height_px=SIZE[1], boxes=(box,)).to_json()
    _, alpha = cutout(use, tmp_path / "b.png", boxes=where)
    assert alpha[120, 50] == 255
    assert not alpha[:, 110:].any()
    same = use("cut_out_object", image=tmp_path / "b.png", boxes=where)["cutout"]
    assert same.path is not None
    assert (read_layer(same.path)[1] == alpha).all()


def test_a_rough_mask_is_refined_to_the_outline(use: Use, tmp_path: Path) -> None:
    truth = meadow(tmp_path / "a.png")
    rough = Image.new("L", SIZE, 0)
    ImageDraw.Draw(rough).ellipse((106, 55, 226, 196), fill=255)
    rough.save(tmp_path / "mask.png")
    before = likeness(np.asarray(rough) > 127, truth)
    _, alpha = cutout(use, tmp_path / "a.png", mask=tmp_path / "mask.png")
    assert likeness(alpha > 127, truth) > max(0.95, before + 0.02)


def test_the_mask_of_the_subject_is_the_opacity_of_its_cut_out(use: Use, tmp_path: Path) -> None:
    meadow(tmp_path / "a.png")
    product = use("foreground_mask", image=tmp_path / "a.png")["mask"]
    assert product.path is not None
    with Image.open(product.path) as image:
        assert image.mode == "L"
        found = np.asarray(image)
    assert (found == cutout(use, tmp_path / "a.png")[1]).all()


def test_where_nothing_stands_out_the_way_out_is_named(use: Use, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    write_png(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8), tmp_path / "noise.png")
    with pytest.raises(InvalidInput, match="give boxes around it or a mask of it"):
        cutout(use, tmp_path / "noise.png")
    Image.new("RGB", (90, 60), "navy").save(tmp_path / "plain.png")
    with pytest.raises(InvalidInput, match=r"0\.0% of the picture would be its subject"):
        cutout(use, tmp_path / "plain.png")


def test_boxes_of_nothing_or_of_everything_are_refused(use: Use, tmp_path: Path) -> None:
    meadow(tmp_path / "a.png")
    none = Boxes(width_px=SIZE[0], height_px=SIZE[1], boxes=())
    with pytest.raises(InvalidInput, match="nothing was found"):
        cutout(use, tmp_path / "a.png", boxes=none.to_json())
    whole = Box(x=0, y=0, width=SIZE[0], height=SIZE[1])
    every = Boxes(width_px=SIZE[0], height_px=SIZE[1], boxes=(whole,))
    with pytest.raises(InvalidInput, match="the whole picture is selected"):
        cutout(use, tmp_path / "a.png", boxes=every.to_json())
