"""Measured facts of a file, from its header; anything over a limit or broken is refused here."""

from __future__ import annotations

import json
import struct
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.limits import LIMITS, Limits
from controlllm_tools.media.mp4_boxes import is_cut_off, lies_on_its_side
from controlllm_tools.media.pdf import open_pdf
from controlllm_tools.media.sniff import EMPTY, Kind, check_name, sniff, told_by_name
from controlllm_tools.resources import NO_FACTS, MediaFacts

if TYPE_CHECKING:  # av loads when a file is measured, not when a tool is listed
    from av.container import InputContainer
    from av.stream import Stream


PICTURE_ERRORS = (
    OSError, ValueError, SyntaxError, RuntimeError, TypeError, EOFError, IndexError, KeyError,
    OverflowError, struct.error,
)  # fmt: skip
"""What Pillow's decoders raise on broken files; fuzzing them met six of these."""


def probe(path: Path, *, name: str = "", limits: Limits = LIMITS) -> tuple[Kind, MediaFacts]:
    """Look at a file and measure it without decoding it.

    Args:
        path: The file.
        name: The name the user gave it, when that differs; its ending is checked.
        limits: What is too large.

    Returns:
        What the file holds, and its facts; of a PDF, the number of pages. Text and unknown content
        have no facts.

    Raises:
        InvalidInput: The file is missing, empty, broken, misnamed or over a limit.
    """
    shown = name or path.name
    if not path.is_file():
        msg = f"{shown} is not a file; check the path"
        raise InvalidInput(msg)
    size_bytes = path.stat().st_size
    if size_bytes > limits.size_bytes:
        msg = f"{shown} has {size_bytes} bytes, the limit is {limits.size_bytes}"
        raise InvalidInput(msg)
    kind = sniff(path)
    if kind == EMPTY:
        msg = f"{shown} is empty"
        raise InvalidInput(msg)
    check_name(path, kind, shown)
    measure = _MEASURES.get(kind.family)
    return measure(path, shown, kind, limits) if measure else (kind, NO_FACTS)


def _measure_document(
    path: Path, shown: str, kind: Kind, limits: Limits
) -> tuple[Kind, MediaFacts]:
    with open_pdf(path, shown, limits) as document:
        return kind, MediaFacts(pages=len(document))


def _measure_image(path: Path, shown: str, kind: Kind, limits: Limits) -> tuple[Kind, MediaFacts]:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            # Pillow only warns at its own cap; ours is checked right below, on the header
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                width, height = image.size
                frames = getattr(image, "n_frames", 1) if width * height else 1
    except (Image.DecompressionBombError, *PICTURE_ERRORS) as error:
        msg = f"{shown} is not a readable {kind.mime}: {error}"
        raise InvalidInput(msg) from error
    if width * height > limits.image_pixels:
        msg = (
            f"{shown} has {width}x{height} pixels, the limit is "
            f"{limits.image_pixels / 1e6:.0f} megapixels; scale it down first"
        )
        raise InvalidInput(msg)
    if frames > limits.image_frames:
        msg = f"{shown} has {frames} frames, the limit is {limits.image_frames}"
        raise InvalidInput(msg)
    return kind, MediaFacts(width_px=width, height_px=height, frames=frames if frames > 1 else None)


def _measure_timed(path: Path, shown: str, kind: Kind, limits: Limits) -> tuple[Kind, MediaFacts]:
    import av

    if kind.demuxers.startswith("mov") and is_cut_off(path):
        # demuxers open such a file and fail in the middle of decoding, minutes later
        msg = f"{shown} is cut off after {path.stat().st_size} bytes; copy or download it again"
        raise InvalidInput(msg)
    whitelist = {"protocol_whitelist": "file", "format_whitelist": kind.demuxers}
    try:
        # with its protocol and its whole path, no name can pass for another protocol
        with av.open(f"file:{path.resolve()}", options=whitelist) as container:
            facts = _facts_of_container(container, shown, limits)
            has_video = any(not _is_cover(s) for s in container.streams.video)
            has_audio = bool(container.streams.audio)
    except (av.error.FFmpegError, ValueError) as error:
        msg = f"{shown} is not a readable {kind.mime}: {error}"
        raise InvalidInput(msg) from error
    if not has_video and not has_audio:
        msg = f"{shown} holds neither sound nor pictures"
        raise InvalidInput(msg)
    if has_video and kind.demuxers.startswith("mov") and lies_on_its_side(path):
        facts = replace(facts, width_px=facts.height_px, height_px=facts.width_px)
    if has_video and kind.family == "audio":
        kind = Kind("video", kind.mime.replace("audio/", "video/"), kind.demuxers)
    elif not has_video and kind.family == "video":
        kind = Kind("audio", kind.mime.replace("video/", "audio/"), kind.demuxers)
    return kind, facts


def _facts_of_container(container: InputContainer, shown: str, limits: Limits) -> MediaFacts:
    if len(container.streams) > limits.streams:
        msg = f"{shown} has {len(container.streams)} streams, the limit is {limits.streams}"
        raise InvalidInput(msg)
    video = next((s for s in container.streams.video if not _is_cover(s)), None)
    audio = next(iter(container.streams.audio), None)
    duration_s = _duration_s(container, video or audio)
    if duration_s is not None and duration_s > limits.duration_s:
        msg = f"{shown} lasts {duration_s:.0f} s, the limit is {limits.duration_s:.0f} s"
        raise InvalidInput(msg)
    if video is not None and video.width * video.height > limits.video_pixels:
        msg = f"{shown} has frames of {video.width}x{video.height} pixels, over the limit"
        raise InvalidInput(msg)
    fps = float(video.average_rate) if video is not None and video.average_rate else None
    if fps and duration_s and fps * duration_s > limits.video_frames:
        msg = f"{shown} has about {fps * duration_s:.0f} frames, the limit is {limits.video_frames}"
        raise InvalidInput(msg)
    return MediaFacts(
        width_px=video.width if video is not None else None,
        height_px=video.height if video is not None else None,
        duration_s=duration_s,
        fps=fps,
        frames=(video.frames or None) if video is not None else None,
        sample_rate_hz=audio.rate if audio is not None else None,
        channels=audio.channels if audio is not None else 0,
    )


def _duration_s(container: InputContainer, stream: Stream | None) -> float | None:
    if container.duration:
        return float(container.duration / 1e6)
    if stream is not None and stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return None


def _is_cover(stream: Stream) -> bool:
    """Whether a video stream is only the cover picture of a song."""
    return bool(int(stream.disposition) & 0x400)


def _measure_text(path: Path, shown: str, kind: Kind, limits: Limits) -> tuple[Kind, MediaFacts]:
    size_bytes = path.stat().st_size
    if size_bytes > limits.text_bytes:
        msg = f"{shown} has {size_bytes} bytes of text, the limit is {limits.text_bytes}"
        raise InvalidInput(msg)
    if Path(shown).suffix.lower() == ".json" and _is_json(path):
        return Kind("text", "application/json"), NO_FACTS
    return told_by_name(kind, shown), NO_FACTS


def _is_json(path: Path) -> bool:
    """Whether it is one JSON value; lines of JSON or JSON with comments are plain text."""
    try:
        json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    return True


_Measure = Callable[[Path, str, Kind, Limits], tuple[Kind, MediaFacts]]

_MEASURES: dict[str, _Measure] = {
    "image": _measure_image,
    "audio": _measure_timed,
    "video": _measure_timed,
    "document": _measure_document,
    "text": _measure_text,
}
