"""A folder as one resource: a zip whose bytes depend only on the names and contents inside."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from controlllm_tools.errors import InvalidInput

FOLDER_MIME = "application/zip"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAX_ENTRIES = 10_000
_MAX_TOTAL_BYTES = 8 * 2**30
_CHUNK_BYTES = 2**20
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
            with path.open("rb") as source, out.open(info, "w") as target:
                while chunk := source.read(_CHUNK_BYTES):
                    target.write(chunk)
    return archive


def names(archive: Path) -> tuple[str, ...]:
    """The files inside, checked.

    Raises:
        InvalidInput: Not a zip, too many or too large entries, or a name that leaves the folder.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        msg = f"{archive.name} is not a packed folder: {error}"
        raise InvalidInput(msg) from error
    if len(entries) > _MAX_ENTRIES or sum(e.file_size for e in entries) > _MAX_TOTAL_BYTES:
        msg = f"{archive.name} unpacks to more than the limit"
        raise InvalidInput(msg)
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
            msg = f"{archive.name} holds {entry.filename!r}, which leaves the folder"
            raise InvalidInput(msg)
    return tuple(entry.filename for entry in entries if not entry.is_dir())


def unpack(archive: Path, folder: Path) -> Path:
    """Write the files of a packed folder below `folder`.

    Raises:
        InvalidInput: See `names`.
    """
    inside = names(archive)
    with zipfile.ZipFile(archive) as packed:
        for name in inside:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(name) as source, target.open("wb") as out:
                while chunk := source.read(_CHUNK_BYTES):
                    out.write(chunk)
    return folder
