"""Take the picture that a video shows at a time."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.images import write_png
from controlllm_tools.media.movies import video_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.stills import clock, still

_FULL_WIDTH_PX = 8_192


class ExtractFrame(CpuTool):
    """One frame at full size, without loss."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Find the frame.

        Returns:
            `image`: PNG.

        Raises:
            InvalidInput: The file is no video, or ends before that time.
        """
        path = inputs.file("video")
        facts = video_facts(path)
        seconds = facts.duration_s or 0.0
        at_s = inputs.number("time_s", seconds / 2)
        if not 0 <= at_s <= seconds:
            msg = f"there is no frame at {at_s:g} s, the video lasts {seconds:.2f} s"
            raise InvalidInput(msg)
        # at the very end the last frame is still shown, which started one frame before
        last_s = max(0.0, seconds - 1 / (facts.fps or 25.0))
        frame = still(path, min(at_s, last_s), context, max_width_px=_FULL_WIDTH_PX)
        if frame is None:
            msg = f"no picture of {path.name} can be decoded at {at_s:g} s"
            raise InvalidInput(msg)
        target = write_png(frame, context.scratch / "frame.png")
        return {"image": Output.of_file(target, caption=f"frame at {clock(at_s)}")}
