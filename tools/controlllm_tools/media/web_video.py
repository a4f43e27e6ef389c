"""A video as browsers play it, and a still picture to show before it plays."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.movies import video_facts
from controlllm_tools.media.sniff import sniff
from controlllm_tools.tool import ToolContext

if TYPE_CHECKING:  # av loads when a video is measured, not when a tool is listed
    from av.container import InputContainer

_POSTER_WIDTH_PX = 1_280
_POSTER_FRAMES = 30
_PLAYABLE = {
    "video/mp4": ({"h264", "av1", "vp9"}, {"aac", "mp3", "opus", "flac"}),
    "video/webm": ({"vp8", "vp9", "av1"}, {"vorbis", "opus"}),
}
"""Video and sound codecs that Chromium, Firefox and Safari all play in each container."""
_EIGHT_BIT = {"yuv420p", "yuvj420p"}
"""Sampling that every decoder has; browsers show other ones as black or not at all."""


def web_video(path: Path, folder: Path, context: ToolContext) -> Path:
    """Put a video into a folder in a form that browsers play.

    Args:
        path: Any video.
        folder: Below the scratch folder of the call.
        context: Of the call.

    Returns:
        `video.mp4` or `video.webm`: a copy where browsers play it already, else H.264 and AAC.

    Raises:
        InvalidInput: The file is no video.
    """
    facts = video_facts(path)
    mime = playable_as(path)
    if mime is not None:
        target = folder / f"video.{mime.removeprefix('video/')}"
        shutil.copyfile(path, target)
        return target
    even = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
    options = ["-map", "0:v:0", "-map", "0:a:0?", "-vf", even, *ffmpeg.H264, *ffmpeg.AAC]
    return ffmpeg.convert(
        [ffmpeg.Input(path)],
        [*options, *ffmpeg.MP4],
        folder / "video.mp4",
        context,
        duration_s=facts.duration_s,
    )


def playable_as(path: Path) -> str | None:
    """The media type as which browsers play a video, or None when it must be converted.

    Raises:
        InvalidInput: The file cannot be opened.
    """
    import av

    kind = sniff(path)
    whitelist = {"protocol_whitelist": "file", "format_whitelist": kind.demuxers}
    try:
        with av.open(f"file:{path.resolve()}", options=whitelist) as container:
            mime = _container(path, container)
            codecs, sound_codecs = _PLAYABLE.get(mime, (set(), set()))
            video = next(iter(container.streams.video), None)
            plays = (
                video is not None
                and video.codec_context.name in codecs
                and video.codec_context.pix_fmt in _EIGHT_BIT
                and all(s.codec_context.name in sound_codecs for s in container.streams.audio)
            )
    except (av.error.FFmpegError, ValueError) as error:
        msg = f"{path.name} is not a readable {kind.mime}: {error}"
        raise InvalidInput(msg) from error
    return mime if plays else None


def poster(path: Path, target: Path, context: ToolContext) -> Path:
    """Write a typical frame from the beginning of a video as JPEG, at most 1,280 pixels wide.

    Of the 30 frames that follow the first tenth, the one whose histogram is nearest to their mean
    is taken, so that it is neither a black frame nor one in the middle of a fade.

    Raises:
        InvalidInput: The file is no video, or none of its frames can be decoded.
    """
    facts = video_facts(path)
    scale = f"scale='trunc(min({_POSTER_WIDTH_PX},iw)/2)*2':-2"
    options = [
        "-an", "-vf", f"{scale},thumbnail={_POSTER_FRAMES}", "-frames:v", "1",
        "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-f", "image2", "-update", "1",
    ]  # fmt: skip
    target.unlink(missing_ok=True)
    # after the last key frame of a short video there may be no frame left: then from the start
    for start_s in ((facts.duration_s or 0.0) / 10, 0.0):
        source = ffmpeg.Input(path, ("-ss", f"{start_s:.3f}"))
        ffmpeg.convert([source], options, target, context)
        if target.exists():
            return target
    msg = f"{path.name} holds no frame that can be decoded"
    raise InvalidInput(msg)


def _container(path: Path, container: InputContainer) -> str:
    if "mp4" in container.format.name:
        return "video/mp4"
    with path.open("rb") as stream:
        # Matroska and WebM share a demuxer; the document type stands in the first bytes
        return "video/webm" if b"webm" in stream.read(64) else container.format.name
