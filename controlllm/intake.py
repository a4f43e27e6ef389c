"""Take a file of a user in: measure it, name its type, store its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from controlllm.execution.artifacts import ArtifactStore
from controlllm_planner.task import Attachment
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.probe import probe
from controlllm_tools.media.sniff import Kind
from controlllm_tools.resources import (
    INLINE_LIMIT_BYTES,
    NAME_LIMIT_CHARS,
    MediaFacts,
    Resource,
    ResourceType,
    printable,
)

_TYPE_OF_FAMILY = {"image": "image", "audio": "audio", "video": "video", "text": "text"}
_TYPE_OF_MIME = {
    "application/pdf": "document.pdf",
    "application/json": "text.json",
    "text/csv": "table",
    "text/tab-separated-values": "table",
    "text/markdown": "text.markdown",
    "text/html": "text.html",
}
_TYPE_OF_MOVING_MIME = {"image/gif": "image.animation"}
_TYPE_OF_SUFFIX = {".srt": "text.subtitles", ".vtt": "text.subtitles"}

FILE_TYPES = frozenset(
    map(
        ResourceType,
        (
            *_TYPE_OF_FAMILY.values(),
            *_TYPE_OF_MIME.values(),
            *_TYPE_OF_MOVING_MIME.values(),
            *_TYPE_OF_SUFFIX.values(),
        ),
    )
)
"""What a file that a person hands over may be."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Turns files into attachments.

    Attributes:
        artifacts: Where bytes are stored.
        types: The types that the catalogue knows.
    """

    artifacts: ArtifactStore
    types: Collection[str]

    def attach(self, path: Path, taken: Collection[str] = (), name: str = "") -> Attachment:
        """Store a file and describe it.

        Args:
            path: The file.
            taken: Names that other attachments of the request have.
            name: How to call it; by default the file's own name.

        Raises:
            InvalidInput: Missing, empty, broken, misnamed, over a limit, or of no known kind.
            StorageFull: No space is left.
        """
        shown = printable(name or path.name, NAME_LIMIT_CHARS)
        kind, facts = probe(path, name=shown)
        type_ = self._type(kind, facts, shown)
        text = _inline_text(path, kind, shown)
        if text is None:
            sha256, size_bytes = self.artifacts.store_file(path.resolve())
        else:
            # the file may change while it is read; what counts is what was read
            content = text.encode()
            sha256, size_bytes = hashlib.sha256(content).hexdigest(), len(content)
        resource = Resource(
            type=type_,
            sha256=sha256,
            size_bytes=size_bytes,
            mime=kind.mime,
            name=shown,
            facts=facts,
            text=text,
            caption=str(facts),
        )
        return Attachment(name=_unique(shown, taken), type=type_, resource=resource)

    def _type(self, kind: Kind, facts: MediaFacts, shown: str) -> ResourceType:
        """The narrowest type for the content that the catalogue knows, or a type above it."""
        by_suffix = _TYPE_OF_SUFFIX.get(Path(shown).suffix.lower())
        moving = _TYPE_OF_MOVING_MIME.get(kind.mime) if (facts.frames or 1) > 1 else None
        wanted = [
            by_suffix if kind.family == "text" else None,
            moving or _TYPE_OF_MIME.get(kind.mime),
            _TYPE_OF_FAMILY.get(kind.family),
        ]
        types = [ResourceType(each) for each in wanted if each]
        if not types:
            msg = f"{shown} holds {kind.mime}, which no tool of the catalogue reads"
            raise InvalidInput(msg)
        known = (above for type_ in types for above in type_.ancestors() if above in self.types)
        return next(known, types[0])


def _inline_text(path: Path, kind: Kind, shown: str) -> str | None:
    """The content of a small text file, byte for byte: no line ending is changed."""
    if kind.family != "text":
        return None
    try:
        with path.open("rb") as stream:
            content = stream.read(INLINE_LIMIT_BYTES + 1)
        return content.decode() if len(content) <= INLINE_LIMIT_BYTES else None
    except OSError as error:
        msg = f"cannot read {shown}: {error.strerror}"
        raise InvalidInput(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{shown} is not UTF-8 text; save it as UTF-8"
        raise InvalidInput(msg) from error


def _unique(name: str, taken: Collection[str]) -> str:
    """The name, numbered when another attachment has it already."""
    stem, suffix = Path(name).stem, Path(name).suffix
    candidate, number = name, 2
    while candidate in taken:
        candidate = f"{stem}-{number}{suffix}"
        number += 1
    return candidate
