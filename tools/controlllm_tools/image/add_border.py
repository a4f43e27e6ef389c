"""Put a frame of one colour around a picture."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import open_layer
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_THICKNESS_PX = Range(0, 10_000)
_SHARE = 0.05
_COLOURS: dict[str, tuple[int, int, int]] = {
    "white": (255, 255, 255), "black": (0, 0, 0), "grey": (128, 128, 128), "gray": (128, 128, 128),
    "red": (200, 30, 30), "green": (30, 140, 60), "blue": (30, 70, 180), "yellow": (250, 210, 50),
    "gold": (190, 150, 60), "brown": (92, 62, 38),
}  # fmt: skip


class AddBorder(CpuTool):
    """The picture itself stays as it is."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Add a border.

        Returns:
            `image`: PNG, larger by the border on each side; with `shape` square, it is filled up
            to a square as well.

        Raises:
            InvalidInput: The picture cannot be read, the thickness is out of range, or the result
                is over the limit of pixels.
        """
        from PIL import Image

        picture = open_layer(inputs.file("image"))
        usual_px = round(_SHARE * min(picture.size))
        thick_px = round(_THICKNESS_PX.read(inputs, "thickness", usual_px))
        width, height = (side + 2 * thick_px for side in picture.size)
        if inputs.text("shape", "same") == "square":
            width = height = max(width, height)
        if width * height > LIMITS.image_pixels:
            limit = f"{LIMITS.image_pixels / 1e6:.0f} megapixels"
            msg = f"with its border it has {width}x{height} pixels, over the limit of {limit}"
            raise InvalidInput(msg)
        colour = inputs.text("colour", "white")
        whole = Image.new(picture.mode, (width, height), _COLOURS[colour])
        whole.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        path = context.scratch / "bordered.png"
        whole.save(path, format="PNG", compress_level=6)
        caption = f"{colour} border, {width}x{height} pixels"
        return {"image": Output.of_file(path, caption=caption)}
