"""Inputs of several sizes for any port: the sample of its type, larger, longer or repeated.

Nothing is read from disk or network. A type that has no size of its own, such as a mood, comes as
its sample only.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pypdfium2
from PIL import Image

from controlllm_tools.card import Port, ToolCard
from controlllm_tools.media import ffmpeg
from controlllm_tools.resources import Resource
from controlllm_tools.samples import item_of_file, sample_for
from controlllm_tools.tool import Inputs, Item, ToolContext

MEGAPIXELS = (0.3, 1.0, 4.0, 12.0)
SOUND_S = (3.0, 15.0, 60.0)
VIDEOS = tuple(itertools.product(((320, 180), (1_280, 720)), (3.0, 10.0, 30.0)))
KILOCHARS = (1, 10, 50)
ROWS = (50, 500, 2_000)
PAGES = (1, 5, 20)

_SHORT_TEXTS = {"text.title", "text.tags", "text.keywords", "text.code"}
_LENGTH = "number.seconds"
_ASKED_BY_NAME = {"seconds", "duration_s", "length_s", "count"}
_MEDIA = {"image", "audio", "video", "document"}
_IN_A_LIST = 2


def asked_numbers(card: ToolCard) -> dict[str, float]:
    """Ports where a length or a count is asked for, with what they are when it is not."""
    return {
        port.name: port.default
        for port in card.inputs
        if isinstance(port.default, int | float)
        and port.default > 0
        and port.resource_type.root == "number"
        and (
            port.name in card.cost.per_asked or port.type == _LENGTH or port.name in _ASKED_BY_NAME
        )
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Inputs for one call.

    Attributes:
        inputs: Bound ports.
        volume: How large they are against the smallest case, roughly.
    """

    inputs: Inputs
    volume: float


