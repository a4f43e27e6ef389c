"""Speak a text over a video: the voice in front, the video's own sound behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.progress import stage
from controlllm_tools.media.sound import sound_facts
from controlllm_tools.media.speech import USUAL_WPM, Voice, speak
from controlllm_tools.media.words import language_of
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.dub_video import DubVideo
from controlllm_tools.video.parts import item, made_by
from controlllm_tools.video.redrawing import redrawn
from controlllm_tools.video.stills import clock

_FASTEST_WPM = 210
_AFTER_S = 0.5
_SPOKEN = {"german", "french", "spanish", "italian", "portuguese", "dutch"}
"""Languages that both the synthesis and the guess of a text's language know; else English."""

_SPARE = 1.03


@dataclass(frozen=True, slots=True, kw_only=True)
class _Speech:
    """Spoken words: the sound, its length in seconds, and how fast it was said."""

    path: Path
    seconds: float
    wpm: int


class VoiceOver(CpuTool):
    """Synthesised speech that is fitted to the length of a video."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Speak, fit, and mix.

        A text that is too long for the video is spoken faster, up to 210 words a minute; if that
        is not enough, the last picture is held until the voice has ended.

        Returns:
            `video`: MP4 at -16 LUFS.

        Raises:
            InvalidInput: The file is no video, or there is nothing to speak.
        """
        path = inputs.file("video")
        seconds = video_facts(path).duration_s or 0.0
        start_s = inputs.number("start_s", 0.0)
        if not 0 <= start_s < seconds:
            msg = f"the voice would start at {start_s:g} s, the video lasts {seconds:.1f} s"
            raise InvalidInput(msg)
        speech = _fitted(inputs, seconds - start_s, stage(context, 0.0, 0.2))
        over_s = start_s + speech.seconds + _AFTER_S - seconds
        if over_s > _AFTER_S:
            path = redrawn(
                path, f"tpad=stop_mode=clone:stop_duration={over_s:.3f}",
                context.scratch / "held.mp4", stage(context, 0.2, 0.5),
            )  # fmt: skip
        late = _delayed(speech.path, start_s, context)
        dub = Inputs.of(video=item(path, "video"), audio=item(late, "audio.speech"))
        target = made_by(DubVideo(), "video", dub, stage(context, 0.5, 1.0))
        said = (
            f"{speech.seconds:.1f} s of speech from {clock(start_s)}, {speech.wpm} words a minute"
        )
        held = f"; the last picture is held for {over_s:.1f} s" if over_s > _AFTER_S else ""
        return {"video": Output.of_file(target, name="voice-over.mp4", caption=said + held)}


def _fitted(inputs: Inputs, room_s: float, context: ToolContext) -> _Speech:
    """Spoken at the usual speed where there is room, else as fast as is still understood."""
    speech = _spoken(inputs, USUAL_WPM, context)
    if speech.seconds <= room_s:
        return speech
    wpm = min(_FASTEST_WPM, round(USUAL_WPM * _SPARE * speech.seconds / max(0.1, room_s)))
    return _spoken(inputs, wpm, context)


def _spoken(inputs: Inputs, wpm: int, context: ToolContext) -> _Speech:
    text = inputs.text("text")
    language = language_of(text).name
    voice = Voice(
        language=language if language in _SPOKEN else "english-us",
        kind=inputs.text("voice", "woman"),
        words_a_minute=wpm,
    )
    path = speak(text, voice, context)
    return _Speech(path=path, seconds=sound_facts(path).duration_s or 0.0, wpm=wpm)


def _delayed(speech: Path, start_s: float, context: ToolContext) -> Path:
    if not start_s:
        return speech
    return ffmpeg.convert(
        [ffmpeg.Input(speech)], ["-af", f"adelay={round(1_000 * start_s)}:all=1", "-c:a", "flac"],
        context.scratch / "late.flac", context,
    )  # fmt: skip
