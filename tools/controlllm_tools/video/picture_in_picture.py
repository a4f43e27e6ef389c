"""Show one video small in a corner of another one."""

from __future__ import annotations

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.ranges import Range
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.corners import place
from controlllm_tools.video.redrawing import SQUARE, even

_RATE_HZ = 48_000
_SPARE_S = 2
_FRAME_PX = 2
_SCALE = Range(0.05, 0.9)


class PictureInPicture(CpuTool):
    """The large video gives the length; the small one disappears where it ends earlier."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Lay the small video over the large one.

        Returns:
            `video`: MP4 of the size, rate and length of the large video.

        Raises:
            InvalidInput: A file is no video, or the scale is out of range.
        """
        scale = _SCALE.read(inputs, "scale", 0.3)
        paths = inputs.file("video"), inputs.file("inset")
        large, small = (video_facts(path) for path in paths)
        seconds, fps = large.duration_s or 0.0, large.fps or 25.0
        width = even((large.width_px or 2) * scale)
        pictures = (
            f"[1:v:0]fps={fps:.6f}:start_time=0,{SQUARE},scale={width}:-2,"
            f"pad=iw+{2 * _FRAME_PX}:ih+{2 * _FRAME_PX}:{_FRAME_PX}:{_FRAME_PX}:white[small];"
            f"[0:v:0]fps={fps:.6f}:start_time=0,{SQUARE}[large];"
            f"[large][small]overlay={place(inputs)}"
            ":eof_action=pass:format=auto,format=yuv420p[v]"
        )
        sound = _sound(inputs.text("sound", "main"), large, small)
        target = ffmpeg.convert(
            [ffmpeg.Input(path) for path in paths],
            ["-filter_complex", ";".join([pictures, *sound]), "-map", "[v]",
             *(("-map", "[a]", *ffmpeg.AAC) if sound else ("-an",)),
             "-t", f"{seconds:.4f}", *ffmpeg.H264, *ffmpeg.MP4],
            context.scratch / "picture-in-picture.mp4", context, duration_s=seconds,
        )  # fmt: skip
        return {"video": Output.of_file(target, caption=f"video in a video, {seconds:.1f} s")}


def _sound(wanted: str, large: MediaFacts, small: MediaFacts) -> list[str]:
    """Filters that leave the sound on `[a]`; none when there is nothing to hear."""
    chosen = {"main": [0], "inset": [1], "both": [0, 1]}[wanted]
    heard = [index for index in chosen if (large, small)[index].channels]
    if not heard:
        return []
    samples = round((large.duration_s or 0.0) * _RATE_HZ)
    parts = [
        f"[{index}:a:0]aresample={_RATE_HZ}:async=1:first_pts=0,"
        f"aformat=sample_fmts=fltp:channel_layouts=stereo,"
        # the end lies in what is cut off: mixing treats last frames as they happen to come in
        f"apad=whole_len={samples + _SPARE_S * _RATE_HZ}[s{index}]"
        for index in heard
    ]
    labels = "".join(f"[s{index}]" for index in heard)
    mix = f"amix=inputs={len(heard)}:duration=longest:normalize=0,alimiter=limit=0.95:level=false"
    return [*parts, f"{labels}{mix},atrim=end_sample={samples}[a]"]
