"""Make a picture larger or smaller."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import open_picture
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_HALF = 0.5


class ResizeImage(CpuTool):
    """Lanczos resampling with three lobes, wide enough in both directions to avoid aliasing."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Scale a picture.

        Width or height alone, or both with `keep_shape`, keep its shape; a width or a height
        rules out `scale`.

        Returns:
            `image`: PNG.

        Raises:
            InvalidInput: The picture cannot be read, a number is not above zero, or the result
                would be over the limit of pixels.
        """
        from PIL import Image

        picture = open_picture(inputs.file("image"))
        width, height = _wanted_size(inputs, picture.size)
        if width * height > LIMITS.image_pixels:
            limit = LIMITS.image_pixels / 1e6
            msg = f"{width}x{height} pixels are over the limit of {limit:.0f} megapixels"
            raise InvalidInput(msg)
        context.check()
        path = context.scratch / "resized.png"
        resized = picture.resize((width, height), Image.Resampling.LANCZOS)
        resized.save(path, format="PNG", compress_level=6)
        return {"image": Output.of_file(path, caption=f"{width}x{height} pixels")}


def _wanted_size(inputs: Inputs, size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the result, each at least one pixel."""
    across = _ratio(inputs, "width", size[0])
    down = _ratio(inputs, "height", size[1])
    if across is None and down is None:
        across = down = _above_zero(inputs, "scale", _HALF)
    elif inputs.flag("keep_shape", default=True):
        across = down = min(ratio for ratio in (across, down) if ratio is not None)
    across, down = across or 1.0, down or 1.0
    return max(1, round(size[0] * across)), max(1, round(size[1] * down))


def _ratio(inputs: Inputs, port: str, now_px: int) -> float | None:
    return _above_zero(inputs, port, 0.0) / now_px if port in inputs else None


def _above_zero(inputs: Inputs, port: str, default: float) -> float:
    value = inputs.number(port, default)
    if not 0 < value <= 1_000_000:
        msg = f"{port} must be above zero and at most 1,000,000, got {value:g}"
        raise InvalidInput(msg)
    return value
