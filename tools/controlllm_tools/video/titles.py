"""A title as a short video of its own, or before another video."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.progress import stage
from controlllm_tools.media.ranges import Range
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.fitting import Form
from controlllm_tools.video.join_clips import JoinClips
from controlllm_tools.video.parts import item, made_by
from controlllm_tools.video.title_picture import title_picture

_SECONDS = Range(0.5, 60)
_WIDTH_PX, _HEIGHT_PX = Range(64, 3_840), Range(64, 2_160)
_LEAST_S, _CHARACTERS_A_SECOND = 4.0, 15.0
_FADE_S = 0.5


class TitleCard(CpuTool):
    """Words on a plain ground that fade in and out."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw the words, and show them as long as it takes to read them.

        Returns:
            `video`: MP4 without sound, 25 frames a second.

        Raises:
            InvalidInput: There are no words or too many, or a number is out of range.
        """
        text = inputs.text("text")
        width = round(_WIDTH_PX.read(inputs, "width", 1_280) / 2) * 2
        height = round(_HEIGHT_PX.read(inputs, "height", 720) / 2) * 2
        seconds = _seconds(inputs, text)
        form = Form(width_px=width, height_px=height, fps=25)
        target = context.scratch / "title.mp4"
        card(text, form, (seconds, inputs.text("background", "black")), target, context)
        return {"video": Output.of_file(target, caption=f"title card, {seconds:.1f} s")}


class AddTitle(CpuTool):
    """A title card at the size of a video, and the video after it."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Draw the card and join.

        Returns:
            `video`: MP4 that begins with the title.

        Raises:
            InvalidInput: The file is no video, or there are no words or too many.
        """
        path, text = inputs.file("video"), inputs.text("title")
        form = Form.of(video_facts(path))
        seconds = _seconds(inputs, text)
        title = context.scratch / "title.mp4"
        look = seconds, inputs.text("background", "black")
        card(text, form, look, title, stage(context, 0.0, 0.2))
        clips = Inputs.of(clips=[item(title, "video"), item(path, "video")])
        target = made_by(JoinClips(), "video", clips, stage(context, 0.2, 1.0))
        caption = f"video after a title of {seconds:.1f} s"
        return {"video": Output.of_file(target, name="titled.mp4", caption=caption)}


def card(
    text: str, form: Form, look: tuple[float, str], target: Path, context: ToolContext
) -> Path:
    """Write a title card.

    Args:
        text: The words.
        form: Size and rate.
        look: Seconds, and the colour of the ground.
        target: MP4 to write.
        context: Of the call.

    Raises:
        InvalidInput: There are no words or too many.
    """
    seconds, ground = look
    picture = title_picture(text, (form.width_px, form.height_px), ground).tobytes()
    fade_s = min(_FADE_S, seconds / 4)

    def shown() -> Iterator[bytes]:
        for _ in range(max(1, round(seconds * form.fps))):
            context.check()
            yield picture

    frames = ffmpeg.Frames(
        width_px=form.width_px, height_px=form.height_px, fps=form.fps, source=shown()
    )
    fades = f"fade=t=in:d={fade_s:.3f},fade=t=out:st={seconds - fade_s:.3f}:d={fade_s:.3f}"
    options = ["-map", "0:v:0", "-vf", fades, *ffmpeg.H264, *ffmpeg.MP4]
    return ffmpeg.encode_frames(frames, [], options, target, context)


def _seconds(inputs: Inputs, text: str) -> float:
    if not any(character.isalnum() for character in text):
        msg = "there are no words for a title; give a text"
        raise InvalidInput(msg)
    to_read_s = min(20.0, max(_LEAST_S, len(text) / _CHARACTERS_A_SECOND))
    return _SECONDS.read(inputs, "seconds", to_read_s)
