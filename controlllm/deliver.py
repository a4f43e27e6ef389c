"""Put the results of a run into a folder of the user's; what lies there already is never touched.

A name that is taken by the very same content is used again, so that a result that is fetched twice
lies there once; by anything else, and the result takes the next free name: `edges-2.png`.
"""

from __future__ import annotations

import hashlib
import mimetypes
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import BinaryIO

from controlllm.answer import Delivery, RunResult
from controlllm.errors import ArtifactLost
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import folders
from controlllm_tools.resources import Resource

_SUFFIX_OF_MIME = {"text/plain": ".txt", "application/json": ".json", "image/jpeg": ".jpg"}
_STEM_LIMIT_CHARS = 60
"""Short enough for any file system, in any script, with a number and an ending."""


def deliver(
    result: RunResult, path_of: Callable[[Resource], Path | None], out: Path
) -> dict[int, Path]:
    """Copy every result out; a packed folder is unpacked, inline text becomes a file.

    Args:
        result: Of the run.
        path_of: The stored file of an artefact; None when it is inline.
        out: Folder to write to; made when missing.

    Returns:
        Where each result lies, by its position; for a web page, its index.html.

    Raises:
        InvalidInput: The folder cannot be written.
        ArtifactLost: A stored file is gone.
    """
    make_writable(out)
    taken: set[Path] = set()
    places = {}
    with _refused_by(out):
        for number, each in enumerate(result.deliveries):
            place = _put(each.resource, path_of(each.resource), out / _file_name(each), taken)
            taken.add(place)
            places[number] = place / "index.html" if place.is_dir() else place
    return places


def make_writable(out: Path) -> None:
    """Make the folder where it is missing, and prove that it can be written.

    Raises:
        InvalidInput: It cannot; the message says why.
    """
    if out.exists() and not out.is_dir():
        msg = f"cannot write into {out}: it is no folder"
        raise InvalidInput(msg)
    with _refused_by(out):
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass


def put_file(source: Path, target: Path) -> Path:
    """Copy a file to a name, or to the next free one when that holds something else.

    Raises:
        InvalidInput: The folder of the target cannot be written.
    """
    make_writable(target.parent)
    with _refused_by(target.parent):
        return _put_file(source, target, set())


def safe_name(resource: Resource, otherwise: str) -> str:
    """The artefact's own name made safe, with an ending that fits its content."""
    name = Path(resource.name.replace("\\", "/")).name
    name = "".join(char if char.isalnum() or char in " ._-" else "_" for char in name).strip(" .")
    suffix = _SUFFIX_OF_MIME.get(resource.mime) or mimetypes.guess_extension(resource.mime) or ""
    stem, own = Path(name).stem, Path(name).suffix
    return f"{stem[:_STEM_LIMIT_CHARS] or otherwise}{own[:_STEM_LIMIT_CHARS] or suffix}"


def holds(path: Path, sha256: str) -> bool:
    """Whether a file is there and has this digest."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == sha256


def _file_name(delivery: Delivery) -> str:
    return safe_name(delivery.resource, delivery.port)


def _put(resource: Resource, stored: Path | None, target: Path, taken: set[Path]) -> Path:
    if stored is None:
        with tempfile.NamedTemporaryFile() as inline:
            inline.write((resource.text or "").encode())
            inline.flush()
            return _put_file(Path(inline.name), target, taken)
    if not stored.is_file():
        msg = f"{resource.handle} is gone from the artefact store; replay the run that made it"
        raise ArtifactLost(msg)
    if resource.type.root == "document" and resource.mime == folders.FOLDER_MIME:
        return _put_folder(stored, target.with_suffix(""), taken)
    return _put_file(stored, target, taken)


def _put_file(source: Path, target: Path, taken: set[Path]) -> Path:
    with source.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        for path in _names_like(target):
            if path in taken:
                continue
            if holds(path, sha256):
                return path
            try:
                # "x" makes it and never follows or overwrites what somebody put there meanwhile
                with path.open("xb") as out:
                    return _filled(stream, out, path)
            except FileExistsError:
                continue
    raise AssertionError  # names never run out


def _put_folder(archive: Path, target: Path, taken: set[Path]) -> Path:
    for path in _names_like(target):
        if path in taken:
            continue
        if _holds_folder(path, archive):
            return path
        try:
            path.mkdir()
        except FileExistsError:
            continue
        try:
            return folders.unpack(archive, path)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)  # made by us a moment ago
            raise
    raise AssertionError  # names never run out


def _names_like(target: Path) -> Iterator[Path]:
    yield target
    for number in count(2):
        yield target.with_name(f"{target.stem}-{number}{target.suffix}")


def _filled(source: BinaryIO, out: BinaryIO, path: Path) -> Path:
    """The file with all of the content, or, where that does not fit, no file."""
    try:
        source.seek(0)
        shutil.copyfileobj(source, out)
        out.flush()
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _holds_folder(folder: Path, archive: Path) -> bool:
    """Whether a folder holds the very files of a packed one, and nothing else."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    inside = set(folders.names(archive))
    found = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    if {path.relative_to(folder).as_posix() for path in found} != inside:
        return False
    with zipfile.ZipFile(archive) as packed:
        for name in inside:
            with packed.open(name) as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
            if not holds(folder / name, digest):
                return False
    return True


@contextmanager
def _refused_by(folder: Path) -> Iterator[None]:
    """What the user's disk says, in our words."""
    try:
        yield
    except OSError as error:
        msg = f"cannot write into {folder}: {error.strerror or error}"
        raise InvalidInput(msg) from error
