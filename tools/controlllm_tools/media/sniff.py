"""What a file holds, by looking at its first bytes; its name is only checked against that."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput

_HEAD_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of content and its media type.

    Attributes:
        family: `image`, `audio`, `video`, `document`, `text`, `archive`, `empty` or `unknown`.
        mime: Media type.
        demuxers: ffmpeg demuxers that may open it, comma separated; empty when ffmpeg may not.
    """

    family: str
    mime: str
    demuxers: str = ""


_MOV = "mov,mp4,m4a,3gp,3g2,mj2"
PLAIN_TEXT = Kind("text", "text/plain")
WEB_PAGE = Kind("text", "text/html")
EMPTY = Kind("empty", "application/x-empty")
UNKNOWN = Kind("unknown", "application/octet-stream")

_BY_PREFIX = (
    (b"\x89PNG\r\n\x1a\n", Kind("image", "image/png", "png_pipe")),
    (b"\xff\xd8\xff", Kind("image", "image/jpeg", "jpeg_pipe")),
    (b"GIF87a", Kind("image", "image/gif", "gif")),
    (b"GIF89a", Kind("image", "image/gif", "gif")),
    (b"II*\x00", Kind("image", "image/tiff", "tiff_pipe")),
    (b"MM\x00*", Kind("image", "image/tiff", "tiff_pipe")),
    (b"fLaC", Kind("audio", "audio/flac", "flac")),
    (b"OggS", Kind("audio", "audio/ogg", "ogg")),
    (b"\x1aE\xdf\xa3", Kind("video", "video/x-matroska", "matroska,webm")),
    (b"%PDF-", Kind("document", "application/pdf")),
    (b"PK\x03\x04", Kind("archive", "application/zip")),
)

_BITMAP = Kind("image", "image/bmp", "bmp_pipe")
_MP3 = Kind("audio", "audio/mpeg", "mp3")

_BY_RIFF_FORM = {
    b"WAVE": Kind("audio", "audio/wav", "wav"),
    b"WEBP": Kind("image", "image/webp", "webp_pipe"),
    b"AVI ": Kind("video", "video/x-msvideo", "avi"),
}

_AUDIO_BRANDS = {b"M4A ", b"M4B "}
_PICTURE_BRANDS = {b"heic", b"heix", b"mif1", b"avif", b"avis"}

_HTML_BEGINNINGS = (b"<!doctype html", b"<html")
_TEXT_MIME_OF_SUFFIX = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
}
"""Forms of text that nothing but the name can tell: a table is also a text with commas."""

_FAMILY_OF_DOCUMENT_SUFFIX = {".pdf": "document", ".zip": "archive"}


def sniff(path: Path) -> Kind:
    """Look at the first 4 KiB of a file.

    Raises:
        InvalidInput: The file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise InvalidInput(msg) from error
    return sniff_bytes(head)


def sniff_bytes(head: bytes) -> Kind:
    """The kind of content that begins with these bytes."""
    if not head:
        return EMPTY
    for prefix, kind in _BY_PREFIX:
        if head.startswith(prefix):
            return kind
    if head[:4] == b"RIFF" and head[8:12] in _BY_RIFF_FORM:
        return _BY_RIFF_FORM[head[8:12]]
    if head[4:8] == b"ftyp" and head[0] == 0:
        return _iso_media(head[8:12])
    if _is_bitmap(head):
        return _BITMAP
    if _is_mp3(head):
        return _MP3
    return _text(head) if _is_text(head) else UNKNOWN


def told_by_name(kind: Kind, name: str) -> Kind:
    """The form of a text, by the ending of its name; anything but plain text stays as it is."""
    mime = _TEXT_MIME_OF_SUFFIX.get(Path(name).suffix.lower())
    return Kind("text", mime) if kind == PLAIN_TEXT and mime else kind


def _is_bitmap(head: bytes) -> bool:
    """`BM`, then a size, four bytes that are reserved, an offset and one of the header sizes."""
    reserved, header_size = head[6:10], int.from_bytes(head[14:18], "little")
    return head[:2] == b"BM" and reserved == bytes(4) and 12 <= header_size <= 124


def _is_mp3(head: bytes) -> bool:
    """An ID3 tag of version 2 to 4, or a frame without a tag: eleven sync bits and layer III."""
    if head[:3] == b"ID3":
        return len(head) > 3 and 2 <= head[3] <= 4
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2


def check_name(path: Path, kind: Kind, name: str = "") -> None:
    """Refuse a file whose ending promises another family than its content has.

    Raises:
        InvalidInput: Such as a text file that is named `.mp4`.
    """
    suffix = Path(name or path.name).suffix.lower()
    promised = _promised_family(suffix)
    if promised is None or promised == kind.family:
        return
    if {promised, kind.family} <= {"audio", "video"}:
        return  # a container may hold either; probing decides
    msg = (
        f"{name or path.name} ends in {suffix} but holds {kind.mime}; "
        f"give the real {promised} file, or rename it to what it is"
    )
    raise InvalidInput(msg)


def _promised_family(suffix: str) -> str | None:
    if suffix in _FAMILY_OF_DOCUMENT_SUFFIX:
        return _FAMILY_OF_DOCUMENT_SUFFIX[suffix]
    guessed = mimetypes.guess_type(f"x{suffix}")[0]
    if guessed is None:
        return None
    family = guessed.split("/", 1)[0]
    if guessed == "image/svg+xml":
        return "text"
    return family if family in {"image", "audio", "video", "text"} else None


def _iso_media(brand: bytes) -> Kind:
    if brand in _AUDIO_BRANDS:
        return Kind("audio", "audio/mp4", _MOV)
    if brand in _PICTURE_BRANDS:
        return Kind("image", "image/heif")
    if brand == b"qt  ":
        return Kind("video", "video/quicktime", _MOV)
    return Kind("video", "video/mp4", _MOV)


def _text(head: bytes) -> Kind:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return WEB_PAGE if start.startswith(_HTML_BEGINNINGS) else PLAIN_TEXT


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # the head may end in the middle of a character
        return error.start >= len(head) - 3
    return True
