"""All of a picture is blurred, or only what was found on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_layer, read_rgb, write_png
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import PHOTO_FACES, photo

Use = Callable[..., Mapping[str, Product]]


def checks(path: Path, square: int = 4) -> Path:
    y, x = np.mgrid[0:200, 0:300]
    board = np.where((x // square + y // square) % 2, 230, 20)
    return write_png(np.dstack([board] * 3).astype(np.uint8), path)


def result(use: Use, tool: str, **inputs: object) -> np.ndarray:
    product = use(tool, **inputs)["image"]
    assert product.path is not None
    return read_rgb(product.path).astype(float)


def faces(*places: tuple[int, int, int, int], label: str = "face") -> dict[str, object]:
    boxes = tuple(Box(x=x, y=y, width=w, height=h, label=label) for x, y, w, h in places)
    return Boxes(width_px=300, height_px=200, boxes=boxes).to_json()


def test_more_strength_leaves_less_detail_and_the_same_brightness(use: Use, tmp_path: Path) -> None:
    path = checks(tmp_path / "a.png", square=16)
    before = read_rgb(path).astype(float)
    some, much = (result(use, "blur_image", image=path, strength=s) for s in (0.3, 1))
    assert before.std() * 0.95 > some.std() > 2 * much.std()
    assert much.mean() == pytest.approx(before.mean(), abs=2)
    assert (result(use, "blur_image", image=path, strength=0) == before).all()


def test_the_radius_follows_the_size_of_the_picture(use: Use, tmp_path: Path) -> None:
    for side in (100, 400):
        picture = Image.new("L", (side, side), 0)
        picture.paste(255, (side // 2, 0, side, side))
        picture.save(tmp_path / "a.png")
        row = result(use, "blur_image", image=tmp_path / "a.png", strength=1)[side // 2, :, 0]
        width = ((row > 0.16 * 255) & (row < 0.84 * 255)).sum()
        assert width == pytest.approx(2 * 0.05 * side, rel=0.15)  # two sigma


def test_colours_behind_transparency_do_not_bleed_out(use: Use, tmp_path: Path) -> None:
    colours = np.zeros((60, 60, 3), dtype=np.uint8)
    colours[:, :30] = (255, 0, 0)
    alpha = np.zeros((60, 60), dtype=np.uint8)
    alpha[:, :30] = 255
    path = write_png(colours, tmp_path / "a.png", alpha)
    product = use("blur_image", image=path, strength=1)["image"]
    assert product.path is not None
    soft, seen = read_layer(product.path)
    assert seen is not None
    assert 100 < seen[30, 29] < 155
    assert (soft[seen > 20][:, 0] > 250).all()


@pytest.mark.parametrize("style", ["blur", "pixelate", "black"])
def test_a_box_is_hidden_and_nothing_else_changes(use: Use, tmp_path: Path, style: str) -> None:
    path = checks(tmp_path / "a.png")
    before = read_rgb(path).astype(float)
    boxes = faces((100, 60, 80, 80), label="word")
    after = result(use, "blur_boxes", image=path, boxes=boxes, style=style)
    around = np.ones(before.shape[:2], dtype=bool)
    around[60 - 9 : 140 + 9, 100 - 9 : 180 + 9] = False
    assert (after[around] == before[around]).all()
    inside = after[60:140, 100:180]
    assert inside.std() < 0.2 * before.std(), "the checks are gone"
    if style == "black":
        assert inside.max() == 0


def test_a_face_is_hidden_by_an_oval(use: Use, tmp_path: Path) -> None:
    path = checks(tmp_path / "a.png")
    after = result(use, "blur_boxes", image=path, boxes=faces((100, 50, 80, 100)), style="black")
    assert after[50:150, 135:145].max() == 0
    assert after[42:52, 92:102].max() > 0, "the corner shows what is beside the head"


def test_the_face_on_the_photo_is_not_found_any_more(use: Use, tmp_path: Path) -> None:
    path = photo(tmp_path / "photo.png")
    hidden = use("blur_boxes", image=path, boxes=PHOTO_FACES.to_json())["image"]
    assert hidden.caption == "1 part of the picture hidden"
    assert hidden.path is not None
    assert use("detect_faces", image=path)["faces"].caption == "1 face"
    assert use("detect_faces", image=hidden.path)["faces"].caption == "no faces found"


def test_without_boxes_the_picture_comes_back(use: Use, tmp_path: Path) -> None:
    path = checks(tmp_path / "a.png")
    assert (result(use, "blur_boxes", image=path, boxes=faces()) == read_rgb(path)).all()


def test_boxes_of_another_picture_and_a_wrong_strength_are_refused(
    use: Use, tmp_path: Path
) -> None:
    Image.new("RGB", (50, 90)).save(tmp_path / "a.png")
    with pytest.raises(InvalidInput, match="find the boxes on this picture"):
        use("blur_boxes", image=tmp_path / "a.png", boxes=faces((1, 1, 5, 5)))
    with pytest.raises(InvalidInput, match="strength must lie between 0 and 1"):
        use("blur_image", image=tmp_path / "a.png", strength=7)
