"""Divide a picture into coloured regions."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING, Any

from controlllm_tools.errors import InvalidInput
from controlllm_tools.image.region_merging import merged
from controlllm_tools.media.images import read_rgb, shrunk, write_png
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import float64, int64, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]

_WORKING_SIDE_PX = 640
_PIECES = 700
_COMPACTNESS = 10.0
_USUAL_REGIONS = 12
_MOST_REGIONS = 300
_GOLDEN = 0.618034
"""Turned on by the golden ratio, each hue is far from those before it."""


class SegmentImage(CpuTool):
    """Many small pieces, joined by likeness until the wanted number of regions is left.

    The pieces are SLIC superpixels (Achanta et al., PAMI 2012) or the basins of a watershed of the
    gradient (Vincent and Soille, PAMI 1991), whose borders follow weak edges more closely.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Divide.

        Returns:
            `segments`: PNG of the same width and height; every region in one colour.

        Raises:
            InvalidInput: The picture cannot be read, or `regions` is out of range.
        """
        import cv2
        import numpy as np

        wanted = inputs.number("regions", _USUAL_REGIONS)
        if not 2 <= wanted <= _MOST_REGIONS:
            msg = f"regions must lie between 2 and {_MOST_REGIONS}, got {wanted:g}"
            raise InvalidInput(msg)
        rgb = read_rgb(inputs.file("image"))
        small = shrunk(rgb, _WORKING_SIDE_PX)
        lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float64)
        context.progress(0.2, "dividing")
        pieces = _pieces(small, lab, inputs.text("method", "superpixels"))
        context.check()
        context.progress(0.6, "joining")
        regions = merged(pieces, lab, round(wanted))
        count = int(regions.max()) + 1
        full = cv2.resize(
            regions.astype(np.int16), (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_NEAREST
        )
        colours = _colours(full, rgb, inputs.text("colours", "distinct"))
        path = write_png(colours[full], context.scratch / "segments.png")
        return {"segments": Output.of_file(path, caption=f"{count} regions")}


def _pieces(rgb: Rgb, lab: NDArray[float64], method: str) -> NDArray[int64]:
    """Small regions, numbered from 0 without gaps."""
    import numpy as np
    from skimage.segmentation import slic, watershed

    if method == "watershed":
        from skimage.filters import sobel

        # both come without types
        steps = sum(sobel(lab[..., c]) for c in range(3))  # type: ignore[no-untyped-call]
        parts = watershed(steps, markers=_PIECES)  # type: ignore[no-untyped-call]
    else:
        parts = slic(rgb, n_segments=_PIECES, compactness=_COMPACTNESS, start_label=0)
    _, numbers = np.unique(parts, return_inverse=True)
    return numbers.reshape(parts.shape).astype(np.int64)


def _colours(regions: NDArray[Any], rgb: Rgb, kind: str) -> Rgb:
    """One colour a region, shape (regions, 3)."""
    import numpy as np

    count = int(regions.max()) + 1
    if kind == "mean":
        size = np.maximum(np.bincount(regions.ravel(), minlength=count), 1)
        sums = [np.bincount(regions.ravel(), rgb[..., c].ravel(), count) for c in range(3)]
        return (np.stack(sums, axis=1) / size[:, None]).round().astype(np.uint8)
    shown = [
        colorsys.hsv_to_rgb(number * _GOLDEN % 1, 0.75 - 0.25 * (number // 3 % 2), 0.95)
        for number in range(count)
    ]
    return (np.array(shown) * 255).round().astype(np.uint8)
