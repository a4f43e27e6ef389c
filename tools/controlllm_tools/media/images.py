"""Pictures as RGB arrays: shape (height, width, 3), uint8, upright, white behind transparency.

A tool whose result may lie on another picture, such as a scaled cut-out, reads a layer instead: the
same colours with what can be seen through them.
"""

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
    Alpha = NDArray[uint8]


def open_picture(path: Path) -> Picture:
    """Decode the first frame as an RGB Pillow image, turned upright by its EXIF note.

    Raises:
        InvalidInput: The file is not a picture, is broken, or is over a limit.
    """
    layer = open_layer(path)
    return _on_white(layer) if layer.mode == "RGBA" else layer


def open_layer(path: Path) -> Picture:
    """Decode the first frame, upright: RGBA where something can be seen through it, else RGB.

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
                layer = upright.convert("RGBA")
                if layer.getchannel("A").getextrema() != (255, 255):
                    return layer
            return upright.convert("RGB")
    except PICTURE_ERRORS as error:
        msg = f"{path.name} cannot be decoded: {error}"
        raise InvalidInput(msg) from error


def read_layer(path: Path) -> tuple[Rgb, Alpha | None]:
    """Decode a picture to RGB and its opacity.

    Returns:
        Shape (height, width, 3), uint8, RGB; and shape (height, width), uint8, 0 where nothing is
        seen of it, or None where all of it is.

    Raises:
        InvalidInput: The file is not a picture, is broken, or is over a limit.
    """
    import numpy as np

    pixels = np.asarray(open_layer(path), dtype=np.uint8)
    alpha = pixels[:, :, 3].copy() if pixels.shape[2] == 4 else None
    return pixels[:, :, :3].copy(), alpha


def read_rgb(path: Path) -> Rgb:
    """Decode a picture to an array of shape (height, width, 3), uint8, RGB.

    Raises:
        InvalidInput: The file is not a picture, is broken, or is over a limit.
    """
    import numpy as np

    return np.asarray(open_picture(path), dtype=np.uint8).copy()


def shrunk(rgb: Rgb, longest_px: int) -> Rgb:
    """A smaller copy for looking at the picture as a whole, by the mean of the pixels it covers.

    Args:
        rgb: Shape (height, width, 3), uint8.
        longest_px: The longer side of the result is at most this; a small picture stays as it is.
    """
    import cv2
    import numpy as np

    scale = min(1.0, longest_px / max(rgb.shape[:2]))
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small, dtype=np.uint8)


def write_png(pixels: NDArray[Any], path: Path, alpha: Alpha | None = None) -> Path:
    """Write an array of shape (height, width, 3) or (height, width), uint8, without metadata.

    Args:
        pixels: RGB, or grey.
        path: Where to write it.
        alpha: How opaque each pixel of RGB is, shape (height, width), uint8; None for all of it.
    """
    import numpy as np
    from PIL import Image

    whole = pixels if alpha is None else np.dstack([pixels, alpha])
    Image.fromarray(whole).save(path, format="PNG", compress_level=6)
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
