"""Make a picture larger or smaller."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import open_layer
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.media.scaling import wanted_scale
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext


class ResizeImage(CpuTool):
    """Lanczos resampling with three lobes, wide enough in both directions to avoid aliasing."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Scale a picture.

        Width or height alone keeps its shape; both are taken as they are, unless `keep_shape` says
        that the picture has to fit inside them. A width or a height rules out `scale`.

        Returns:
            `image`: PNG, transparent where the picture was.

        Raises:
            InvalidInput: The picture cannot be read, a number is not above zero, or the result
                would be over the limit of pixels.
        """
        from PIL import Image

        picture = open_layer(inputs.file("image"))
        across, down = wanted_scale(inputs, picture.size, fits_both=False)
        width = max(1, round(picture.width * across))
        height = max(1, round(picture.height * down))
        if width * height > LIMITS.image_pixels:
            limit = LIMITS.image_pixels / 1e6
            msg = f"{width}x{height} pixels are over the limit of {limit:.0f} megapixels"
            raise InvalidInput(msg)
        context.check()
        path = context.scratch / "resized.png"
        resized = picture.resize((width, height), Image.Resampling.LANCZOS)
        resized.save(path, format="PNG", compress_level=6)
        return {"image": Output.of_file(path, caption=f"{width}x{height} pixels")}
