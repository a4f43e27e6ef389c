"""Artefact store: files by sha256, written so that a name never stands for half a file.

A file is hashed while it is copied to a temporary name on the same filesystem, flushed to disk and
renamed to its digest; then the folder entry is flushed. Only after that may a database row point to
it. What a crash leaves behind is a temporary file or a file without a row; `sweep` removes both.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from controlllm_tools.errors import InvalidInput, ToolError
from controlllm_tools.perform import Product
from controlllm_tools.resources import Resource

_CHUNK_BYTES = 2**20
_TEMPORARY = ".tmp-"


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
            InvalidInput: The source cannot be read, or is a link.
            StorageFull: No space is left.
        """
        try:
            # a link that a tool planted must not be followed out of its scratch folder
            descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            msg = f"cannot read {source.name}: {error.strerror}"
            raise InvalidInput(msg) from error
        with os.fdopen(descriptor, "rb") as stream:
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
            name=product.name,
            facts=product.facts,
            text=text,
            caption=product.caption,
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
        removed = []
        for path in self._files():
            if path.name in referenced or now_s - path.stat().st_mtime < grace_s:
                continue
            path.unlink(missing_ok=True)
            removed.append(path)
        return removed

    def _files(self) -> Iterator[Path]:
        if self.root.is_dir():
            yield from sorted(p for p in self.root.rglob("*") if p.is_file())

    def _store(self, chunks: Iterator[bytes]) -> tuple[str, int]:
        digest, size_bytes = hashlib.sha256(), 0
        temporary = self.root / f"{_TEMPORARY}{secrets.token_hex(8)}"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with temporary.open("xb") as out:
                for chunk in chunks:
                    digest.update(chunk)
                    size_bytes += out.write(chunk)
                out.flush()
                if self.durable:
                    os.fsync(out.fileno())
            temporary.chmod(0o444)
            return self._settle(temporary, digest.hexdigest()), size_bytes
        except OSError as error:
            temporary.unlink(missing_ok=True)
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                msg = f"no space is left in {self.root}; free some and run the step again"
                raise StorageFull(msg) from error
            raise

    def _settle(self, temporary: Path, sha256: str) -> str:
        target = self.path(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.rename(target)
        if self.durable:
            folder = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return sha256
