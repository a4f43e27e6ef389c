"""Read `registry.yaml` into a catalogue of cards, all of it or none of it.

Reading never imports tool code: a class is loaded by `load_tool` when its first call starts. Every
fault is reported with file, line, field and a way out, and all faults are reported at once.
"""

from __future__ import annotations

import difflib
import gc
import importlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from controlllm_tools.card import Name, Port, ToolCard, TypeName
from controlllm_tools.entry_points import entry_point_fault
from controlllm_tools.errors import CardProblem, CatalogueError, ToolUnavailable
from controlllm_tools.needs import is_requirement, missing_needs
from controlllm_tools.resources import ResourceType
from controlllm_tools.tool import Tool

FILE_LIMIT_BYTES = 64 * 2**20


@dataclass(frozen=True, kw_only=True)
class TypeInfo:
    """What a resource type means, in words that requests use.

    Attributes:
        description: One line for people.
        words: Other names for it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    description: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Link:
    """A known tool-to-tool edge, for catalogues whose ports have no types."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    source: Annotated[Name, Field(alias="from")]
    target: Annotated[Name, Field(alias="to")]
    weight: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0


@dataclass(frozen=True, kw_only=True)
class RegistryFile:
    """The shape of one registry file."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    include: tuple[str, ...] = ()
    types: dict[TypeName, TypeInfo | None] = field(default_factory=dict)
    tools: tuple[ToolCard, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Registry:
    """A validated catalogue.

    Attributes:
        types: Declared resource types.
        cards: Tool cards by name, in file order.
        links: Tool-to-tool edges.
        files: The files it was read from, the entry first.
    """

    types: Mapping[ResourceType, TypeInfo]
    cards: Mapping[str, ToolCard]
    links: tuple[Link, ...] = ()
    files: tuple[Path, ...] = ()


def load_registry(path: Path) -> Registry:
    """Read a registry and everything it includes.

    Raises:
        CatalogueError: Anything is wrong with any of the files.
    """
    with _collector_paused():
        reader = _Reader()
        reader.read(path, included_by=None)
        reader.check()
    if reader.problems:
        raise CatalogueError(tuple(reader.problems))
    return Registry(
        types=reader.types,
        cards={name: card for name, (card, _) in reader.cards.items()},
        links=tuple(link for link, _ in reader.links),
        files=tuple(reader.texts),
    )


def load_tool(card: ToolCard) -> Tool:
    """Import the class behind a card and make an instance, not yet loaded on a device.

    Raises:
        ToolUnavailable: The card has no entry point, something it needs is missing, or the
            import fails.
    """
    if card.entry_point is None:
        msg = f"{card.name} has no entry_point: it can be planned, not run"
        raise ToolUnavailable(msg)
    if missing := missing_needs(card.needs):
        raise ToolUnavailable(f"{card.name} cannot run here: " + "; ".join(map(str, missing)))
    module_name, _, class_name = card.entry_point.partition(":")
    try:
        module = importlib.import_module(module_name)
        tool: Tool = getattr(module, class_name)()
    except (ImportError, AttributeError, TypeError) as error:
        msg = f"{card.name}: {card.entry_point} does not load: {error}"
        raise ToolUnavailable(msg) from error
    return tool


@contextmanager
def _collector_paused() -> Iterator[None]:
    # A catalogue of 10,000 cards makes about a million small objects that all stay alive;
    # looking for garbage among them takes longer than parsing (measured: 2.8 s against 1.1 s).
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


_Place = tuple[Path, tuple[str | int, ...]]


class _Reader:
    """Collects files, cards and problems; nothing leaves it when there is a problem."""

    def __init__(self) -> None:
        self.texts: dict[Path, str] = {}
        self.types: dict[ResourceType, TypeInfo] = {}
        self.cards: dict[str, tuple[ToolCard, _Place]] = {}
        self.links: list[tuple[Link, _Place]] = []
        self.problems: list[CardProblem] = []

    def read(self, path: Path, included_by: _Place | None) -> None:
        try:
            path = path.resolve()
        except ValueError as error:  # a name that no file can have
            self._report(included_by or (path, ()), f"cannot read {str(path)!r}: {error}")
            return
        if path in self.texts:
            return
        text = self._text(path, included_by)
        if text is None:
            return
        self.texts[path] = text
        content = self._parse(path, text)
        if content is not None:
            self._take(path, content)

    def _text(self, path: Path, included_by: _Place | None) -> str | None:
        try:
            if path.stat().st_size > FILE_LIMIT_BYTES:
                self._report(
                    included_by or (path, ()), f"{_shown(path)} is over {FILE_LIMIT_BYTES} bytes"
                )
                return None
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self._report(included_by or (path, ()), f"cannot read {_shown(path)}: {reason}")
            return None

    def _parse(self, path: Path, text: str) -> RegistryFile | None:
        try:
            raw = _plain_data(text)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            reason = getattr(error, "problem", None) or str(error)
            self.problems.append(
                CardProblem(file=_shown(path), line=line, field="", message=reason)
            )
            return None
        try:
            return _file_adapter().validate_python(raw if raw is not None else {})
        except ValidationError as error:
            faults = {_place_of(fault["loc"]): fault for fault in error.errors(include_url=False)}
            for loc, fault in faults.items():
                self._report((path, loc), _in_words(fault, loc))
            return None

    def _take(self, path: Path, content: RegistryFile) -> None:
        for name, info in content.types.items():
            self.types[ResourceType(name)] = info or TypeInfo()
        for index, card in enumerate(content.tools):
            place: _Place = (path, ("tools", index))
            if card.name in self.cards:
                first_file, first_loc = self.cards[card.name][1]
                line = _line_of(self.texts[first_file], first_loc)
                message = (
                    f"the name {card.name!r} is taken by {_shown(first_file)}:{line}; rename one"
                )
                self._report((path, ("tools", index, "name")), message)
            else:
                self.cards[card.name] = (card, place)
        self.links += [(link, (path, ("links", i))) for i, link in enumerate(content.links)]
        for index, name in enumerate(content.include):
            self.read(path.parent / name, included_by=(path, ("include", index)))

    def check(self) -> None:
        """Rules that need the whole catalogue."""
        known = {above for type_ in self.types for above in type_.ancestors()}
        for card, (file, loc) in self.cards.values():
            for where, message in _card_faults(card, known):
                self._report((file, loc + where), message)
        for link, (file, loc) in self.links:
            for key, name in (("from", link.source), ("to", link.target)):
                if name not in self.cards:
                    hint = _did_you_mean(name, self.cards)
                    self._report((file, (*loc, key)), f"no tool is named {name!r}{hint}")

    def _report(self, place: _Place, message: str) -> None:
        file, loc = place
        line = _line_of(self.texts.get(file, ""), loc)
        dotted = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in loc).lstrip(".")
        self.problems.append(
            CardProblem(file=_shown(file), line=line, field=dotted, message=message)
        )


_Fault = tuple[tuple[str | int, ...], str]


def _card_faults(card: ToolCard, known: set[ResourceType]) -> Iterator[_Fault]:
    yield from _port_faults("inputs", card.inputs, known)
    yield from _port_faults("outputs", card.outputs, known)
    for index, requirement in enumerate(card.needs.packages):
        if not is_requirement(requirement):
            message = f"{requirement!r} is nothing that pip could install, such as 'numpy>=2'"
            yield ("needs", "packages", index), message
    numbers = [port.name for port in card.inputs if port.resource_type.root == "number"]
    for name in card.cost.per_asked:
        if name not in numbers:
            hint = f"its number inputs are: {', '.join(numbers) or 'none'}"
            yield ("cost", "per_asked", name), f"no number can be asked for on {name!r}; {hint}"
    if card.entry_point and not missing_needs(card.needs):
        fault = entry_point_fault(card.entry_point)
        if fault:
            yield ("entry_point",), fault


def _port_faults(side: str, ports: tuple[Port, ...], known: set[ResourceType]) -> Iterator[_Fault]:
    seen: set[str] = set()
    for index, port in enumerate(ports):
        if port.type not in known:
            hint = _did_you_mean(port.type, known)
            message = f"type {port.type!r} is not declared{hint}; declare it under `types:`"
            yield (side, index, "type"), message
        if port.name in seen:
            yield (side, index, "name"), f"two {side} are named {port.name!r}"
        seen.add(port.name)
        if port.default is not None and not port.optional:
            yield (side, index, "default"), "a port with a default needs `optional: true`"
        if port.default is not None and port.choices and port.default not in port.choices:
            yield (side, index, "default"), f"{port.default!r} is none of {list(port.choices)}"


@cache
def _file_adapter() -> TypeAdapter[RegistryFile]:
    return TypeAdapter(RegistryFile)


def _plain_data(text: str) -> Any:  # noqa: ANN401 - whatever the file holds
    if text.lstrip().startswith("{"):
        # JSON is YAML, and its own parser is fifty times as fast
        try:
            return json.loads(text, object_pairs_hook=_without_repetition)
        except ValueError:
            pass  # the YAML reader knows the line
    # a subclass of the safe loader
    return yaml.load(text, Loader=_Loader)  # noqa: S506


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError
    return found


class _Loader(yaml.CSafeLoader):
    """Refuses a key that stands twice: the first of two `tools:` lists would vanish silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as in the base class
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                msg = f"{key.value!r} stands here twice; keep one of them"
                raise yaml.constructor.ConstructorError(None, None, msg, key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _line_of(text: str, loc: tuple[str | int, ...]) -> int:
    """The 1-based line of a place in a YAML text; of its nearest parent when it is missing."""
    node = _composed(text)
    line = 1
    for part in loc:
        step = _child(node, part)
        if step is None:
            break
        line, node = step
    return line


@lru_cache(maxsize=2)  # a file with a thousand faults is asked a thousand times
def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.CSafeLoader) if text else None
    except yaml.YAMLError:
        return None


def _child(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
        return child.start_mark.line + 1, child
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    return None


def _place_of(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A place in the file, without what pydantic adds: `[key]`, and each branch of a union."""
    if "default" in loc:
        return loc[: loc.index("default") + 1]
    return tuple(part for part in loc if part != "[key]")


def _in_words(fault: Any, loc: tuple[str | int, ...]) -> str:  # noqa: ANN401 - pydantic's details
    if loc[-1:] == ("default",):
        return "a default is text, a number, true or false"
    match fault["type"]:
        case "missing":
            return "this field is missing"
        case "unexpected_keyword_argument" | "extra_forbidden":
            return "no such field; see tools/README.md for the fields of a card"
        case "value_error":
            return str(fault["ctx"]["error"])
        case "dataclass_type" | "dict_type":
            return f"fields with values are wanted here, got {str(fault['input'])[:60]!r}"
        case _:
            return f"{fault['msg']}, got {str(fault['input'])[:60]!r}"


def _shown(file: Path) -> str:
    """A path as one would type it: relative to the working folder when it lies below it."""
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def _did_you_mean(name: str, known: Mapping[str, object] | set[ResourceType]) -> str:
    close = difflib.get_close_matches(name, [str(k) for k in known], n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
