"""Small real content of any declared resource type, made on the spot.

For `tools check`, the contract tests and the demo: nothing here is read from disk or network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from controlllm_tools.card import Port
from controlllm_tools.media import folders
from controlllm_tools.media.probe import probe
from controlllm_tools.resources import Resource, ResourceType
from controlllm_tools.samples import texts
from controlllm_tools.samples.animations import animation
from controlllm_tools.samples.clips import clip
from controlllm_tools.samples.papers import note, paper
from controlllm_tools.samples.pictures import (
    PHOTO_FACES,
    PHOTO_WORDS,
    cutout,
    detail,
    edges,
    mask,
    photo,
)
from controlllm_tools.samples.sounds import tone
from controlllm_tools.samples.values import (
    CHAPTERS,
    FACTS_AUDIO,
    FACTS_VIDEO,
    MOOD,
    SPEECH,
    SPOKEN_WORDS,
)
from controlllm_tools.samples.voice import voice
from controlllm_tools.tool import Item, ToolContext

_CHUNK_BYTES = 2**20
_CLIP_S = 3.0


class NoSample(LookupError):
    """There is no sample of a type, nor of any type above it."""


def sample(type_name: str, context: ToolContext) -> Item:
    """Content of a type, or of the nearest type above it.

    Args:
        type_name: Such as `image` or `text.title`.
        context: Files are written into its scratch folder.

    Returns:
        An item of exactly the asked type; the same content every time.

    Raises:
        NoSample: The type has no sample.
    """
    for above in ResourceType(type_name).ancestors():
        if above in _VALUES:
            return Item(Resource.of_value(type_name, _VALUES[above]))
        if above in _FILES:
            name, make = _FILES[above]
            path = context.scratch / f"sample-{name}"
            make(path, context)
            return item_of_file(path, type_name)
    known = ", ".join(sorted({*_VALUES, *_FILES}))
    msg = f"no sample of type {type_name!r}; there are samples of: {known}"
    raise NoSample(msg)


def sample_for(port: Port, context: ToolContext) -> Item:
    """Content that fits a port: its default, else the first of its choices, else of its type.

    Raises:
        NoSample: The port's type has no sample.
    """
    if port.default is not None or port.choices:
        value = port.choices[0] if port.default is None else port.default
        return Item(Resource.of_value(port.type, value))
    return sample(port.type, context)


def samples_for(port: Port, context: ToolContext) -> tuple[Item, ...]:
    """What `sample_for` gives, and for a port that takes a list a second, unlike item after it.

    Raises:
        NoSample: The port's type has no sample.
    """
    first = sample_for(port, context)
    if not port.many or port.default is not None or port.choices:
        return (first,)
    for above in port.resource_type.ancestors():
        if above in _OTHER_VALUES:
            return (first, Item(Resource.of_value(port.type, _OTHER_VALUES[above])))
        if above in _OTHER_FILES:
            name, make = _OTHER_FILES[above]
            path = context.scratch / f"other-{name}"
            make(path, context)
            return (first, item_of_file(path, port.type))
    return (first, first)


def item_of_file(path: Path, type_: str) -> Item:
    """A file as a tool gets it: measured, digested, and of a type.

    Raises:
        InvalidInput: The file is missing, empty, broken, misnamed or over a limit.
    """
    kind, facts = probe(path)
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    resource = Resource(
        type=ResourceType(type_),
        sha256=digest.hexdigest(),
        size_bytes=path.stat().st_size,
        mime=kind.mime,
        name=path.name,
        facts=facts,
    )
    return Item(resource, path)


def _spoken_clip(path: Path, context: ToolContext) -> None:
    spoken = voice(context.scratch / "sample-clip-voice.flac", context)
    clip(path, context, speech=spoken, seconds=_CLIP_S)


def _page(path: Path, context: ToolContext) -> None:
    folder = context.scratch / "sample-page"
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text(texts.PAGE, encoding="utf-8")
    folders.pack(folder, path)


_VALUES: dict[str, object] = {
    "number": 0.5,
    "number.seconds": 4.0,
    "boolean": True,
    # a port's own choices come first, see `sample_for`
    "option": "default",
    "url": "https://example.org/",
    "text": texts.ARTICLE,
    "text.title": texts.TITLE,
    "text.tags": texts.TAGS,
    "text.keywords": texts.KEYWORDS,
    "text.description": texts.DESCRIPTION,
    "text.transcript": texts.TRANSCRIPT,
    "text.summary": texts.SUMMARY,
    "text.subtitles": texts.SUBTITLES,
    "text.markdown": texts.MARKDOWN,
    "text.html": texts.HTML,
    "text.urls": texts.URLS,
    "text.json": texts.JSON,
    "table": texts.TABLE,
    "boxes": PHOTO_FACES.to_json(),
    "boxes.words": PHOTO_WORDS.to_json(),
    "spans": SPEECH,
    "spans.words": SPOKEN_WORDS,
    "spans.chapters": CHAPTERS,
    "mood": MOOD,
    "facts": FACTS_VIDEO,
    "facts.audio": FACTS_AUDIO,
}

_FILES: dict[str, tuple[str, Callable[[Path, ToolContext], object]]] = {
    "image": ("photo.png", lambda path, _: photo(path)),
    "image.edges": ("edges.png", lambda path, _: edges(path)),
    "image.animation": ("animation.gif", lambda path, _: animation(path)),
    "image.mask": ("mask.png", lambda path, _: mask(path)),
    "image.cutout": ("cutout.png", lambda path, _: cutout(path)),
    "audio": ("voice.flac", voice),
    "audio.music": ("tone.flac", lambda path, _: tone(path)),
    "video": ("clip.mp4", _spoken_clip),
    "document": ("page.zip", _page),
    "document.pdf": ("paper.pdf", lambda path, _: paper(path)),
}

# The second items of lists: of the same type, but of another size, length or form.
_OTHER_VALUES: dict[str, object] = {"text": texts.TRANSCRIPT}

_OTHER_FILES: dict[str, tuple[str, Callable[[Path, ToolContext], object]]] = {
    "image": ("detail.png", lambda path, _: detail(path)),
    "audio": ("tone.flac", lambda path, _: tone(path, seconds=2.0)),
    "video": ("silent.mp4", lambda path, context: clip(path, context, seconds=2.0)),
    "document.pdf": ("note.pdf", lambda path, _: note(path)),
}