@dataclass(slots=True)
class Grower:
    """Makes inputs below a folder, each once."""

    folder: Path
    items_in_a_list: int = _IN_A_LIST
    _made: dict[tuple[str, ...], Item] = field(default_factory=dict)

    def cases(self, card: ToolCard) -> Iterator[Case]:
        """Inputs for a card, the smallest first; what does not vary stays at its sample."""
        required = {port.name: port for port in card.required_inputs}
        sizes = {name: len(self._steps(port)) for name, port in required.items()}
        growing = [name for name, count in sizes.items() if count > 1]
        smallest = dict.fromkeys(required, 0)
        yield self._case(required, smallest, 1.0)
        if len(growing) == 1:
            (name,) = growing
            for step in range(1, sizes[name]):
                volume = self._volume(required[name], step)
                yield self._case(required, {**smallest, name: step}, volume)
        elif growing:
            middle = {name: count // 2 for name, count in sizes.items()}
            yield self._case(required, middle, 4.0)
            for name in growing:
                volume = self._volume(required[name], sizes[name] - 1)
                yield self._case(required, {**smallest, name: sizes[name] - 1}, volume)
        yield from self._with_more(card, required, smallest)

    def _with_more(
        self, card: ToolCard, required: Mapping[str, Port], smallest: Mapping[str, int]
    ) -> Iterator[Case]:
        """The smallest inputs with an optional medium, or with other numbers asked for."""
        for port in card.inputs:
            if port.optional and port.default is None and port.resource_type.root in _MEDIA:
                for step in {0, len(self._steps(port)) // 2}:
                    steps = {**smallest, port.name: step}
                    yield self._case({**required, port.name: port}, steps, 4.0)
        for name, default in asked_numbers(card).items():
            type_ = next(port.type for port in card.inputs if port.name == name)
            base = self._case(required, smallest, 1.0).inputs
            for factor in (0.5, 3.0, 10.0):
                asked = Item(Resource.of_value(type_, default * factor))
                yield Case(inputs=Inputs({**base, name: [asked]}), volume=factor)

    def _case(self, ports: Mapping[str, Port], steps: Mapping[str, int], volume: float) -> Case:
        bound = {
            name: [self._item(port, steps[name])] * (self.items_in_a_list if port.many else 1)
            for name, port in ports.items()
        }
        return Case(inputs=Inputs(bound), volume=volume)

    def _volume(self, port: Port, step: int) -> float:
        sizes = self._steps(port)
        return _size(sizes[step]) / _size(sizes[0])

    @staticmethod
    def _steps(port: Port) -> Sequence[object]:
        """The sizes in which a port's type comes, the smallest first."""
        if port.default is not None or port.choices or port.type in _SHORT_TEXTS:
            return (None,)
        if port.type == "document.pdf":
            return PAGES
        by_root: dict[str, Sequence[object]] = {
            "image": MEGAPIXELS,
            "audio": SOUND_S,
            "video": VIDEOS,
            "text": KILOCHARS,
            "table": ROWS,
        }
        return by_root.get(port.resource_type.root, (None,))

    def _item(self, port: Port, step: int) -> Item:
        size = self._steps(port)[step]
        key = (port.type, str(size), str(port.default), str(port.choices))
        if key not in self._made:
            scratch = self.folder / f"input-{len(self._made)}"
            scratch.mkdir(parents=True)
            context = ToolContext(scratch=scratch)
            first = sample_for(port, context)
            self._made[key] = first if size is None else _grown(port, first, size, context)
        return self._made[key]


def _size(size: object) -> float:
    if isinstance(size, tuple):  # a video: what it shows, and its length
        (width, height), seconds = size
        return float(width * height / 1e6 * seconds + 0.2 * seconds)
    return float(size) if isinstance(size, int | float) else 1.0


def _grown(port: Port, first: Item, size: object, context: ToolContext) -> Item:
    makers: dict[str, Callable[..., Item]] = {
        "image": _picture,
        "audio": _sound,
        "video": _video,
        "document": _paper,
        "text": _text,
        "table": _table,
    }
    return makers[port.resource_type.root](port.type, first, size, context)


def _picture(type_: str, first: Item, megapixels: float, context: ToolContext) -> Item:
    with Image.open(_file(first)) as picture:
        scale = (megapixels * 1e6 / (picture.width * picture.height)) ** 0.5
        size = (round(picture.width * scale), round(picture.height * scale))
        path = context.scratch / f"picture{_file(first).suffix}"
        picture.resize(size).save(path)
    return item_of_file(path, type_)


def _sound(type_: str, first: Item, seconds: float, context: ToolContext) -> Item:
    again = ffmpeg.Input(_file(first), ("-stream_loop", "-1"))
    path = context.scratch / "sound.flac"
    ffmpeg.convert([again], ["-t", str(seconds), "-c:a", "flac"], path, context)
    return item_of_file(path, type_)


def _video(
    type_: str, first: Item, size: tuple[tuple[int, int], float], context: ToolContext
) -> Item:
    (width, height), seconds = size
    again = ffmpeg.Input(_file(first), ("-stream_loop", "-1"))
    path = context.scratch / "video.mp4"
    scale = f"scale={width}:{height}"
    options = ["-t", str(seconds), "-vf", scale, *ffmpeg.H264, *ffmpeg.AAC, *ffmpeg.MP4]
    ffmpeg.convert([again], [*options, "-preset", "ultrafast"], path, context)
    return item_of_file(path, type_)


def _paper(type_: str, first: Item, pages: int, context: ToolContext) -> Item:
    path = context.scratch / "paper.pdf"
    with pypdfium2.PdfDocument(_file(first)) as source, pypdfium2.PdfDocument.new() as made:
        numbers = list(itertools.islice(itertools.cycle(range(len(source))), pages))
        made.import_pages(source, numbers)
        made.save(path)
    return item_of_file(path, type_)


def _text(type_: str, first: Item, kilochars: int, context: ToolContext) -> Item:
    text, length = first.text(), kilochars * 1_000
    if type_ == "text.subtitles":
        grown = _cues(length)
    elif type_ == "text.json":
        value = json.loads(text)
        grown = json.dumps([value] * max(1, length // len(text)))
    else:
        whole = text.rstrip() + "\n\n"
        grown = (whole * (length // len(whole) + 1))[:length]
    return _of_text(type_, grown, context)


def _cues(length: int) -> str:
    cues: list[str] = []
    for number in range(length // 80 + 1):
        start, end = (
            f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02},000"
            for s in (number * 2, number * 2 + 1)
        )
        cues.append(f"{number + 1}\n{start} --> {end}\nThe boats number {number} are leaving.\n")
    return "\n".join(cues)


def _table(type_: str, first: Item, rows: int, context: ToolContext) -> Item:
    head, *body = first.text().splitlines()
    lines = itertools.islice(itertools.cycle(body), rows)
    return _of_text(type_, "\n".join([head, *lines]) + "\n", context)


def _of_text(type_: str, text: str, context: ToolContext) -> Item:
    try:
        return Item(Resource.of_text(type_, text))
    except ValueError:  # too long to travel inline
        path = context.scratch / "text.txt"
        path.write_text(text, encoding="utf-8")
        return item_of_file(path, type_)


def _file(item: Item) -> Path:
    if item.path is None:
        msg = f"the sample of {item.resource.type} is no file"
        raise LookupError(msg)
    return item.path
