"""Cut the pictures of a video to a shape such as 9:16 or a square."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.movies import video_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.redrawing import redrawn

_SHAPES = {
    "square": (1, 1), "vertical": (9, 16), "portrait": (4, 5), "widescreen": (16, 9),
    "classic": (4, 3), "cinema": (21, 9),
    "1:1": (1, 1), "9:16": (9, 16), "16:9": (16, 9), "4:3": (4, 3),
}  # fmt: skip
_SHARES = {"centre": (0.5, 0.5), "left": (0, 0.5), "right": (1, 0.5), "top": (0.5, 0),
           "bottom": (0.5, 1)}  # fmt: skip


class CropVideo(CpuTool):
    """The largest part of the pictures that has a shape."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Cut the edges off.

        Returns:
            `video`: MP4 with its sound.

        Raises:
            InvalidInput: The file is no video, or too little of the picture would be left.
        """
        path = inputs.file("video")
        facts = video_facts(path)
        across, down = _SHAPES[inputs.text("shape", "square")]
        x, y = _SHARES[inputs.text("keep", "centre")]
        width, height = facts.width_px or 2, facts.height_px or 2
        if min(width, height * across / down, height, width * down / across) < 16:
            msg = f"of {width}x{height} pixels too little is left in the shape {across}:{down}"
            raise InvalidInput(msg)
        cut = (
            f"crop=w='floor(min(iw,ih*{across}/{down})/2)*2':"
            f"h='floor(min(ih,iw*{down}/{across})/2)*2':"
            f"x='(iw-ow)*{x}':y='(ih-oh)*{y}'"
        )
        target = redrawn(path, cut, context.scratch / "cropped.mp4", context)
        made = video_facts(target)
        caption = f"{made.width_px}x{made.height_px} pixels, {across}:{down}"
        return {"video": Output.of_file(target, caption=caption)}
