"""Make the pictures of a video larger or smaller."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.limits import LIMITS
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.scaling import wanted_scale
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.redrawing import even, redrawn

_MOST_PX = 8_192


class ResizeVideo(CpuTool):
    """Lanczos scaling to a width, a height or by a factor."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Scale.

        A width or a height alone keep the shape, and so do both, the picture fitting into them,
        unless `keep_shape` is false. Sides become even, which H.264 wants.

        Returns:
            `video`: MP4 with its sound.

        Raises:
            InvalidInput: The file is no video, or a size is out of range.
        """
        path = inputs.file("video")
        facts = video_facts(path)
        size = facts.width_px or 2, facts.height_px or 2
        across, down = wanted_scale(inputs, size, fits_both=True)
        width, height = even(size[0] * across), even(size[1] * down)
        if max(width, height) > _MOST_PX or width * height > LIMITS.video_pixels:
            msg = f"{width}x{height} pixels are too many for a video; ask for fewer"
            raise InvalidInput(msg)
        target = redrawn(
            path, f"scale={width}:{height}:flags=lanczos,setsar=1",
            context.scratch / "resized.mp4", context,
        )  # fmt: skip
        return {"video": Output.of_file(target, caption=f"{width}x{height} pixels")}
