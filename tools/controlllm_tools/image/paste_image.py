"""Put one picture onto another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from controlllm_tools.image.placement import corner, scaled, trimmed
from controlllm_tools.media.images import open_layer
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # Pillow loads when a picture is pasted, not when a tool is listed
    from PIL.Image import Image as Picture

_OPACITY = Range(0, 1)


class PasteImage(CpuTool):
    """What is transparent in the pasted picture shows the ground."""

    port: ClassVar[str] = "picture"

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Paste a picture.

        Clear edges of a cut-out do not count for its size and place.

        Returns:
            `image`: PNG as large as the ground, transparent where that is and nothing was pasted.

        Raises:
            InvalidInput: A picture cannot be read, nothing of it would be seen, or a number is out
                of range.
        """
        ground = open_layer(inputs.file("background"))
        layer = scaled(inputs, trimmed(open_layer(inputs.file(self.port))), ground.size)
        at = corner(inputs, layer.size, ground.size)
        context.check()
        opacity = _OPACITY.read(inputs, "opacity", 1.0)
        joined = _pasted(ground, _fainter(layer.convert("RGBA"), opacity), at)
        path = context.scratch / "pasted.png"
        joined.save(path, format="PNG", compress_level=6)
        caption = f"{layer.width}x{layer.height} pixels pasted at {at[0]}, {at[1]}"
        return {"image": Output.of_file(path, caption=caption)}


class PlaceCutout(PasteImage):
    """The same for a port that takes cut-outs alone, so that nobody confuses the two pictures."""

    port: ClassVar[str] = "cutout"


def _fainter(layer: Picture, opacity: float) -> Picture:
    if opacity < 1:
        layer.putalpha(
            layer.getchannel("A").point([round(opacity * level) for level in range(256)])
        )
    return layer


def _pasted(ground: Picture, layer: Picture, at: tuple[int, int]) -> Picture:
    """The ground with a layer on it; what lies beyond an edge of the ground is left out."""
    from PIL import Image

    whole = ground.convert("RGBA")
    left, top = max(0, -at[0]), max(0, -at[1])
    right = min(layer.width, ground.width - at[0])
    bottom = min(layer.height, ground.height - at[1])
    whole.alpha_composite(layer.crop((left, top, right, bottom)), (at[0] + left, at[1] + top))
    return whole if ground.mode == "RGBA" else Image.merge("RGB", whole.split()[:3])
