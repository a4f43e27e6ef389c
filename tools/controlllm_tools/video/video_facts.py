"""Measure a video: length, motion, cuts, light, colours, text, faces and sound.

The JSON that comes out is `controlllm_tools.media.video_facts.VideoFacts`. Pictures are streamed
once, small and at a low rate; text and faces are looked for on a few frames spread over the
length. Nothing is guessed: what was not measured is not in the facts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg, movies
from controlllm_tools.media.look import LookMeter
from controlllm_tools.media.sound import loudness_lufs
from controlllm_tools.media.video_facts import Look, Motion, SeenText, Sound, VideoFacts
from controlllm_tools.resources import MediaFacts
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext
from controlllm_tools.video.cuts import change, find_cuts, histogram
from controlllm_tools.video.motion import MotionMeter
from controlllm_tools.video.reading import FaceFinder, TextReader, same_words
from controlllm_tools.video.stills import still

_SMALL_WIDTH_PX = 160
_FASTEST_FPS, _SLOWEST_FPS = 8.0, 4.0
_FRAMES_AIMED_AT = 1_200
_READING_WIDTH_PX = 960
_KEY_FRAMES = (0.08, 0.36, 0.64, 0.92)
_HEARING_RATE_HZ = 8_000
_WINDOW_S = 0.1
_SILENT_DBFS = -50.0


@dataclass(frozen=True, slots=True)
class _Pictures:
    motion: Motion
    look: Look
    cuts: int


class MeasureVideo(CpuTool):
    """Facts of a video as JSON, for tools that describe it or choose music for it."""

    def load(self, device: str) -> None:
        """Read the networks for text and the cascade for faces."""
        CpuTool.load(self, device)
        self._reader = TextReader()
        self._faces = FaceFinder()

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Measure.

        Returns:
            `facts`: JSON of `VideoFacts`. `seconds`: the length.

        Raises:
            InvalidInput: The file is no video, or its pictures cannot be decoded.
        """
        path = inputs.file("video")
        medium = movies.video_facts(path)
        seconds = medium.duration_s or 0.0
        pictures = _watch(path, medium, context)
        facts = VideoFacts(
            seconds=round(seconds, 3),
            width_px=medium.width_px or 1,
            height_px=medium.height_px or 1,
            fps=round(medium.fps or 1.0, 3),
            motion=pictures.motion,
            look=pictures.look,
            cuts=pictures.cuts,
            cuts_per_minute=round(pictures.cuts * 60 / seconds, 2),
            sound=_listen(path, medium, context),
        )
        context.progress(0.75, "looking for text and faces")
        facts = self._recognise(path, facts, context)
        shown = f"{seconds:.1f} s, {pictures.cuts} cuts, {len(facts.texts)} lines of text"
        return {
            "facts": Output.of_json(facts.to_json(), name="video-facts.json", caption=shown),
            "seconds": Output.of_json(facts.seconds, caption=f"{seconds:.1f} s"),
        }

    def _recognise(self, path: Path, facts: VideoFacts, context: ToolContext) -> VideoFacts:
        """The facts with the text and the faces of a few frames."""
        texts: dict[str, SeenText] = {}
        faces, looked_at = 0, []
        for share in _KEY_FRAMES:
            context.check()
            at_s = round(share * facts.seconds, 3)
            frame = still(path, at_s, context, max_width_px=_READING_WIDTH_PX)
            if frame is None:
                continue
            looked_at.append(at_s)
            faces = max(faces, self._faces.count(frame))
            for text, confidence in self._reader.lines(frame):
                seen = SeenText(text=text, at_s=at_s, confidence=confidence)
                texts.setdefault(same_words(text), seen)
        return replace(
            facts, texts=tuple(texts.values())[:100], faces=faces, key_frames_s=tuple(looked_at)
        )


def _watch(path: Path, medium: MediaFacts, context: ToolContext) -> _Pictures:
    """Stream all pictures once, small."""
    seconds = medium.duration_s or 1.0
    fps = min(_FASTEST_FPS, max(_SLOWEST_FPS, _FRAMES_AIMED_AT / seconds), medium.fps or 25.0)
    motion, look = MotionMeter(fps), LookMeter(int(seconds * fps))
    changes: list[float] = []
    before = None
    for at_s, frame in movies.frames(path, context, fps=fps, max_width_px=_SMALL_WIDTH_PX):
        context.check()
        motion.add(frame)
        look.add(frame)
        now = histogram(frame)
        if before is not None:
            changes.append(change(before, now))
        before = now
        context.progress(min(0.6, 0.6 * at_s / seconds), "watching")
    if before is None:
        msg = f"no picture of {path.name} can be decoded"
        raise InvalidInput(msg)
    cuts = find_cuts(changes)
    return _Pictures(motion.motion(frozenset(cuts)), look.look(), len(cuts))


def _listen(path: Path, medium: MediaFacts, context: ToolContext) -> Sound | None:
    """Loudness, and the share of windows below a level that nobody hears."""
    import numpy as np

    if not medium.channels:
        return None
    context.progress(0.6, "listening")
    loudness = loudness_lufs(path, context)
    window = int(_HEARING_RATE_HZ * _WINDOW_S)
    silent = windows = 0
    # whole numbers: ffmpeg lets stereo add up to more than full scale when it mixes floats
    options = ["-vn", "-ac", "1", "-ar", str(_HEARING_RATE_HZ), "-f", "s16le"]
    with ffmpeg.raw_stream([ffmpeg.Input(path)], options, context) as stream:
        while raw := stream.read(window * 2 * 600):
            context.check()
            whole = raw[: len(raw) // (window * 2) * window * 2]
            samples = np.frombuffer(whole, dtype="<i2").astype(np.float32) / 32_768
            level = np.sqrt(np.square(samples.reshape(-1, window)).mean(axis=1))
            silent += int((level < 10 ** (_SILENT_DBFS / 20)).sum())
            windows += len(level)
    return Sound(
        loudness_lufs=round(loudness, 1) if np.isfinite(loudness) else None,
        silence=round(silent / max(1, windows), 3),
    )
