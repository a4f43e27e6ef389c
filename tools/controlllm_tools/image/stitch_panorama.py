"""Stitch overlapping pictures into one wide picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when pictures are stitched, not when a tool is listed
    from numpy import bool_
    from numpy.typing import NDArray

    from controlllm_tools.media.images import Rgb

_MOST = 30
_LARGEST_PX = 4_000_000
"""A larger picture is scaled down: thirty of them have to fit into memory at once."""
_CAMERAS = {"any": ("turned", "moved"), "turned": ("turned",), "moved": ("moved",)}
"""How the camera went from one picture to the next, in the order in which it is tried."""


class StitchPanorama(CpuTool):
    """Features, bundle adjustment, exposure and seams (Brown and Lowe 2007), as in OpenCV."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Stitch pictures.

        Returns:
            `panorama`: PNG, cut to a rectangle without gaps. One picture alone is its own panorama.

        Raises:
            InvalidInput: A picture cannot be read, there are too many, or they do not overlap
                enough.
        """
        files = inputs.files("images")
        if len(files) > _MOST:
            msg = f"give at most {_MOST} overlapping pictures, got {len(files)}"
            raise InvalidInput(msg)
        pictures = []
        for number, file in enumerate(files):
            context.check()
            pictures.append(_bounded(file))
            context.progress(0.3 * (number + 1) / len(files), "reading")
        whole = pictures[0]
        if len(pictures) > 1:
            stitched = _stitched(pictures, _CAMERAS[inputs.text("camera", "any")], context)
            context.progress(0.9, "cutting")
            whole = _filled_part(stitched)
        path = write_png(whole, context.scratch / "panorama.png")
        count = f"{len(files)} pictures" if len(files) > 1 else "one picture"
        caption = f"{count} stitched, {whole.shape[1]}x{whole.shape[0]} pixels"
        return {"panorama": Output.of_file(path, caption=caption)}


def _bounded(file: Path) -> Rgb:
    import cv2
    import numpy as np

    pixels = read_rgb(file)
    factor = math.sqrt(_LARGEST_PX / (pixels.shape[0] * pixels.shape[1]))
    if factor < 1:
        small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        pixels = np.asarray(small, dtype=np.uint8)
    return pixels


def _stitched(pictures: Sequence[Rgb], cameras: Sequence[str], context: ToolContext) -> Rgb:
    """The panorama, black where no picture fills it.

    Raises:
        InvalidInput: The pictures do not overlap enough.
    """
    most = 0
    for camera in cameras:
        context.check()
        used, whole = _tried(pictures, camera)
        if whole is not None and used == len(pictures):
            return whole
        most = max(most, used)
    fitting = f"only {most}" if most else "none"
    msg = (
        f"{fitting} of the {len(pictures)} pictures fit together: neighbours must share about "
        "a third of what they show, with some detail in it; give other pictures"
    )
    raise InvalidInput(msg)


def _tried(pictures: Sequence[Rgb], camera: str) -> tuple[int, Rgb | None]:
    """How many pictures were used, and the panorama."""
    import cv2
    import numpy as np

    # the search for matches draws lots; from the same seed, it draws the same ones
    cv2.setRNGSeed(1)
    # one turned about itself sees other perspectives; one moved along a wall or page does not
    mode = cv2.Stitcher_PANORAMA if camera == "turned" else cv2.Stitcher_SCANS
    stitcher = cv2.Stitcher.create(mode)
    try:
        status, whole = stitcher.stitch([picture[:, :, ::-1].copy() for picture in pictures])
    except cv2.error:
        return 0, None  # it goes on with matches that lead nowhere
    if status != cv2.Stitcher_OK:
        return 0, None
    return len(stitcher.component()), np.ascontiguousarray(whole[:, :, ::-1])


def _filled_part(whole: Rgb) -> Rgb:
    """Cut off, side by side, whichever edge is the emptiest until no edge has a gap."""
    import numpy as np

    gaps = _gaps(whole)
    top, left, bottom, right = 0, 0, *gaps.shape
    while bottom - top > 1 and right - left > 1:
        edges = (
            gaps[top, left:right].mean(),
            gaps[top:bottom, left].mean(),
            gaps[bottom - 1, left:right].mean(),
            gaps[top:bottom, right - 1].mean(),
        )
        worst = int(np.argmax(edges))
        if edges[worst] == 0:
            break
        top, left = top + (worst == 0), left + (worst == 1)
        bottom, right = bottom - (worst == 2), right - (worst == 3)
    return np.ascontiguousarray(whole[top:bottom, left:right])


def _gaps(whole: Rgb) -> NDArray[bool_]:
    """Where black reaches in from the edge; black inside is part of a picture."""
    import cv2
    import numpy as np

    black = (whole.max(axis=2) == 0).astype(np.uint8)
    _, labels = cv2.connectedComponents(black)
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    outside = np.unique(rim[rim > 0])
    gaps: NDArray[bool_] = np.isin(labels, outside)
    return gaps
