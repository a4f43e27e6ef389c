"""Pictures become RGB arrays, upright, 8 bits deep, on white; nothing else gets through."""

import io
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import open_layer, read_layer, read_rgb, shrunk, write_png

RAMP = np.tile(np.linspace(0, 65_535, 256), (8, 1))


def test_a_picture_is_read_as_height_width_and_three_channels(tmp_path: Path) -> None:
    Image.new("RGB", (7, 5), (10, 20, 30)).save(tmp_path / "a.png")
    pixels = read_rgb(tmp_path / "a.png")
    assert pixels.shape == (5, 7, 3)
    assert pixels.dtype == np.uint8
    assert (pixels == (10, 20, 30)).all()
    pixels[0, 0] = 0  # a tool may draw on it


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_behind_transparency_is_white(tmp_path: Path, mode: str) -> None:
    clear = (0,) * len(mode)
    Image.new(mode, (4, 4), clear).save(tmp_path / "a.png")
    assert (read_rgb(tmp_path / "a.png") == 255).all()


def test_a_transparent_palette_colour_is_white(tmp_path: Path) -> None:
    picture = Image.new("P", (4, 4), 3)
    picture.putpalette([0] * 9 + [200, 0, 0])
    picture.save(tmp_path / "solid.png")
    picture.save(tmp_path / "clear.png", transparency=3)
    assert (read_rgb(tmp_path / "solid.png") == (200, 0, 0)).all()
    assert (read_rgb(tmp_path / "clear.png") == 255).all()


def test_a_layer_keeps_what_can_be_seen_through_and_an_opaque_one_has_none(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    colour = rng.integers(0, 256, (6, 9, 3), dtype=np.uint8)
    alpha = rng.integers(0, 255, (6, 9), dtype=np.uint8)
    pixels, opacity = read_layer(write_png(colour, tmp_path / "clear.png", alpha))
    assert (pixels == colour).all()
    assert opacity is not None
    assert (opacity == alpha).all()
    full = np.full_like(alpha, 255)
    assert read_layer(write_png(colour, tmp_path / "solid.png", full))[1] is None
    assert open_layer(tmp_path / "solid.png").mode == "RGB"


def test_a_picture_is_turned_upright_by_its_exif_note(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 20), "black")
    picture.paste("white", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held a quarter turn clockwise
    picture.save(tmp_path / "a.png", exif=exif)
    pixels = read_rgb(tmp_path / "a.png")
    assert pixels.shape == (40, 20, 3)
    assert pixels[:20].mean() > 250
    assert pixels[20:].mean() < 5


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("grey16.png", RAMP.astype(np.uint16)),
        ("grey16.tif", RAMP.astype(np.uint16)),
        ("whole32.tif", RAMP.astype(np.int32)),
        ("float.tif", (RAMP / 65_535).astype(np.float32)),
        ("float255.tif", (RAMP / 257).astype(np.float32)),
    ],
)
def test_deep_grey_keeps_its_shades(tmp_path: Path, name: str, levels: np.ndarray) -> None:
    Image.fromarray(levels).save(tmp_path / name)
    shades = read_rgb(tmp_path / name)[0, :, 0].astype(int)
    assert abs(shades - np.arange(256)).max() <= 1


def test_only_the_first_frame_of_an_animation_is_read(tmp_path: Path) -> None:
    red, blue = Image.new("RGB", (4, 4), "red"), Image.new("RGB", (4, 4), "blue")
    red.save(tmp_path / "a.gif", save_all=True, append_images=[blue])
    assert (read_rgb(tmp_path / "a.gif")[0, 0] == (255, 0, 0)).all()


def test_written_pictures_come_back_without_metadata(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    colour = rng.integers(0, 256, (6, 9, 3), dtype=np.uint8)
    assert (read_rgb(write_png(colour, tmp_path / "c.png")) == colour).all()
    grey = colour[:, :, 0]
    assert (read_rgb(write_png(grey, tmp_path / "g.png"))[:, :, 1] == grey).all()
    with Image.open(tmp_path / "c.png") as image:
        assert image.info == {}


def test_a_film_or_a_text_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("not a picture")
    with pytest.raises(InvalidInput, match="holds text/plain, not a picture"):
        read_rgb(tmp_path / "words")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
@pytest.mark.filterwarnings("ignore")  # Pillow warns of what it repairs
def test_a_damaged_picture_is_read_or_refused_but_never_a_foreign_error(
    tmp_path: Path, form: str
) -> None:
    rng = np.random.default_rng(2)
    whole = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)).save(whole, format=form)
    dice = random.Random(form)
    refused = 0
    for _ in range(120):
        content = bytearray(whole.getvalue())
        for _ in range(dice.choice([1, 3, 20])):
            content[dice.randrange(len(content))] = dice.randrange(256)
        path = tmp_path / "damaged"
        path.write_bytes(bytes(content[: dice.choice([len(content), dice.randrange(1, 400)])]))
        try:
            read_rgb(path)
        except InvalidInput:
            refused += 1
    assert refused > 5


def test_a_shrunk_picture_keeps_its_shape_and_mean_and_a_small_one_stays() -> None:
    pixels = np.zeros((100, 400, 3), dtype=np.uint8)
    pixels[:, ::2] = 200
    small = shrunk(pixels, 100)
    assert small.shape == (25, 100, 3)
    assert (small == 100).all()
    assert (shrunk(pixels, 400) == pixels).all()
