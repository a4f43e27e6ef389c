"""Pictures drawn on the spot: a scene with a face and words that the tools really find."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.fonts import font

WIDTH_PX, HEIGHT_PX = 640, 480
SIGN_LINES = ("HARBOUR CAFE", "Open from 7 AM")
"""The words on the sign of the photo, line by line."""

PHOTO_FACES = Boxes(
    width_px=WIDTH_PX,
    height_px=HEIGHT_PX,
    boxes=(Box(x=85, y=175, width=150, height=160, label="face", score=0.9),),
)
"""Where the face of the photo was drawn."""
PHOTO_WORDS = Boxes(
    width_px=WIDTH_PX,
    height_px=HEIGHT_PX,
    boxes=(
        Box(x=345, y=264, width=162, height=32, label="HARBOUR"),
        Box(x=514, y=264, width=84, height=32, label="CAFE"),
        Box(x=374, y=308, width=62, height=30, label="Open"),
        Box(x=443, y=308, width=55, height=28, label="from"),
        Box(x=506, y=308, width=18, height=28, label="7"),
        Box(x=532, y=308, width=36, height=28, label="AM"),
    ),
)
"""Where the words of the photo were drawn."""

_SCALE = 2
"""Everything is drawn this much larger and scaled down, which smooths every edge."""

_Colour = tuple[int, int, int]
_SKIN: _Colour = (224, 172, 138)
_HAIR: _Colour = (62, 40, 28)


def photo(path: Path) -> Path:
    """Draw a harbour in the morning: a boat, a cafe sign, and a woman who looks at you.

    Args:
        path: Where to write it; the ending chooses PNG or JPEG.

    Returns:
        The path: RGB, 640x480 pixels, the same on every machine that has the same fonts.
    """
    scene = _sky_and_sea()
    draw = ImageDraw.Draw(scene)
    _sun(draw)
    _boat(draw)
    _sign(draw)
    scene = _with_person(scene)
    scene.resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.LANCZOS).save(path)
    return path


def detail(path: Path) -> Path:
    """Draw the right half of the photo and a little more: RGB, 400x480 pixels.

    It overlaps with the photo, as the next picture of a panorama does.
    """
    photo(path)
    with Image.open(path) as scene:
        part = scene.crop((WIDTH_PX - 400, 0, WIDTH_PX, HEIGHT_PX))
    part.save(path)
    return path


def edges(path: Path) -> Path:
    """Draw the outlines of a house: white lines on black, one channel, 320x240 pixels."""
    picture = Image.new("L", (320, 240), 0)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((90, 110, 230, 210), outline=255, width=2)
    draw.line([(80, 112), (160, 50), (240, 112)], fill=255, width=2)
    draw.rectangle((145, 150, 180, 210), outline=255, width=2)
    draw.rectangle((105, 130, 130, 155), outline=255, width=2)
    draw.line([(0, 210), (320, 210)], fill=255, width=2)
    picture.save(path)
    return path


def mask(path: Path) -> Path:
    """Draw which part of the photo the woman is: white on black, one channel, 640x480 pixels."""
    _person_outline().resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.LANCZOS).save(path)
    return path


def cutout(path: Path) -> Path:
    """Draw the woman of the photo alone, all around her transparent: RGBA, 640x480 pixels."""
    scene = _with_person(_sky_and_sea())
    scene.putalpha(_person_outline())
    scene.resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.LANCZOS).save(path)
    return path


def _person_outline() -> Image.Image:
    outline = Image.new("L", (WIDTH_PX * _SCALE, HEIGHT_PX * _SCALE), 0)
    draw = ImageDraw.Draw(outline)
    draw.ellipse(_scaled(74, 130, 246, 390), fill=255)
    draw.rounded_rectangle(_scaled(30, 372, 286, 560), 60 * _SCALE, fill=255)
    return outline


def _sky_and_sea() -> Image.Image:
    scene = Image.new("RGB", (WIDTH_PX * _SCALE, HEIGHT_PX * _SCALE))
    horizon = 230 * _SCALE
    column = Image.new("RGB", (1, scene.height))
    for y in range(scene.height):
        if y < horizon:
            colour = _between((255, 214, 165), (255, 244, 220), y / horizon)
        else:
            colour = _between(
                (96, 150, 180), (38, 84, 124), (y - horizon) / (scene.height - horizon)
            )
        column.putpixel((0, y), colour)
    scene.paste(column.resize(scene.size))
    return scene


def _between(a: _Colour, b: _Colour, share: float) -> _Colour:
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def _scaled(*points: float) -> tuple[float, ...]:
    return tuple(value * _SCALE for value in points)


def _sun(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse(_scaled(470, 60, 560, 150), fill=(255, 250, 235))
    for step, y in enumerate(range(240, 470, 14)):
        half = 14 + 5 * step
        draw.line(_scaled(515 - half, y, 515 + half, y), fill=(255, 226, 180), width=2 * _SCALE)


def _boat(draw: ImageDraw.ImageDraw) -> None:
    draw.polygon(_scaled(300, 208, 420, 208, 402, 236, 318, 236), fill=(140, 52, 44))
    draw.rectangle(_scaled(340, 188, 378, 208), fill=(240, 240, 236))
    draw.line(_scaled(359, 188, 359, 120), fill=(70, 50, 40), width=3 * _SCALE)
    draw.polygon(_scaled(363, 124, 363, 182, 408, 182), fill=(246, 246, 240))


def _sign(draw: ImageDraw.ImageDraw) -> None:
    for x in (372, 560):
        draw.rectangle(_scaled(x, 350, x + 10, 480), fill=(92, 66, 44))
    draw.rectangle(
        _scaled(332, 246, 610, 352), fill=(250, 246, 236), outline=(92, 66, 44), width=10
    )
    for text, size, y in zip(SIGN_LINES, (32, 24), (280, 322), strict=True):
        letters = font(size * _SCALE)
        draw.text((471 * _SCALE, y * _SCALE), text, fill=(34, 38, 52), font=letters, anchor="mm")


def _with_person(scene: Image.Image) -> Image.Image:
    """A head with soft light and shade: a finder of faces looks for dark eyes on bright skin."""
    layer = scene.copy()
    draw = ImageDraw.Draw(layer)
    draw.ellipse(_scaled(74, 130, 246, 390), fill=_HAIR)
    draw.rounded_rectangle(_scaled(30, 372, 286, 560), 60 * _SCALE, fill=(44, 98, 110))
    draw.rectangle(_scaled(130, 310, 190, 395), fill=_between(_SKIN, (120, 80, 60), 0.25))
    draw.ellipse(_scaled(92, 158, 228, 345), fill=_SKIN)
    _shade(draw)
    layer = layer.filter(ImageFilter.GaussianBlur(4 * _SCALE))
    draw = ImageDraw.Draw(layer)
    draw.chord(_scaled(84, 132, 236, 290), 190, 350, fill=_HAIR)
    _eyes(draw)
    _mouth(draw)
    outline = _person_outline()
    soft = layer.filter(ImageFilter.GaussianBlur(0.8 * _SCALE))
    return Image.composite(soft, scene, outline.filter(ImageFilter.GaussianBlur(_SCALE)))


def _shade(draw: ImageDraw.ImageDraw) -> None:
    shadow = _between(_SKIN, (130, 84, 62), 0.45)
    light = _between(_SKIN, (255, 236, 214), 0.55)
    for x in (104, 170):
        draw.ellipse(_scaled(x, 216, x + 46, 250), fill=shadow)
    draw.polygon(_scaled(152, 226, 168, 226, 172, 276, 148, 276), fill=light)
    for x in (104, 172):
        draw.ellipse(_scaled(x, 254, x + 42, 290), fill=light)
    draw.chord(_scaled(144, 262, 176, 286), 0, 180, fill=shadow)


def _eyes(draw: ImageDraw.ImageDraw) -> None:
    for x in (127, 193):
        draw.line(_scaled(x - 20, 212, x + 20, 210), fill=(70, 46, 34), width=6 * _SCALE)
        draw.ellipse(_scaled(x - 15, 225, x + 15, 241), fill=(238, 230, 224))
        draw.ellipse(_scaled(x - 9, 223, x + 9, 242), fill=(40, 28, 24))
        draw.arc(_scaled(x - 17, 221, x + 17, 243), 190, 350, fill=(40, 26, 22), width=3 * _SCALE)


def _mouth(draw: ImageDraw.ImageDraw) -> None:
    draw.chord(_scaled(130, 282, 190, 316), 15, 165, fill=(150, 62, 60))
    draw.arc(_scaled(128, 276, 192, 316), 20, 160, fill=(110, 44, 44), width=3 * _SCALE)
