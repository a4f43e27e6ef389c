"""A short animated picture drawn on the spot: a ball that hops by."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw

WIDTH_PX, HEIGHT_PX, FRAMES = 160, 120, 20
FRAME_MS = 50


def animation(path: Path) -> Path:
    """Write an animated GIF of one second.

    Returns:
        The path.
    """
    frames = []
    for index in range(FRAMES):
        picture = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), (236, 232, 220))
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 100, WIDTH_PX, HEIGHT_PX), fill=(92, 120, 84))
        height = abs(math.sin(math.pi * index / FRAMES)) * 60
        left = 10 + 5 * index
        draw.ellipse((left, 70 - height, left + 30, 100 - height), fill=(196, 62, 48))
        frames.append(picture)
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=FRAME_MS, loop=0)
    return path
