"""Take a picture from a video every so many seconds."""

from __future__ import annotations

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import movies
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.stills import clock, write_jpeg

_EVERY_S = Range(0.02, 3_600)
_MOST = 500
_USUALLY_MOST = 100
_RESULT_WIDTH_PX = 1_920


class SampleFrames(CpuTool):
    """Frames at a steady pace, streamed."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Take the first frame, and one after each interval.

        Returns:
            `frames`: JPEG in order of time; the caption of each tells its time.

        Raises:
            InvalidInput: The file is no video, or there would be too many pictures.
        """
        path = inputs.file("video")
        seconds = movies.video_facts(path).duration_s or 0.0
        every_s = _EVERY_S.read(inputs, "every_s", max(1.0, seconds / _USUALLY_MOST))
        if seconds / every_s > _MOST:
            msg = (
                f"a picture every {every_s:g} s of {seconds:.0f} s makes more than {_MOST}; "
                f"take one every {seconds / _MOST:.1f} s or less often"
            )
            raise InvalidInput(msg)
        outputs = []
        shown = movies.frames(path, context, fps=1 / every_s, max_width_px=_RESULT_WIDTH_PX)
        for number, (at_s, frame) in enumerate(shown, start=1):
            context.check()
            if at_s >= seconds:
                break
            name = f"frame-{number:03d}.jpg"
            target = write_jpeg(frame, context.scratch / name)
            outputs.append(Output.of_file(target, name=name, caption=f"frame at {clock(at_s)}"))
            context.progress(min(1.0, at_s / seconds), name)
        if not outputs:
            msg = f"no picture of {path.name} can be decoded"
            raise InvalidInput(msg)
        return {"frames": outputs}
