"""Artefact store: files by sha256, written so that a name never stands for half a file.

A file is hashed while it is copied to a temporary name on the same filesystem, flushed to disk and
renamed to its digest; then the folder entries are flushed. Only after that may a database row point
to it. What a crash leaves behind is a temporary file or a file without a row; `sweep` removes both.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from controlllm_tools.errors import InvalidInput, ToolError
from controlllm_tools.perform import Product
from controlllm_tools.resources import (
    CAPTION_LIMIT_CHARS,
    NAME_LIMIT_CHARS,
    Resource,
    printable,
)

_CHUNK_BYTES = 2**20
_TEMPORARY = ".tmp-"
_LOCK = ".lock"
_OURS = re.compile(rf"[0-9a-f]{{64}}|{re.escape(_TEMPORARY)}[0-9a-f]+")
_FULL = {errno.ENOSPC, errno.EDQUOT}


class StorageFull(ToolError):
    """There is no space left for an artefact; final for the step, other results stay."""

    kind = "no_space"


class CorruptArtifact(ToolError):
    """Stored bytes do not match their digest; the producing step has to be run again."""

    kind = "corrupt_artifact"


@dataclass(frozen=True, slots=True)
class ArtifactStore:
    """A folder of files named by their content.

    Attributes:
        root: Folder of the store; made when the first file is stored.
        durable: Whether to flush to disk before a file counts as stored.
    """

    root: Path
    durable: bool = True

    def path(self, sha256: str) -> Path:
        """Where the content with this digest lies, or would lie."""
        return self.root / sha256[:2] / sha256

    def has(self, sha256: str, size_bytes: int) -> bool:
        """Whether the content is there in full length."""
        try:
            return self.path(sha256).stat().st_size == size_bytes
        except OSError:
            return False

    def store_file(self, source: Path) -> tuple[str, int]:
        """Copy a file in.

        Returns:
            Digest and length in bytes.

        Raises:
            InvalidInput: The source cannot be read, or is a link or no file.
            StorageFull: No space is left.
        """
        with _opened(source) as stream:
            return self._store(iter(lambda: stream.read(_CHUNK_BYTES), b""))

    def store_product(self, product: Product) -> Resource:
        """Store what a tool made; small text stays inline and needs no file.

        Raises:
            StorageFull: No space is left.
        """
        if product.path is None:
            text = product.text or ""
            content = text.encode()
            sha256, size_bytes = hashlib.sha256(content).hexdigest(), len(content)
        else:
            text = None
            sha256, size_bytes = self.store_file(product.path)
        return Resource(
            type=product.type,
            sha256=sha256,
            size_bytes=size_bytes,
            mime=product.mime,
            name=printable(product.name, NAME_LIMIT_CHARS),
            facts=product.facts,
            text=text,
            caption=printable(product.caption, CAPTION_LIMIT_CHARS),
        )

    def verify(self, resource: Resource) -> None:
        """Hash the stored bytes again.

        Raises:
            CorruptArtifact: They are gone or changed.
        """
        if resource.text is not None:
            return
        digest = hashlib.sha256()
        try:
            with self.path(resource.sha256).open("rb") as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    digest.update(chunk)
        except OSError as error:
            msg = f"{resource.handle} is gone from the artefact store: {error.strerror}"
            raise CorruptArtifact(msg) from error
        if digest.hexdigest() != resource.sha256:
            msg = f"{resource.handle} was changed on disk; run the step that made it again"
            raise CorruptArtifact(msg)

    def sweep(self, referenced: Collection[str], *, now_s: float, grace_s: float) -> list[Path]:
        """Remove files that no row points to and that are older than the grace time.

        Args:
            referenced: Digests that must stay.
            now_s: Current time, in seconds since the epoch.
            grace_s: Age below which a file may belong to a step that is about to commit.

        Returns:
            What was removed.
        """
        return [
            path
            for path in self._files()
            if path.name not in referenced and self._remove_if_old(path, now_s - grace_s)
        ]

    def _remove_if_old(self, path: Path, limit_s: float) -> bool:
        # A store of the same content gives the name a new, young file; it waits for the lock, so
        # that the file that is looked at is the file that is removed.
        with self._locked(fcntl.LOCK_EX):
            try:
                old = path.stat().st_mtime <= limit_s
            except FileNotFoundError:
                return False  # another sweep was faster
            if old:
                path.unlink()
            return old

    def _files(self) -> Iterator[Path]:
        """What the store wrote; anything else in the folder is not ours to remove."""
        if self.root.is_dir():
            files = (path for path in self.root.rglob("*") if _OURS.fullmatch(path.name))
            yield from sorted(path for path in files if path.is_file())

    def _store(self, chunks: Iterator[bytes]) -> tuple[str, int]:
        digest, size_bytes = hashlib.sha256(), 0
        temporary = self.root / f"{_TEMPORARY}{secrets.token_hex(8)}"
        try:
            self._make_root()
            with temporary.open("xb") as out:
                for chunk in chunks:
                    digest.update(chunk)
                    size_bytes += out.write(chunk)
                out.flush()
                if self.durable:
                    os.fsync(out.fileno())
            temporary.chmod(0o444)
            self._settle(temporary, digest.hexdigest())
        except BaseException as error:
            temporary.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in _FULL:
                msg = f"no space is left in {self.root}; free some and run the step again"
                raise StorageFull(msg) from error
            raise
        return digest.hexdigest(), size_bytes

    def _make_root(self) -> None:
        if not self.root.is_dir():
            self.root.mkdir(parents=True, exist_ok=True)
            self._flush(self.root.parent)

    def _settle(self, temporary: Path, sha256: str) -> None:
        target = self.path(sha256)
        with self._locked(fcntl.LOCK_SH):
            target.parent.mkdir(exist_ok=True)
            temporary.rename(target)
        self._flush(target.parent)
        # the folder may be new, and not by us: only what we flushed ourselves is certain
        self._flush(self.root)

    def _flush(self, folder: Path) -> None:
        if self.durable:
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        """Hold the store's lock: shared to put a file in place, alone to remove one."""
        descriptor = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)


@contextmanager
def _opened(source: Path) -> Iterator[BinaryIO]:
    """A regular file to read from.

    Raises:
        InvalidInput: It cannot be read, or is a link, or no file.
    """
    try:
        # a link that a tool planted must not be followed out of its scratch folder, and a pipe
        # must not make us wait for somebody to write to it
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        msg = f"cannot read {source.name}: {error.strerror}"
        raise InvalidInput(msg) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        msg = f"cannot read {source.name}: it is no regular file"
        raise InvalidInput(msg)
    with os.fdopen(descriptor, "rb") as stream:
        yield stream
