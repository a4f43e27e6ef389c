"""How the pictures and the sound of a video are coded: whether they can be copied as they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import ffmpeg
from controlllm_tools.media.sniff import sniff

_PLAYED_BY_BROWSERS = {"yuv420p", "yuvj420p"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """The coding of a video.

    Attributes:
        video: Name of the picture codec.
        pixels: Name of the pixel format.
        audio: Name of the sound codec, or empty.
        is_mp4: Whether the file is an MP4.
    """

    video: str
    pixels: str
    audio: str
    is_mp4: bool


def coding_of(path: Path) -> Coding:
    """Look at the headers of a video.

    Raises:
        InvalidInput: The file has no pictures or is broken.
    """
    import av

    kind = sniff(path)
    whitelist = {"protocol_whitelist": "file", "format_whitelist": kind.demuxers}
    try:
        with av.open(str(path), options=whitelist) as container:
            if not container.streams.video:
                msg = f"{path.name} has no pictures"
                raise InvalidInput(msg)
            pictures = container.streams.video[0].codec_context
            sounds = [stream.codec_context.name for stream in container.streams.audio]
            return Coding(
                video=pictures.name,
                pixels=pictures.pix_fmt or "",
                audio=sounds[0] if sounds else "",
                is_mp4=kind.mime == "video/mp4",
            )
    except av.error.FFmpegError as error:
        msg = f"{path.name} is not a readable video: {error}"
        raise InvalidInput(msg) from error


def picture_options(path: Path) -> tuple[str, ...]:
    """Options for the pictures: a copy where browsers play them, else H.264."""
    coding = coding_of(path)
    if coding.is_mp4 and coding.video == "h264" and coding.pixels in _PLAYED_BY_BROWSERS:
        return ("-c:v", "copy")
    # H.264 wants an even width and height
    return ("-vf", "scale=trunc(iw/2)*2:trunc(ih/2)*2", *ffmpeg.H264)


def sound_options(path: Path) -> tuple[str, ...]:
    """Options for the sound: a copy where it is AAC, else AAC."""
    return ("-c:a", "copy") if coding_of(path).audio == "aac" else ffmpeg.AAC
