"""Lay a logo or another picture over a video, from its start to its end."""

from __future__ import annotations

from pathlib import Path

from controlllm_tools.media import ffmpeg
from controlllm_tools.media.images import open_layer
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.corners import place
from controlllm_tools.video.redrawing import SQUARE, even
from controlllm_tools.video.streams import sound_options

_SCALE = Range(0.01, 1)
_OPACITY = Range(0, 1)


class WatermarkVideo(CpuTool):
    """A picture in a corner, see-through where it is transparent."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Lay the picture over every frame.

        Returns:
            `video`: MP4 with its sound.

        Raises:
            InvalidInput: The file is no video, the picture cannot be read, or a number is out of
                range.
        """
        scale = _SCALE.read(inputs, "scale", 0.18)
        opacity = _OPACITY.read(inputs, "opacity", 0.7)
        path = inputs.file("video")
        facts = video_facts(path)
        size = even((facts.width_px or 2) * scale), facts.height_px or 2
        logo = _logo(inputs.file("image"), context.scratch / "logo.png", size, opacity)
        graph = (
            f"[0:v:0]{SQUARE}[large];"
            f"[large][1:v:0]overlay={place(inputs)}"
            ":format=auto,format=yuv420p[v]"
        )
        target = ffmpeg.convert(
            [ffmpeg.Input(path), ffmpeg.Input(logo)],
            ["-filter_complex", graph, "-map", "[v]", "-map", "0:a:0?",
             *ffmpeg.H264, *sound_options(path), *ffmpeg.MP4],
            context.scratch / "watermarked.mp4", context, duration_s=facts.duration_s,
        )  # fmt: skip
        return {"video": Output.of_file(target, caption="video with a picture laid over it")}


def _logo(source: Path, target: Path, size: tuple[int, int], opacity: float) -> Path:
    """The picture at a width, or lower where it would not fit, with its transparency."""
    from PIL import Image

    picture = open_layer(source).convert("RGBA")
    ratio = min(size[0] / picture.width, size[1] / picture.height)
    small = picture.resize(
        (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio))),
        Image.Resampling.LANCZOS,
    )
    small.putalpha(small.getchannel("A").point([round(opacity * each) for each in range(256)]))
    small.save(target, format="PNG")
    return target
