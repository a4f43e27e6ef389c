"""A folder as one resource: a zip whose bytes depend only on the names and contents inside."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from controlllm_tools.errors import InvalidInput

FOLDER_MIME = "application/zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAX_ENTRIES = 10_000
_MAX_TOTAL_BYTES = 8 * 2**30
_CHUNK_BYTES = 2**20
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, RuntimeError,
)  # fmt: skip
"""What `zipfile` raises on broken, encrypted or unknown content; NotImplementedError is among
the RuntimeErrors, and so is the request for a password."""
_STORED_SUFFIXES = {".mp4", ".png", ".jpg", ".jpeg", ".webp", ".mp3", ".m4a", ".flac", ".zip"}


def pack(folder: Path, archive: Path) -> Path:
    """Zip a folder with fixed times and order; media that is already packed is only stored."""
    with zipfile.ZipFile(archive, "w") as out:
        files = (p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
        for path in sorted(files):
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            stored = path.suffix.lower() in _STORED_SUFFIXES
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.file_size = path.stat().st_size  # says whether 64-bit sizes are needed
            with path.open("rb") as source, out.open(info, "w") as target:
                while chunk := source.read(_CHUNK_BYTES):
                    target.write(chunk)
    return archive


def names(archive: Path) -> tuple[str, ...]:
    """The files inside, checked.

    Raises:
        InvalidInput: Not a zip, too many or too large entries, a link, two entries for one place,
            or a name that leaves the folder.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            entries = packed.infolist()
    except _BROKEN as error:
        msg = f"{archive.name} is not a packed folder: {error}"
        raise InvalidInput(msg) from error
    if len(entries) > _MAX_ENTRIES or sum(e.file_size for e in entries) > _MAX_TOTAL_BYTES:
        msg = f"{archive.name} unpacks to more than the limit"
        raise InvalidInput(msg)
    files = [entry for entry in entries if not entry.is_dir()]
    for entry in files:
        if fault := _fault(entry):
            msg = f"{archive.name} holds {entry.filename!r}, which {fault}"
            raise InvalidInput(msg)
    found = [entry.filename for entry in files]
    taken = [PurePosixPath(name) for name in found]
    above = {parent for path in taken for parent in path.parents}
    if len(set(taken)) < len(taken) or not above.isdisjoint(taken):
        msg = f"{archive.name} uses a name twice"
        raise InvalidInput(msg)
    return tuple(found)


def _fault(entry: zipfile.ZipInfo) -> str:
    name = entry.filename
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name.split("/")[0]:
        return "leaves the folder"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link"
    return "" if path.parts else "is no name"


def unpack(archive: Path, folder: Path) -> Path:
    """Write the files of a packed folder below `folder`, over those that are there.

    Raises:
        InvalidInput: See `names`; also when the content is damaged or encrypted.
    """
    inside = names(archive)
    try:
        with zipfile.ZipFile(archive) as packed:
            for name in inside:
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(name) as source, target.open("wb") as out:
                    while chunk := source.read(_CHUNK_BYTES):
                        out.write(chunk)
    except _BROKEN as error:
        msg = f"{archive.name} is damaged: {error}"
        raise InvalidInput(msg) from error
    return folder
