"""Turn a picture by an angle, or mirror it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import open_layer
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # Pillow loads when a picture is turned, not when a tool is listed
    from PIL.Image import Image as Picture

_DEGREES = Range(-36_000, 36_000)
_TO_THE_LEFT = frozenset({"counterclockwise", "anticlockwise", "left"})
_GROUNDS: dict[str, tuple[int, int, int, int]] = {
    "white": (255, 255, 255, 255),
    "black": (0, 0, 0, 255),
    "transparent": (0, 0, 0, 0),
}


class RotateImage(CpuTool):
    """Quarter turns move pixels; any other angle samples them with bicubic weights."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Turn a picture.

        Returns:
            `image`: PNG; with `expand` as large as the turned picture needs, else cut to the size
            it had. A picture that can be seen through keeps clear corners.

        Raises:
            InvalidInput: The picture cannot be read, the angle is out of range, or the turned
                picture would be over the limit of pixels.
        """
        picture = open_layer(inputs.file("image"))
        degrees = _DEGREES.read(inputs, "degrees", 90.0)
        # Pillow, like mathematics, turns counterclockwise
        sign = 1 if inputs.text("direction", "clockwise") in _TO_THE_LEFT else -1
        ground = "transparent" if picture.mode == "RGBA" else inputs.text("background", "white")
        context.check()
        turned = _turned(
            picture,
            (sign * degrees) % 360,
            _GROUNDS[ground],
            expand=inputs.flag("expand", default=True),
        )
        path = context.scratch / "rotated.png"
        turned.save(path, format="PNG", compress_level=6)
        caption = f"turned by {degrees:g} degrees, {turned.width}x{turned.height} pixels"
        return {"image": Output.of_file(path, caption=caption)}


class FlipImage(CpuTool):
    """Mirror left and right, or top and bottom."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Mirror a picture.

        Returns:
            `image`: PNG of the same width and height.

        Raises:
            InvalidInput: The picture cannot be read.
        """
        from PIL import ImageOps

        picture = open_layer(inputs.file("image"))
        upright = inputs.text("direction", "horizontally").startswith("h")
        flipped = ImageOps.mirror(picture) if upright else ImageOps.flip(picture)
        path = context.scratch / "flipped.png"
        flipped.save(path, format="PNG", compress_level=6)
        sides = "left and right" if upright else "top and bottom"
        return {"image": Output.of_file(path, caption=f"{sides} swapped")}


def _turned(
    picture: Picture, degrees: float, ground: tuple[int, int, int, int], *, expand: bool
) -> Picture:
    """The picture turned counterclockwise; its corners show the ground."""
    from PIL import Image

    _check_size(picture.size, degrees)
    clear = ground[3] == 0 and picture.mode == "RGB"
    return (picture.convert("RGBA") if clear else picture).rotate(
        degrees,
        resample=Image.Resampling.BICUBIC,
        expand=expand,
        fillcolor=ground if clear or picture.mode == "RGBA" else ground[:3],
    )


def _check_size(size: tuple[int, int], degrees: float) -> None:
    import math

    across, up = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    width, height = size[0] * across + size[1] * up, size[0] * up + size[1] * across
    if degrees % 90 and width * height > LIMITS.image_pixels:
        msg = (
            f"turned by {degrees:g} degrees, {size[0]}x{size[1]} pixels become "
            f"{width:.0f}x{height:.0f}, over the limit of {LIMITS.image_pixels / 1e6:.0f} "
            "megapixels; scale the picture down first"
        )
        raise InvalidInput(msg)
