"""Guess what a picture is of, when nobody says it: a first map for GrabCut, and how sure it is.

A person is looked for by the face. Otherwise the subject is what one cannot reach from the border
without crossing strong edges (geodesic saliency: Wei, Wen, Zhu and Sun, ECCV 2012), on superpixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.image.region_merging import neighbours
from controlllm_tools.media.boxes import Box

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import float64, int64, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]
    Trimap = NDArray[uint8]

GROUND, SUBJECT, MAYBE_GROUND, MAYBE_SUBJECT = range(4)
"""The four values of a trimap, as OpenCV's GrabCut has them."""

_SUPERPIXELS = 400
_COMPACTNESS = 12.0
_CENTRE = 0.35
"""How wide the middle of the picture is, in its own size: subjects rarely stand in a corner."""
_NOT_SALIENT = 0.1
_LIKE_OTHERS = 0.25
"""A part of the border is ground as far as this share of the border looks like it."""


def person_map(size: tuple[int, int], face: Box) -> Trimap:
    """Where a person may be whose face is seen: head, hair, shoulders, and down to the border.

    Args:
        size: Height and width of the picture.
        face: On that picture.

    Returns:
        Trimap of shape `size`.
    """
    import cv2
    import numpy as np

    def shape(*corners: tuple[float, float]) -> NDArray[np.int32]:
        points = [(middle + x * face.width, face.y + y * face.height) for x, y in corners]
        return np.array(points, dtype=np.float64).round().astype(np.int32)

    def oval(down: float, across: float, tall: float, value: int) -> None:
        centre = (round(middle), round(face.y + down * face.height))
        axes = (round(across * face.width), round(tall * face.height))
        cv2.ellipse(trimap, centre, axes, 0, 0, 360, value, -1)

    trimap = np.full(size, GROUND, dtype=np.uint8)
    middle = face.x + face.width / 2
    bottom = (size[0] - face.y) / face.height
    oval(0.4, 0.95, 1.05, MAYBE_GROUND)
    wide = ((-0.9, 0.9), (0.9, 0.9), (2.4, 2.2), (2.6, bottom), (-2.6, bottom), (-2.4, 2.2))
    cv2.fillPoly(trimap, [shape(*wide)], MAYBE_GROUND)
    body = ((-0.4, 1.0), (0.4, 1.0), (1.3, 1.9), (1.4, bottom), (-1.4, bottom), (-1.3, 1.9))
    cv2.fillPoly(trimap, [shape(*body)], MAYBE_SUBJECT)
    oval(0.45, 0.55, 0.75, MAYBE_SUBJECT)
    oval(0.5, 0.36, 0.45, SUBJECT)
    spine = ((-0.2, 0.9), (0.2, 0.9), (0.2, bottom), (-0.2, bottom))
    cv2.fillPoly(trimap, [shape(*spine)], SUBJECT)
    return trimap


def salient_maps(rgb: Rgb) -> tuple[Trimap, Trimap]:
    """Two guesses, a generous and a strict one; when they lead to the same cut, it can be trusted.

    Args:
        rgb: Shape (height, width, 3), uint8; small, as the time grows with the area.
    """
    import cv2
    import numpy as np

    salience = _salience(rgb)
    bound, _ = cv2.threshold((salience * 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    depth = max(1, min(rgb.shape[:2]) // 50)
    ring = np.ones(salience.shape, dtype=bool)
    ring[depth:-depth, depth:-depth] = False
    maps = []
    for factor in (0.5, 1.0):
        likely = salience * 255 > bound * factor
        trimap = np.where(likely, MAYBE_SUBJECT, MAYBE_GROUND).astype(np.uint8)
        trimap[ring & (salience < _NOT_SALIENT)] = GROUND
        maps.append(trimap)
    return maps[0], maps[1]


def _salience(rgb: Rgb) -> NDArray[float64]:
    """Per pixel from 0 to 1: how far it is from the border, in colour, and how near the middle."""
    import cv2
    import numpy as np
    from skimage.segmentation import slic

    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    parts = slic(rgb, n_segments=_SUPERPIXELS, compactness=_COMPACTNESS, start_label=0)
    rows, columns = np.indices(parts.shape)
    size = np.bincount(parts.ravel())
    means = [
        np.bincount(parts.ravel(), values.ravel()) / size
        for values in (*np.moveaxis(lab, 2, 0), rows / parts.shape[0], columns / parts.shape[1])
    ]
    colour, place = np.stack(means[:3], axis=1), np.stack(means[3:], axis=1)
    far = _from_border(parts, colour)
    central = np.exp(-((place - 0.5) ** 2).sum(axis=1) / (2 * _CENTRE**2))
    salience = far * central
    shown: NDArray[float64] = (salience / max(float(salience.max()), 1e-9))[parts]
    return shown


def _from_border(parts: NDArray[int64], colour: NDArray[float64]) -> NDArray[float64]:
    """Length of the shortest way from outside to each superpixel, in steps of colour."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra

    pairs = neighbours(parts)
    steps = np.linalg.norm(colour[pairs[:, 0]] - colour[pairs[:, 1]], axis=1)
    # steps that any even area has are no edges
    small = float(np.median(steps)) if len(steps) else 0.0
    border = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    outside = len(colour)
    starts = np.concatenate([pairs[:, 0], np.full(len(border), outside)])
    ends = np.concatenate([pairs[:, 1], border])
    lengths = np.concatenate([steps, _unlike_others(colour[border])]) - small
    weights = np.maximum(lengths, 0) + 1e-6
    graph = coo_matrix((weights, (starts, ends)), shape=(outside + 1, outside + 1)).tocsr()
    far: NDArray[float64] = dijkstra(graph, directed=False, indices=outside)[:outside]
    return far


def _unlike_others(colour: NDArray[float64]) -> NDArray[float64]:
    """How far each part of the border is from the quarter of the border that is most like it."""
    import numpy as np

    apart = np.linalg.norm(colour[:, None] - colour[None], axis=2)
    nearest = max(2, round(len(colour) * _LIKE_OTHERS))
    mean: NDArray[float64] = np.sort(apart, axis=1)[:, :nearest].mean(axis=1)
    return mean
