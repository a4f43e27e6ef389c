"""Pictures as RGB arrays: shape (height, width, 3), uint8, upright, white behind transparency."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.probe import PICTURE_ERRORS, probe

if TYPE_CHECKING:  # numpy and Pillow load when a picture is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray
    from PIL.Image import Image as Picture

    Rgb = NDArray[uint8]


def open_picture(path: Path) -> Picture:
    """Decode the first frame as an RGB Pillow image, turned upright by its EXIF note.

    Raises:
        InvalidInput: The file is not a picture, is broken, or is over a limit.
    """
    from PIL import Image, ImageOps

    kind, _ = probe(path)
    if kind.family != "image":
        msg = f"{path.name} holds {kind.mime}, not a picture"
        raise InvalidInput(msg)
    try:
        with Image.open(path) as image:
            upright = _eight_bit(ImageOps.exif_transpose(image))
            if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
                return _on_white(upright.convert("RGBA"))
            return upright.convert("RGB")
    except PICTURE_ERRORS as error:
        msg = f"{path.name} cannot be decoded: {error}"
        raise InvalidInput(msg) from error


def read_rgb(path: Path) -> Rgb:
    """Decode a picture to an array of shape (height, width, 3), uint8, RGB.

    Raises:
        InvalidInput: The file is not a picture, is broken, or is over a limit.
    """
    import numpy as np

    return np.asarray(open_picture(path), dtype=np.uint8).copy()


def write_png(pixels: NDArray[Any], path: Path) -> Path:
    """Write an array of shape (height, width, 3) or (height, width), uint8, without metadata."""
    from PIL import Image

    Image.fromarray(pixels).save(path, format="PNG", compress_level=6)
    return path


def _eight_bit(image: Picture) -> Picture:
    """Bring deep grey to 8 bits by its own range; Pillow alone would cut it off at 255.

    Whole numbers are taken as 16-bit, fractions as running from 0 to 1 when none is above 1.
    """
    import numpy as np
    from PIL import Image

    if not image.mode.startswith(("I", "F")):
        return image
    levels = np.nan_to_num(np.asarray(image, dtype=np.float64))
    highest = float(levels.max(initial=0.0))
    full = 65_535.0 if highest > 255 else 255.0 if highest > 1 or image.mode != "F" else 1.0
    return Image.fromarray((levels.clip(0, full) / full * 255).round().astype(np.uint8))


def _on_white(image: Picture) -> Picture:
    from PIL import Image

    page = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(page, image).convert("RGB")
