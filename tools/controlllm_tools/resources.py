"""What flows between tools: dotted types and immutable resources.

A resource is a value, not a place: it names its bytes by sha256 and carries what a planner or a
person wants to know about them. Where the bytes lie is the artefact store's business.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields, replace
from typing import Any, Self

TYPE_NAME = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*", re.IGNORECASE)

NAME_LIMIT_CHARS = 150
CAPTION_LIMIT_CHARS = 500
INLINE_LIMIT_BYTES = 65_536
"""Text up to this size travels inside the resource and the database; larger text is a file."""


class ResourceType(str):
    """A dotted type name; `image.mask` is an `image`, so a port of type `image` accepts it."""

    __slots__ = ()

    def __new__(cls, name: str) -> Self:
        """Check and intern the name.

        Raises:
            ValueError: The name is not dotted words.
        """
        if not TYPE_NAME.fullmatch(name):
            msg = f"{name!r} is not a type name; use words joined by dots, such as image.mask"
            raise ValueError(msg)
        return super().__new__(cls, name)

    @property
    def root(self) -> str:
        """The family of the type: `image` for `image.mask`."""
        return self.split(".", 1)[0]

    @property
    def refined(self) -> bool:
        """Whether the type says more than its family; only such a type carries an intent."""
        return "." in self

    def accepts(self, other: str) -> bool:
        """Whether a port of this type may hold a resource of type `other`."""
        return other == self or other.startswith(self + ".")

    def distance(self, other: str) -> int:
        """How many refinements `other` is below this type; 0 when equal, -1 when not accepted."""
        if not self.accepts(other):
            return -1
        return other.count(".") - self.count(".")

    def ancestors(self) -> tuple[ResourceType, ...]:
        """This type and everything above it, nearest first."""
        words = self.split(".")
        return tuple(ResourceType(".".join(words[:n])) for n in range(len(words), 0, -1))


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """Measured facts of a medium; a field that does not apply is None.

    Attributes:
        width_px: Picture width.
        height_px: Picture height.
        duration_s: Length in seconds.
        fps: Frames a second.
        frames: Number of frames, where the container says it.
        sample_rate_hz: Samples a second, per channel.
        channels: Audio channels; 0 for a video without sound.
        pages: Pages of a document.
    """

    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    fps: float | None = None
    frames: int | None = None
    sample_rate_hz: int | None = None
    channels: int | None = None
    pages: int | None = None

    def known(self) -> dict[str, int | float]:
        """The facts that apply, by name."""
        values = ((name, getattr(self, name)) for name in MediaFacts.__slots__)
        return {name: value for name, value in values if value is not None}

    def __str__(self) -> str:
        parts = []
        if self.width_px and self.height_px:
            parts.append(f"{self.width_px}x{self.height_px} px")
        if self.duration_s is not None:
            parts.append(f"{self.duration_s:.1f} s")
        if self.sample_rate_hz:
            parts.append(f"{self.sample_rate_hz} Hz")
        if self.pages:
            parts.append(f"{self.pages} pages")
        return ", ".join(parts)


NO_FACTS = MediaFacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """An immutable piece of content with a type.

    Attributes:
        type: What it is, as tools see it.
        sha256: Digest of the bytes; for inline content, of its UTF-8 text.
        size_bytes: Length of those bytes.
        mime: Media type found by looking at the content.
        name: For people; carries no meaning.
        facts: Measured facts of the medium.
        text: The content itself when it is small text or JSON, else None.
        caption: One line for people and planners.
    """

    type: ResourceType
    sha256: str
    size_bytes: int
    mime: str
    name: str = ""
    facts: MediaFacts = NO_FACTS
    text: str | None = None
    caption: str = ""

    @classmethod
    def of_text(cls, type_: str, text: str, *, name: str = "", mime: str = "text/plain") -> Self:
        """Wrap text that is small enough to travel inline.

        Raises:
            ValueError: The text is longer than `INLINE_LIMIT_BYTES`.
        """
        content = text.encode()
        if len(content) > INLINE_LIMIT_BYTES:
            msg = f"{name or type_} has {len(content)} bytes of text; store it as a file"
            raise ValueError(msg)
        return cls(
            type=ResourceType(type_),
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            mime=mime,
            name=name,
            text=text,
        )

    @classmethod
    def of_value(cls, type_: str, value: object, *, name: str = "") -> Self:
        """Wrap a number, a boolean, a list or an object as canonical JSON; a string stays text."""
        if isinstance(value, str):
            return cls.of_text(type_, value, name=name)
        return cls.of_text(type_, canonical_json(value), name=name, mime="application/json")

    @property
    def handle(self) -> str:
        """The name by which people and programs point at this content."""
        return f"{self.type.root}:{self.sha256[:12]}"

    @property
    def value(self) -> Any:  # noqa: ANN401 - JSON has no closed type
        """The inline content as a Python value.

        Raises:
            ValueError: The content is stored bytes, not inline.
        """
        if self.text is None:
            msg = f"{self.handle} is a file; read it from the artefact store"
            raise ValueError(msg)
        return json.loads(self.text) if self.mime == "application/json" else self.text

    def with_name(self, name: str) -> Self:
        """The same content under another display name."""
        return replace(self, name=name)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the journal, the wire and the worker."""
        return {
            "type": str(self.type),
            "sha256": self.sha256,
            "size_bytes": self.size_bytes,
            "mime": self.mime,
            "name": self.name,
            "facts": self.facts.known(),
            "text": self.text,
            "caption": self.caption,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Undo `to_json`; facts of a newer version that this one does not know are dropped."""
        known = {field.name for field in fields(MediaFacts)}
        facts = {name: fact for name, fact in (data.get("facts") or {}).items() if name in known}
        return cls(
            type=ResourceType(data["type"]),
            sha256=data["sha256"],
            size_bytes=data["size_bytes"],
            mime=data["mime"],
            name=data.get("name", ""),
            facts=MediaFacts(**facts),
            text=data.get("text"),
            caption=data.get("caption", ""),
        )


def canonical_json(value: object) -> str:
    """One text for one value: sorted keys, no spaces, no NaN.

    Raises:
        ValueError: The value holds NaN or infinity, which have no JSON form.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest_of(value: object) -> str:
    """sha256 over the canonical JSON of a value."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def printable(text: str, limit_chars: int) -> str:
    """Text from outside as one short line: no control characters, no broken Unicode."""
    line = "".join(char if char.isprintable() else " " for char in text[: 2 * limit_chars])
    whole = " ".join(line.split()).encode("utf-8", "replace").decode()
    return whole if len(whole) <= limit_chars else whole[: limit_chars - 1] + "…"


_CONTROLS = dict.fromkeys({*range(32), *range(127, 160)} - {ord("\n"), ord("\t")})
"""Characters to drop; those above 127 are commands to a terminal, too."""


def without_controls(text: str) -> str:
    """Text from outside with its line breaks, but no other control characters or broken Unicode."""
    return text.translate(_CONTROLS).encode("utf-8", "replace").decode()
