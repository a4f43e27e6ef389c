"""How alike two pictures are, and where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.boxes import Box, Boxes
from controlllm_tools.media.images import read_rgb, write_png
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy loads when a picture is read, not when a tool is listed
    from numpy import bool_, uint8
    from numpy.typing import NDArray

    Rgb = NDArray[uint8]

_COMPARED_SIDE_PX = 1_200
_SHAPE_TOLERANCE = 0.02
_HASH_SIDE = 8
_HASH_PICTURE = 32
_WINDOW = 7
_USUAL_SENSITIVITY = 0.1
_FADED = 0.35
_MARK = (230, 30, 60)
_MOST_BOXES = 100


class CompareImages(CpuTool):
    """Structure by SSIM (Wang, Bovik, Sheikh and Simoncelli 2004), look by a perceptual hash.

    SSIM compares the same place on both, so it needs pictures of one shape; the hash compares the
    rough layout of light and dark and takes any two.
    """

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Compare.

        Returns:
            `similarity`: 0 to 1, 1 for the same picture; by structure, or by look on request or
            when the shapes differ.

        Raises:
            InvalidInput: A picture cannot be read.
        """
        first, second = read_rgb(inputs.file("image")), read_rgb(inputs.file("other"))
        context.check()
        apart = hash_distance(first, second)
        look = 1 - min(1.0, 2 * apart / _HASH_SIDE**2)
        by = inputs.text("by", "structure")
        if by == "structure" and _same_shape(first, second):
            structure = _structure(first, second)
            value, caption = structure, f"{structure:.1%} alike in structure (SSIM)"
        else:
            value, caption = look, f"{look:.1%} alike in look"
        caption += f"; perceptual hashes differ in {apart} of {_HASH_SIDE**2} bits"
        return {"similarity": Output.of_json(round(value, 4), caption=caption)}


class DifferenceImage(CpuTool):
    """The first picture in pale grey, with red where the second one differs."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Show what differs.

        Returns:
            `difference`: PNG as large as the first picture. `boxes`: regions that differ, the
            largest first, at most 100.

        Raises:
            InvalidInput: A picture cannot be read, the shapes differ, or the sensitivity is out of
                range.
        """
        import cv2
        import numpy as np

        bound = inputs.number("threshold", _USUAL_SENSITIVITY)
        if not 0 <= bound < 1:
            msg = f"threshold must lie between 0 and 1, got {bound:g}"
            raise InvalidInput(msg)
        first, second = read_rgb(inputs.file("image")), read_rgb(inputs.file("other"))
        if not _same_shape(first, second):
            sizes = " and ".join(f"{each.shape[1]}x{each.shape[0]}" for each in (first, second))
            msg = f"pictures of {sizes} pixels have no places in common; crop or resize one of them"
            raise InvalidInput(msg)
        second = _sized(second, first.shape[1], first.shape[0])
        context.check()
        away = np.abs(first.astype(np.int16) - second.astype(np.int16)).max(axis=2)
        differs = cv2.medianBlur((away > 255 * bound).astype(np.uint8), 3).astype(bool)
        grey = cv2.cvtColor(first, cv2.COLOR_RGB2GRAY).astype(np.float32)
        pale = (255 - (255 - grey) * _FADED).round().astype(np.uint8)
        shown = np.repeat(pale[:, :, None], 3, axis=2)
        shown[differs] = _MARK
        path = write_png(shown, context.scratch / "difference.png")
        boxes = _regions(differs)
        caption = f"{differs.mean():.2%} of the picture differs, in {len(boxes.boxes)} regions"
        return {
            "difference": Output.of_file(path, caption=caption),
            "boxes": Output.of_json(boxes.to_json(), name="differences.json", caption=caption),
        }


def hash_distance(first: Rgb, second: Rgb) -> int:
    """Bits in which two perceptual hashes differ, 0 to 64 (Zauner 2010: DCT over its median)."""
    return int((_hash(first) != _hash(second)).sum())


def _hash(rgb: Rgb) -> NDArray[bool_]:
    import cv2
    import numpy as np

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_HASH_PICTURE, _HASH_PICTURE), interpolation=cv2.INTER_AREA)
    waves = cv2.dct(small.astype(np.float32))[:_HASH_SIDE, :_HASH_SIDE].ravel()
    # the first one is the mean brightness, which says nothing of the layout
    bits: NDArray[bool_] = waves > np.median(waves[1:]) + 1e-3
    return bits


def _structure(first: Rgb, second: Rgb) -> float:
    import cv2
    from skimage.metrics import structural_similarity

    scale = min(1.0, _COMPARED_SIDE_PX / max(first.shape[:2]))
    width, height = (max(1, round(side * scale)) for side in (first.shape[1], first.shape[0]))
    greys = [cv2.cvtColor(_sized(p, width, height), cv2.COLOR_RGB2GRAY) for p in (first, second)]
    window = min(_WINDOW, min(width, height) // 2 * 2 - 1)
    if window < 3:
        return float((greys[0] == greys[1]).mean())
    # it comes without types
    likeness = structural_similarity(*greys, win_size=window)  # type: ignore[no-untyped-call]
    return max(0.0, float(likeness))


def _same_shape(first: Rgb, second: Rgb) -> bool:
    across, down = second.shape[1] / first.shape[1], second.shape[0] / first.shape[0]
    return bool(abs(across - down) <= _SHAPE_TOLERANCE * max(across, down))


def _sized(rgb: Rgb, width: int, height: int) -> Rgb:
    import cv2

    if rgb.shape[:2] == (height, width):
        return rgb
    way = cv2.INTER_AREA if width < rgb.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(rgb, (width, height), interpolation=way).astype("uint8", copy=False)


def _regions(differs: NDArray[bool_]) -> Boxes:
    """Boxes around what differs; what lies close together is one region."""
    import cv2
    import numpy as np
    from scipy.ndimage import find_objects

    reach = max(1, round(min(differs.shape) / 60))
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), dtype=np.uint8)
    joined = cv2.dilate(differs.astype(np.uint8), kernel)
    _, parts = cv2.connectedComponents(joined)
    found = [
        Box(
            x=int(columns.start),
            y=int(rows.start),
            width=int(columns.stop - columns.start),
            height=int(rows.stop - rows.start),
            label="difference",
        )
        for rows, columns in find_objects(np.where(differs, parts, 0))
    ]
    found.sort(key=lambda box: (-box.area, box.y, box.x))
    height, width = differs.shape
    return Boxes(width_px=width, height_px=height, boxes=tuple(found[:_MOST_BOXES]))
