"""The box structure of MP4 and QuickTime files (ISO/IEC 14496-12), as far as probing needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_MOST_BOXES = 100_000


@dataclass(frozen=True, slots=True)
class _Part:
    """One box: its four-letter name, and where its content begins and ends in the file."""

    name: bytes
    begin: int
    end: int


def is_cut_off(path: Path) -> bool:
    """Whether the last top-level box says that it ends after the file does."""
    size_bytes = path.stat().st_size
    with path.open("rb") as stream:
        return any(part.end > size_bytes for part in _parts(stream, 0, size_bytes))


def lies_on_its_side(path: Path) -> bool:
    """Whether the first video track is to be shown after a quarter turn, as phones record it.

    Decoders turn the frames, so the width of what one sees is the height of what is coded.
    """
    size_bytes = path.stat().st_size
    with path.open("rb") as stream:
        for movie in _named(stream, 0, size_bytes, b"moov"):
            for track in _named(stream, movie.begin, movie.end, b"trak"):
                if _handler(stream, track) == b"vide":
                    return _is_quarter_turn(stream, track)
    return False


def _handler(stream: IO[bytes], track: _Part) -> bytes:
    for media in _named(stream, track.begin, track.end, b"mdia"):
        for handler in _named(stream, media.begin, media.end, b"hdlr"):
            stream.seek(handler.begin + 8)
            return stream.read(4)
    return b""


def _is_quarter_turn(stream: IO[bytes], track: _Part) -> bool:
    """Read the matrix of the track header: (a b; c d) turns by a quarter when a and d are zero."""
    for header in _named(stream, track.begin, track.end, b"tkhd"):
        stream.seek(header.begin)
        # version 1 has three 64-bit fields where version 0 has 32-bit ones
        before_matrix = 52 if stream.read(1) == b"\x01" else 40
        stream.seek(header.begin + before_matrix)
        matrix = stream.read(36)
        a, b, c, d = (
            int.from_bytes(matrix[at : at + 4], "big", signed=True) for at in (0, 4, 12, 16)
        )
        return a == 0 and d == 0 and b != 0 and c != 0
    return False


def _named(stream: IO[bytes], begin: int, end: int, name: bytes) -> Iterator[_Part]:
    return (part for part in _parts(stream, begin, end) if part.name == name and part.end <= end)


def _parts(stream: IO[bytes], begin: int, end: int) -> Iterator[_Part]:
    """The boxes that follow one another from `begin`; a box may claim to reach beyond `end`."""
    offset = begin
    for _ in range(_MOST_BOXES):
        if offset + 8 > end:
            return
        stream.seek(offset)
        header = stream.read(16)
        length, content = int.from_bytes(header[:4], "big"), 8
        if length == 1:
            length, content = int.from_bytes(header[8:16], "big"), 16
        elif length == 0:
            length = end - offset  # the last box reaches to the end
        if length < content:
            length = end - offset + 1  # nonsense stands for a box that never ends
        yield _Part(header[4:8], offset + content, offset + length)
        offset += length
