"""A short clip made on the spot: the sun rises over a harbour, and two boats sail by."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.fonts import font
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.tool import ToolContext

Pixels = NDArray[np.float32]

WIDTH_PX, HEIGHT_PX, FPS = 640, 360, 25
CAPTION = "HARBOUR AT DAWN"
"""The words on the screen."""

_HORIZON_PX = 205
_SUN_X_PX = 400
_AFTER_SPEECH_S = 0.7
_SMOOTH = 3
_CAPTION_AT = (32, 30)

_Colour = tuple[float, float, float]
_NIGHT_TOP, _DAY_TOP = (52.0, 58.0, 112.0), (96.0, 158.0, 216.0)
_NIGHT_LOW, _DAY_LOW = (214.0, 128.0, 112.0), (255.0, 222.0, 164.0)
_GLOW: _Colour = (255.0, 190.0, 92.0)
_SUN: _Colour = (255.0, 244.0, 210.0)


def clip(
    path: Path, context: ToolContext, *, speech: Path | None = None, seconds: float = 6.0
) -> Path:
    """Draw the clip and encode it.

    Args:
        path: MP4 to write, below the scratch folder of the context.
        context: Of the call; its progress is reported.
        speech: Sound of the clip; without it the clip is silent.
        seconds: Length; a longer speech makes the clip longer.

    Returns:
        The path: 640x360 pixels, 25 frames a second, H.264, with AAC when there is speech.
    """
    if speech is not None:
        spoken_s = sound_facts(speech).duration_s or 0.0
        seconds = max(seconds, spoken_s + _AFTER_SPEECH_S)
    count = round(seconds * FPS)
    frames = ffmpeg.Frames(
        width_px=WIDTH_PX, height_px=HEIGHT_PX, fps=FPS, source=_drawn(count, context)
    )
    sound: tuple[str, ...] = ()
    if speech is not None:
        fit = f"aresample=48000,apad=whole_dur={count / FPS:.3f},atrim=end={count / FPS:.3f}"
        sound = ("-map", "1:a:0", "-af", fit, "-ac", "2", *ffmpeg.AAC)
    return ffmpeg.encode_frames(
        frames,
        [] if speech is None else [ffmpeg.Input(speech)],
        ["-map", "0:v:0", *sound, *ffmpeg.H264, *ffmpeg.MP4],
        path,
        context,
    )


def _drawn(count: int, context: ToolContext) -> Iterator[bytes]:
    scene = _Scene()
    for index in range(count):
        context.check()
        yield scene.frame(index / FPS, index / max(1, count - 1)).tobytes()
        context.progress((index + 1) / count, "drawing the clip")


class _Scene:
    """What stays the same from frame to frame, and how the rest moves."""

    def __init__(self) -> None:

        self._y, self._x = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
        hills = _soft_below(self._y, _ridge(self._x, 168, 17, 0.011, 1.1))
        shore = _soft_below(self._y, _ridge(self._x, 192, 6, 0.021, 4.0))
        self._land = (hills[:_HORIZON_PX, :, None], shore[:_HORIZON_PX, :, None])
        self._boats = (_boat((172, 58, 46), (250, 246, 236)), _boat((38, 78, 118), (255, 232, 196)))
        self._caption = _caption()

    def frame(self, seconds: float, progress: float) -> NDArray[np.uint8]:
        """One frame, shape (height, width, 3), uint8; progress runs from night, 0, to day, 1."""
        light = progress * progress * (3 - 2 * progress)
        pixels = np.concatenate([self._sky(light), self._sea(light, seconds)])
        picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
        self._sail(picture, seconds)
        shown = min(1.0, max(0.0, (seconds - 0.3) / 0.6))
        mask = self._caption.getchannel("A").point(lambda value: round(value * shown))
        picture.paste(self._caption, _CAPTION_AT, mask)
        return np.asarray(picture)

    def _sky(self, light: float) -> Pixels:
        """The sky with the rising sun, and the land in front of it."""
        x, y = self._x[:_HORIZON_PX], self._y[:_HORIZON_PX]
        height = (y / _HORIZON_PX)[..., None] ** 1.3
        sky = _blend(
            _mixed(_NIGHT_TOP, _DAY_TOP, light), _mixed(_NIGHT_LOW, _DAY_LOW, light), height
        )
        away = np.hypot(x - _SUN_X_PX, (y - 212 + 98 * light) * 1.08)
        glow = 0.6 * np.exp(away / -95) + 0.25 * np.exp(away / -260)
        sky = _blend(sky, _GLOW, (glow * (1 - 0.45 * light))[..., None])
        sky = _blend(sky, _SUN, np.clip(30 - away, 0, 1)[..., None])
        hills, shore = self._land
        sky = _blend(sky, _mixed((96, 78, 118), (122, 140, 168), light), hills)
        return _blend(sky, _mixed((58, 52, 84), (74, 98, 92), light), shore)

    def _sea(self, light: float, seconds: float) -> Pixels:
        """Waves that grow towards the viewer, and the path of the sun on them."""
        x, y = self._x[_HORIZON_PX:], self._y[_HORIZON_PX:]
        depth = (y - _HORIZON_PX) / (HEIGHT_PX - _HORIZON_PX)
        far = _mixed((150, 104, 122), (168, 196, 206), light)
        near = _mixed((30, 40, 84), (24, 92, 134), light)
        stretch = 1 / (0.05 + depth)
        bend = 1.4 * np.sin(x * 0.021 * stretch**0.6)
        swell = np.sin(y * 0.42 * stretch**0.5 + bend - seconds * 2.2)
        chop = np.sin(x * 0.085 * stretch**0.7 + y * 0.9 + seconds * 3.1)
        waves = swell * (0.6 + 0.4 * chop)
        sea = _blend(far, near, depth[..., None] ** 0.6) + (waves * (5 + 17 * depth))[..., None]
        path = np.exp(-(((x - _SUN_X_PX) / (14 + 70 * depth)) ** 2)) * np.clip(waves + 0.25, 0, 1)
        return _blend(sea, _SUN, (0.85 * path * (0.35 + 0.65 * light))[..., None])

    def _sail(self, picture: Image.Image, seconds: float) -> None:
        """Two boats on their ways, nodding, each with its mirror image in the water."""
        for boat, start, speed, foot, scale in (
            (self._boats[0], 70.0, 24.0, 262, 1.0),
            (self._boats[1], 560.0, -13.0, 226, 0.55),
        ):
            x = start + speed * seconds
            y = foot + 1.6 * scale * math.sin(1.7 * seconds + start)
            tilt = 2.0 * math.sin(1.3 * seconds + start)
            _place(picture, boat, (x, y), scale=scale, tilt=tilt)


def _ridge(x: Pixels, base: float, height: float, pace: float, shift: float) -> Pixels:
    ridge: Pixels = base - height * (
        np.sin(x * pace + shift) + 0.5 * np.sin(x * pace * 2.3 + 2 * shift)
        + 0.22 * np.sin(x * pace * 5.1 + shift)
    )  # fmt: skip
    return ridge


def _soft_below(y: Pixels, edge: Pixels) -> Pixels:

    mask: Pixels = np.clip(y - edge + 0.5, 0, 1)
    return mask


def _blend(under: Pixels | _Colour, over: Pixels | _Colour, share: Pixels) -> Pixels:
    """From one colour or picture to another, by a share of shape (height, width, 1)."""
    below = np.asarray(under, dtype=np.float32)
    blended: Pixels = below + (np.asarray(over, dtype=np.float32) - below) * share
    return blended


def _mixed(a: _Colour, b: _Colour, share: float) -> _Colour:
    red, green, blue = (x + (y - x) * share for x, y in zip(a, b, strict=True))
    return red, green, blue


def _boat(hull: tuple[int, int, int], sail: tuple[int, int, int]) -> Image.Image:
    """A sailing boat with its foot at three quarters of the height, drawn large."""
    side = 120 * _SMOOTH
    picture = Image.new("RGBA", (side, side), (*sail, 0))
    draw = ImageDraw.Draw(picture)

    def at(*points: float) -> list[float]:
        return [value * _SMOOTH for value in points]

    draw.line(at(60, 6, 60, 82), fill=(84, 62, 48, 255), width=2 * _SMOOTH)
    draw.polygon(at(63, 8, 63, 74, 96, 74), fill=(*sail, 255))
    shaded = tuple(round(value * 0.86) for value in sail)
    draw.polygon(at(57, 16, 57, 74, 30, 74), fill=(*shaded, 255))
    draw.polygon(at(24, 79, 100, 79, 88, 94, 34, 94), fill=(*hull, 255))
    draw.line(at(24, 80, 100, 80), fill=(250, 246, 236, 255), width=2 * _SMOOTH)
    return picture


def _place(
    picture: Image.Image, boat: Image.Image, at: tuple[float, float], *, scale: float, tilt: float
) -> None:
    """Paste a boat with its waterline at a point that may lie between pixels."""
    left, top = math.floor(at[0]), math.floor(at[1])
    shift = (
        round((at[0] - left) * _SMOOTH / scale),
        round((at[1] - top) * _SMOOTH / scale),
    )
    moved = boat.rotate(tilt, Image.Resampling.BILINEAR, translate=shift)
    size = round(120 * scale)
    small = moved.resize((size, size), Image.Resampling.BOX)
    waterline = round(94 * scale)
    mirror = ImageOps.flip(small.crop((0, 0, size, waterline)))
    mirror = mirror.resize((size, max(1, waterline // 2)))
    faint = mirror.getchannel("A").point(lambda value: value // 4)
    picture.paste(mirror, (left - size // 2, top), faint)
    picture.paste(small, (left - size // 2, top - waterline), small)


def _caption() -> Image.Image:
    """The words with a soft shadow, on nothing."""
    letters = font(34)
    left, top, right, bottom = (round(edge) for edge in letters.getbbox(CAPTION))
    size = (right - left + 24, bottom - top + 24)
    shadow = Image.new("RGBA", size, (24, 26, 56, 0))
    ImageDraw.Draw(shadow).text((12 - left, 13 - top), CAPTION, (24, 26, 56, 235), letters)
    shadow = shadow.filter(ImageFilter.GaussianBlur(3))
    words = Image.new("RGBA", size, (255, 255, 255, 0))
    ImageDraw.Draw(words).text((12 - left, 12 - top), CAPTION, (255, 255, 255, 255), letters)
    shadow.alpha_composite(words)
    return shadow
