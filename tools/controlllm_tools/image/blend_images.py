"""Make one picture part of another, without a seam."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.image.placement import corner, scaled, trimmed
from controlllm_tools.media.images import open_layer, open_picture, read_rgb, write_png
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # numpy and Pillow load when pictures are blended, not when a tool is listed
    from PIL.Image import Image as Picture

    from controlllm_tools.media.images import Alpha, Rgb

_LEAST_PX = 5
"""Fewer pixels have no inside whose gradients could be kept."""
_SHAPE_TOLERANCE = 0.02


class BlendImages(CpuTool):
    """Poisson editing (Perez, Gangnet and Blake 2003): gradients of one, borders of the other."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Blend a picture into another one.

        Returns:
            `image`: PNG as large as the ground. What is put in takes on its light and colours.

        Raises:
            InvalidInput: A picture cannot be read, the mask belongs to another one or selects
                nothing, or too little of the picture would be seen.
        """
        import cv2
        import numpy as np

        ground = read_rgb(inputs.file("background"))
        size = (ground.shape[1], ground.shape[0])
        layer = scaled(inputs, trimmed(_layer(inputs)), size)
        at = corner(inputs, layer.size, size)
        part, mask = _laid(layer, at, size)
        context.check()
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if len(rows) < _LEAST_PX or len(columns) < _LEAST_PX:
            msg = f"too little of the picture would be seen at {at[0]}, {at[1]}; move or enlarge it"
            raise InvalidInput(msg)
        context.progress(0.2, "blending")
        # OpenCV wants the middle of what the mask selects
        middle = (
            int(columns[0]) + int(columns[-1] - columns[0] + 1) // 2,
            int(rows[0]) + int(rows[-1] - rows[0] + 1) // 2,
        )
        mixed = inputs.text("mode", "seamless") == "mixed"
        kind = cv2.MIXED_CLONE if mixed else cv2.NORMAL_CLONE
        blended = cv2.seamlessClone(part, ground, mask.copy(), middle, kind)
        # OpenCV rounds outside of the mask as well, where nothing is to change
        selected = mask > 0
        ground[selected] = blended[selected]
        path = write_png(ground, context.scratch / "blended.png")
        caption = f"{layer.width}x{layer.height} pixels blended in at {at[0]}, {at[1]}"
        return {"image": Output.of_file(path, caption=caption)}


def _layer(inputs: Inputs) -> Picture:
    """The picture to put in; a mask makes transparent what it does not select."""
    file = inputs.file("picture")
    if "mask" not in inputs:
        return open_layer(file)
    picture = open_picture(file)
    picture.putalpha(_mask_for(picture.size, inputs.file("mask")))
    return picture


def _mask_for(size: tuple[int, int], file: Path) -> Picture:
    from PIL import Image

    mask = open_picture(file).convert("L")
    across, down = size[0] / mask.width, size[1] / mask.height
    if abs(across - down) > _SHAPE_TOLERANCE * max(across, down):
        msg = (
            f"the mask of {mask.width}x{mask.height} pixels belongs to another picture, this one "
            f"has {size[0]}x{size[1]}; make the mask from this picture"
        )
        raise InvalidInput(msg)
    return mask.resize(size, Image.Resampling.BILINEAR)


def _laid(layer: Picture, at: tuple[int, int], size: tuple[int, int]) -> tuple[Rgb, Alpha]:
    """The layer on an empty ground, and white where it is seen; the outermost pixels stay free."""
    import numpy as np
    from PIL import Image

    whole = Image.new("RGBA", size, (0, 0, 0, 0))
    whole.paste(layer.convert("RGBA"), at)
    pixels = np.asarray(whole)
    mask = np.where(pixels[:, :, 3] > 127, 255, 0).astype(np.uint8)
    mask[[0, -1]] = 0
    mask[:, [0, -1]] = 0
    return np.ascontiguousarray(pixels[:, :, :3]), mask
