"""Masks: what is selected on a picture, as an array of shape (height, width), uint8, 0 to 255.

White is selected, black is not, grey is half. A mask belongs to a picture of its own shape.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_layer

if TYPE_CHECKING:  # numpy loads when a mask is read, not when a tool is listed
    from numpy import uint8
    from numpy.typing import NDArray

    Mask = NDArray[uint8]

_SHAPE_TOLERANCE = 0.02


def read_mask(path: Path, width_px: int, height_px: int) -> Mask:
    """Read a mask and fit it to its picture.

    A picture with transparency counts by its opacity, so a cut-out is a mask too.

    Args:
        path: The mask.
        width_px: Of the picture it selects from.
        height_px: Of that picture.

    Returns:
        Shape (height_px, width_px).

    Raises:
        InvalidInput: It cannot be read, or has another shape than the picture.
    """
    import cv2
    import numpy as np

    pixels, alpha = read_layer(path)
    mask = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if alpha is None else alpha
    height, width = mask.shape
    across, down = width_px / width, height_px / height
    if abs(across - down) > _SHAPE_TOLERANCE * max(across, down):
        msg = (
            f"the mask {path.name} of {width}x{height} pixels belongs to another picture than this "
            f"one of {width_px}x{height_px}; make a mask of this picture"
        )
        raise InvalidInput(msg)
    if (width, height) != (width_px, height_px):
        mask = cv2.resize(mask, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(mask, dtype=np.uint8)
