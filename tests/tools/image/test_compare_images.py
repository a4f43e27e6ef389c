"""Alike pictures score high, others low, and differences are shown where they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Boxes
from controlllm_tools.media.images import read_rgb
from controlllm_tools.perform import Product
from controlllm_tools.samples.pictures import photo

Use = Callable[..., Mapping[str, Product]]


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    return photo(tmp_path / "harbour.png")


def similarity(use: Use, first: Path, second: Path, **inputs: object) -> float:
    product = use("compare_images", image=first, other=second, **inputs)["similarity"]
    assert product.type == "number.similarity"
    return float(json.loads(product.text or ""))


def test_a_picture_is_wholly_alike_to_itself(use: Use, harbour: Path) -> None:
    assert similarity(use, harbour, harbour) == 1
    assert similarity(use, harbour, harbour, by="look") == 1


def test_the_more_is_changed_the_less_alike(use: Use, harbour: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    with Image.open(harbour) as image:
        image.filter(ImageFilter.GaussianBlur(1)).save(tmp_path / "soft.png")
        image.filter(ImageFilter.GaussianBlur(5)).save(tmp_path / "blurred.png")
    Image.fromarray(rng.integers(0, 256, (480, 640, 3), dtype=np.uint8)).save(
        tmp_path / "noise.png"
    )
    values = [similarity(use, harbour, tmp_path / f"{n}.png") for n in ("soft", "blurred", "noise")]
    assert 0.9 < values[0] < 1
    assert values[0] > values[1] + 0.05
    assert values[2] < 0.1


def test_a_smaller_lighter_copy_keeps_its_look_and_another_picture_does_not(
    use: Use, harbour: Path, tmp_path: Path
) -> None:
    with Image.open(harbour) as image:
        image.resize((300, 225)).point([min(255, v + 15) for v in range(256)] * 3).save(
            tmp_path / "copy.jpg", quality=60
        )
        image.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png")
    assert similarity(use, harbour, tmp_path / "copy.jpg", by="look") > 0.85
    turned = use("compare_images", image=harbour, other=tmp_path / "turned.png")["similarity"]
    assert turned.caption.split(";")[0].endswith("alike in look"), "the shapes differ"
    assert float(turned.text or "") < 0.4


def test_differences_are_red_and_boxed(use: Use, harbour: Path, tmp_path: Path) -> None:
    with Image.open(harbour) as image:
        draw = ImageDraw.Draw(image)
        draw.rectangle((500, 20, 599, 69), fill="black")
        draw.rectangle((20, 20, 39, 39), fill="black")
        image.save(tmp_path / "changed.png")
    results = use("difference_image", image=harbour, other=tmp_path / "changed.png")
    path = results["difference"].path
    assert path is not None
    shown = read_rgb(path).astype(int)
    red = (shown[..., 0] - shown[..., 1]) > 100
    truth = np.zeros((480, 640), dtype=bool)
    truth[20:70, 500:600] = truth[20:40, 20:40] = True
    assert (red == truth).mean() > 0.999
    boxes = Boxes.from_json(results["boxes"].text or "").boxes
    assert [(b.x, b.y, b.width, b.height) for b in boxes] == [
        (500, 20, 100, 50), (20, 20, 20, 20),
    ]  # fmt: skip
    assert shown[~truth].min() > 150, "the rest is pale"


def test_the_same_picture_has_no_differences(use: Use, harbour: Path) -> None:
    results = use("difference_image", image=harbour, other=harbour)
    assert results["difference"].caption == "0.00% of the picture differs, in 0 regions"
    assert Boxes.from_json(results["boxes"].text or "").boxes == ()


def test_small_changes_count_by_the_threshold(use: Use, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), (100, 100, 100)).save(tmp_path / "a.png")
    Image.new("RGB", (40, 30), (110, 100, 100)).save(tmp_path / "b.png")
    a, b = tmp_path / "a.png", tmp_path / "b.png"
    assert use("difference_image", image=a, other=b)["boxes"].caption.startswith("0.00%")
    low = use("difference_image", image=a, other=b, threshold=0.02)
    assert low["boxes"].caption.startswith("100.00%")
    with pytest.raises(InvalidInput, match="threshold must lie between 0 and 1"):
        use("difference_image", image=a, other=b, threshold=20)


def test_pictures_of_different_shape_have_no_places_in_common(
    use: Use, harbour: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (100, 100)).save(tmp_path / "a.png")
    with pytest.raises(InvalidInput, match="640x480 and 100x100 pixels have no places in common"):
        use("difference_image", image=harbour, other=tmp_path / "a.png")
