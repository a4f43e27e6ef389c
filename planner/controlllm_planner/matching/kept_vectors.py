"""What an encoder made of the texts of cards, kept in a folder: cards change seldom."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from zipfile import BadZipFile

import numpy as np

from controlllm_planner.matching.sentence_encoder import GRAIN, Encoder
from controlllm_planner.matching.word_vectors import Matrix

_UNREADABLE = (KeyError, TypeError, EOFError, BadZipFile, RuntimeError, zlib.error)
"""Beside `OSError` and `ValueError`, what reading a damaged archive raises."""

Told = Callable[[int, int], None]
"""Is told how many of how many texts are read."""

_AT_ONCE = 2_000
"""Texts that are read before it is told again; about half a second."""

_DIGEST_BYTES = 16
_MOST = 50_000
"""Texts that a file keeps; when there are more, only those of the last catalogue stay."""


class KeptVectors:
    """An encoder that reads each text once; see `Encoder`.

    One file for each encoder, named by its digest. A file that cannot be read is made anew, and a
    folder that cannot be written costs time only.
    """

    def __init__(self, encoder: Encoder, folder: Path, told: Told | None = None) -> None:
        """Read nothing yet.

        Args:
            encoder: What reads.
            folder: Where what it made is kept.
            told: Is told of reading that takes long.
        """
        self._encoder = encoder
        self._told = told
        self._file = folder / f"sentences-{encoder.digest[:16]}.npz"
        self.folder, self.digest, self.width = encoder.folder, encoder.digest, encoder.width

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See `Encoder`; only texts that were never seen are encoded."""
        known, vectors = self._read()
        rows = {digest: row for row, digest in enumerate(known)}
        digests = [_digest(text) for text in texts]
        new = {
            digest: text for digest, text in zip(digests, texts, strict=True) if digest not in rows
        }
        if new:
            made = np.concatenate(list(self._encoded(list(new.values()))))
            rows |= {digest: len(known) + at for at, digest in enumerate(new)}
            known, vectors = [*known, *new], np.concatenate([vectors, made])
            kept = list(range(len(known)))
            if len(known) > _MOST:
                kept = sorted({rows[digest] for digest in digests})
            self._write([known[row] for row in kept], vectors[kept])
        found: Matrix = vectors[[rows[digest] for digest in digests]]
        return found

    def _encoded(self, texts: Sequence[str]) -> Iterator[Matrix]:
        told = self._told if len(texts) > _AT_ONCE else None
        for at in range(0, len(texts), _AT_ONCE):
            if told:
                told(at, len(texts))
            yield self._encoder.encode(texts[at : at + _AT_ONCE])
        if told:
            told(len(texts), len(texts))

    def _read(self) -> tuple[list[bytes], Matrix]:
        try:
            with self._file.open("rb") as stream, np.load(stream) as stored:
                flat, grains = stored["digests"].tobytes(), stored["vectors"]
            starts = range(0, len(flat), _DIGEST_BYTES)
            if grains.dtype == np.int16 and grains.shape == (len(starts), self.width):
                known = [flat[at : at + _DIGEST_BYTES] for at in starts]
                return known, grains.astype(np.float32) / GRAIN
        except (*_UNREADABLE, OSError, ValueError):
            pass  # missing, cut off, damaged or of another kind
        return [], np.zeros((0, self.width), dtype=np.float32)

    def _write(self, known: Sequence[bytes], vectors: Matrix) -> None:
        """Write the file under another name first, so that nobody reads half of it."""
        listed = np.frombuffer(b"".join(known), dtype=np.uint8)
        grains = np.round(vectors * GRAIN).astype(np.int16)
        # a full or locked disk: the texts are encoded again next time
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._file.parent, suffix=".part", delete=False) as made:
                part = Path(made.name)
            try:
                with part.open("wb") as stream:
                    np.savez(stream, digests=listed, vectors=grains)
                part.replace(self._file)
            finally:
                part.unlink(missing_ok=True)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:_DIGEST_BYTES]
