"""Give a video another sound track in the place of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.change_video_speed import tempo
from controlllm_tools.video.redrawing import SQUARE
from controlllm_tools.video.streams import picture_options

_RATE_HZ = 48_000
_MOST_STRETCH = 2.0
_NEARLY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How sound and pictures of other lengths come together.

    Attributes:
        source: The sound, with the options before it.
        pictures: Options of the pictures.
        filters: Of the sound, before it is padded and cut.
        seconds: Length of the result.
        said: What was done, for the caption.
    """

    source: ffmpeg.Input
    pictures: tuple[str, ...]
    filters: str
    seconds: float
    said: str


class ReplaceAudio(CpuTool):
    """Old sound out, new sound in, at its own level."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Exchange the sound.

        Returns:
            `video`: MP4 with AAC; the pictures are copied where nothing forbids it.

        Raises:
            InvalidInput: The video has no pictures, the audio no sound, or the lengths differ too
                much for stretching.
        """
        video, audio = inputs.file("video"), inputs.file("audio")
        plan = _plan(video, audio, inputs.text("fit", "cut"))
        fit = f"aresample={_RATE_HZ},{plan.filters},apad,atrim=end={plan.seconds:.4f}"
        target = ffmpeg.convert(
            [ffmpeg.Input(video), plan.source],
            ["-map", "0:v:0", "-map", "1:a:0", *plan.pictures, "-af", fit, "-ac", "2",
             *ffmpeg.AAC, "-t", f"{plan.seconds:.4f}", *ffmpeg.MP4],
            context.scratch / "resounded.mp4", context, duration_s=plan.seconds,
        )  # fmt: skip
        caption = f"video with {inputs.one('audio').resource.type} as its only sound, {plan.said}"
        return {"video": Output.of_file(target, name="resounded.mp4", caption=caption)}


def _plan(video: Path, audio: Path, fit: str) -> _Plan:
    """Decide by the two lengths; what is nearly as long as the video is cut or padded."""
    seconds = video_facts(video).duration_s or 0.0
    heard = sound_facts(audio).duration_s or 0.0
    source, pictures = ffmpeg.Input(audio), picture_options(video)
    over = heard - seconds
    if fit == "hold" and over > _NEARLY_S:
        held = ("-vf", f"{SQUARE},tpad=stop_mode=clone:stop_duration={over:.4f}", *ffmpeg.H264)
        said = f"the last picture is held for {over:.1f} s until the sound ends"
        return _Plan(source=source, pictures=held, filters="anull", seconds=heard, said=said)
    filters = "anull"
    if fit == "stretch" and abs(over) > _NEARLY_S:
        factor = heard / seconds
        if not 1 / _MOST_STRETCH <= factor <= _MOST_STRETCH:
            msg = (
                f"{heard:.1f} s of sound cannot be stretched to {seconds:.1f} s; the lengths may "
                f"differ by a factor of {_MOST_STRETCH:g}; choose cut, hold or loop"
            )
            raise InvalidInput(msg)
        filters, said = tempo(factor), f"stretched from {heard:.1f} to {seconds:.1f} s"
    elif over > _NEARLY_S:
        said = f"the last {over:.1f} s of the sound are cut off"
    elif fit == "loop" and over < -_NEARLY_S:
        source, said = ffmpeg.Input(audio, ("-stream_loop", "-1")), "which goes round until the end"
    elif over < -_NEARLY_S:
        said = f"the last {-over:.1f} s are silent"
    else:
        said = f"{seconds:.1f} s"
    return _Plan(source=source, pictures=pictures, filters=filters, seconds=seconds, said=said)
