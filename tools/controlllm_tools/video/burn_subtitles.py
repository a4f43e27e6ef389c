"""Draw subtitles into the pictures of a video."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.fonts import font_bytes
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.subtitles import Cue, read_subtitles
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.streams import sound_options

_FONT_SHARE = 1 / 15
_MARGIN_SHARE = 1 / 20
_WORD_JOINER = "\u2060"


class BurnSubtitles(CpuTool):
    """Subtitles as white letters with a dark outline, at the foot of the picture."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Read the subtitles, and draw each while it is due.

        Returns:
            `video`: MP4 with H.264; its sound is copied when it is AAC.

        Raises:
            InvalidInput: The subtitles cannot be read, none is due while the video lasts, or the
                file is no video.
        """
        path = inputs.file("video")
        facts = video_facts(path)
        seconds = facts.duration_s or 0.0
        cues = [cue for cue in read_subtitles(inputs.text("subtitles")) if cue.start_s < seconds]
        if not cues:
            msg = f"every cue of the subtitles comes after the end of the video, {seconds:.1f} s"
            raise InvalidInput(msg)
        script = context.scratch / "subtitles.ass"
        script.write_text(_script(cues, facts), encoding="utf-8")
        fonts = context.scratch / "fonts"
        fonts.mkdir(exist_ok=True)
        (fonts / "subtitles.ttf").write_bytes(font_bytes())
        target = ffmpeg.convert(
            [ffmpeg.Input(path)],
            # both names are below the working folder of ffmpeg and need no escaping
            ["-map", "0:v:0", "-map", "0:a:0?",
             "-vf", "scale=trunc(iw/2)*2:trunc(ih/2)*2,subtitles=subtitles.ass:fontsdir=fonts",
             *ffmpeg.H264, *sound_options(path), *ffmpeg.MP4],
            context.scratch / "subtitled.mp4", context, duration_s=seconds,
        )  # fmt: skip
        caption = f"video with {len(cues)} subtitles, {seconds:.1f} s"
        return {"video": Output.of_file(target, name="subtitled.mp4", caption=caption)}


def _script(cues: Sequence[Cue], facts: MediaFacts) -> str:
    """The cues as an Advanced SubStation script in the pixels of the video."""
    width, height = facts.width_px or 2, facts.height_px or 2
    short = min(width, height)
    size, margin = max(12, round(short * _FONT_SHARE)), round(short * _MARGIN_SHARE)
    outline = max(1.0, size / 14)
    style = (
        f"Style: Default,{_font_name()},{size},&H00FFFFFF,&H00FFFFFF,&H00101010,&H80000000,"
        f"0,0,0,0,100,100,0,0,1,{outline:.1f},{outline / 2:.1f},2,{margin},{margin},{margin},1"
    )
    lines = [
        "[Script Info]", "ScriptType: v4.00+", "WrapStyle: 0", "ScaledBorderAndShadow: yes",
        f"PlayResX: {width}", f"PlayResY: {height}", "", "[V4+ Styles]",
        "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, "
        "BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, "
        "BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding",
        style, "", "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
    ]  # fmt: skip
    lines += [
        f"Dialogue: 0,{_clock(cue.start_s)},{_clock(cue.end_s)},Default,,0,0,0,,"
        + _escaped(cue.text)
        for cue in cues
    ]
    return "\n".join([*lines, ""])


def _escaped(text: str) -> str:
    r"""Words that no character of can act as a code: `{` opens codes, `\` begins them."""
    safe = text.replace("\\", "\\" + _WORD_JOINER).replace("{", r"\{").replace("}", r"\}")
    return safe.replace("\n", r"\N")


def _clock(seconds: float) -> str:
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest // 100:02d}.{rest % 100:02d}"


def _font_name() -> str:
    """The family name inside the font file, by which the script calls it."""
    from PIL import ImageFont

    return str(ImageFont.truetype(BytesIO(font_bytes()), 10).getname()[0])
