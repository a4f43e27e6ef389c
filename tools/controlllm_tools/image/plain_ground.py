"""Tell a subject from a plain ground, such as a logo or a product on white paper.

Every pixel near the outline is a mix of both; how much of each follows from its colour, so the
outline stays smooth and keeps no rim of the old ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import bool_, float32, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]

_LEAST_PLAIN = 0.9
"""Share of the border that must have the colour of the ground."""
_LEAST_STEP = 10.0
"""Steps of one channel, of 255: what differs less from the ground is the ground."""
_MOST_NOISE = 12.0
_OUTLINE_PX = 2
"""As far from the ground as this, pixels may be mixed; what lies deeper is the subject alone."""


def plain_ground(rgb: Rgb) -> NDArray[float32] | None:
    """The one colour around the picture, or None when its border has several.

    Args:
        rgb: Shape (height, width, 3), uint8.

    Returns:
        Shape (3,), 0 to 255.
    """
    import numpy as np

    depth = max(1, min(rgb.shape[:2]) // 60)
    ring = np.concatenate(
        [
            part.reshape(-1, 3)
            for part in (rgb[:depth], rgb[-depth:], rgb[:, :depth], rgb[:, -depth:])
        ]
    ).astype(np.float32)
    colour = np.median(ring, axis=0)
    away = np.abs(ring - colour).max(axis=1)
    is_plain = float((away <= _MOST_NOISE).mean()) >= _LEAST_PLAIN
    return colour.astype(np.float32) if is_plain else None


def cut_from_plain(
    rgb: Rgb, ground: NDArray[float32], *, holes: bool
) -> tuple[Rgb, NDArray[uint8]]:
    """Colours and opacity of the subject.

    Args:
        rgb: Shape (height, width, 3), uint8.
        ground: Colour of the ground, shape (3,).
        holes: Also where the ground shows through, such as inside the letter O.

    Returns:
        The picture with the ground's part taken out of its mixed pixels, and opacity of shape
        (height, width), uint8.
    """
    import cv2
    import numpy as np

    away = np.abs(rgb.astype(np.float32) - ground).max(axis=2)
    bare = _bare(away < _LEAST_STEP, holes=holes)
    around = cv2.dilate(bare.astype(np.uint8), _disc(_OUTLINE_PX)).astype(bool)
    # next to the outline, the pixel that differs most shows the subject without the ground
    full = cv2.dilate(away, _disc(_OUTLINE_PX + 1))
    mixed = np.clip(away / np.maximum(full, _LEAST_STEP), 0, 1)
    share = np.where(bare, 0.0, np.where(around, mixed, 1.0)).astype(np.float32)
    opaque = np.maximum(share, 1 / 255)[..., None]
    pure = np.clip((rgb - (1 - share[..., None]) * ground) / opaque, 0, 255)
    colours = np.where(share[..., None] > 0, pure, rgb).round().astype(np.uint8)
    return colours, (share * 255).round().astype(np.uint8)


def _bare(alike: NDArray[bool_], *, holes: bool) -> NDArray[bool_]:
    """Pixels that are ground: those joined to the border, and on request every larger hole."""
    import cv2
    import numpy as np

    even = alike.astype(np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(even, connectivity=4)
    if holes:
        least = max(12, alike.size // 50_000)
        kept = stats[:, cv2.CC_STAT_AREA] >= least
    else:
        kept = np.zeros(count, dtype=bool)
        for edge in (parts[0], parts[-1], parts[:, 0], parts[:, -1]):
            kept[np.unique(edge)] = True
    kept[0] = False
    bare: NDArray[bool_] = kept[parts]
    return bare


def _disc(radius: int) -> Any:  # noqa: ANN401 - OpenCV's own array type
    import cv2

    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
