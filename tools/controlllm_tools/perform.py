"""One call of one tool: check what goes in, run it, check what comes out.

Every backend, `tools check` and the contract tests call a tool through here, so a tool that breaks
its card is caught in the same way everywhere.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from controlllm_tools.card import Port, ToolCard
from controlllm_tools.errors import BadOutput, InvalidInput, OutOfMemory, ToolError, ToolFailed
from controlllm_tools.media import folders
from controlllm_tools.media.probe import probe
from controlllm_tools.media.sniff import Kind
from controlllm_tools.registry import load_tool
from controlllm_tools.resources import (
    CAPTION_LIMIT_CHARS,
    INLINE_LIMIT_BYTES,
    NAME_LIMIT_CHARS,
    NO_FACTS,
    MediaFacts,
    ResourceType,
    printable,
)
from controlllm_tools.tool import Inputs, Output, Tool, ToolContext

logger = logging.getLogger(__name__)

_MEDIA_ROOTS = {"image", "audio", "video"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One checked result that waits to be stored.

    Attributes:
        port: Output port.
        index: Position on the port; 0 unless the port holds a list.
        type: Type the port promises.
        mime: What the content is.
        path: File below the scratch folder, or None.
        text: Inline content, or None.
        name: Display name.
        caption: One line for people and planners.
        facts: Measured facts.
    """

    port: str
    index: int
    type: ResourceType
    mime: str
    path: Path | None = None
    text: str | None = None
    name: str = ""
    caption: str = ""
    facts: MediaFacts = NO_FACTS


@dataclass(slots=True)
class ToolBench:
    """Loaded tools of one process, by entry point; a tool is loaded once and used many times."""

    device: str = "cpu"
    _loaded: dict[str, Tool] = field(default_factory=dict)

    def perform(self, card: ToolCard, inputs: Inputs, context: ToolContext) -> tuple[Product, ...]:
        """Run a tool once.

        Args:
            card: The tool's card.
            inputs: Bound ports.
            context: Scratch folder, seed, deadline, progress.

        Returns:
            Every result, checked against the card, in the order of its ports.

        Raises:
            ToolError: Of the kind that says who acts next; never a foreign exception.
        """
        check_inputs(card, inputs)
        try:
            outputs = self._tool(card).run(inputs, context)
        except ToolError:
            raise
        except MemoryError as error:
            msg = f"{card.name} ran out of memory"
            raise OutOfMemory(msg) from error
        except (Exception, SystemExit) as error:  # the edge: a tool may raise anything
            logger.warning("tool raised", exc_info=error, extra={"tool": card.name})
            msg = f"{card.name} failed with {type(error).__name__}: {str(error)[:300]}"
            raise ToolFailed(msg) from error
        return _checked(card, outputs, context.scratch)

    def _tool(self, card: ToolCard) -> Tool:
        entry_point = card.entry_point or card.name
        if entry_point not in self._loaded:
            tool = load_tool(card)
            tool.load(self.device)
            self._loaded[entry_point] = tool
        return self._loaded[entry_point]

    def close(self) -> None:
        """Unload everything."""
        while self._loaded:
            self._loaded.popitem()[1].unload()


def check_inputs(card: ToolCard, inputs: Inputs) -> None:
    """Check that every required port is bound, and every port by what it accepts.

    Raises:
        InvalidInput: Names the port, what it wants and what it got.
    """
    for name in inputs:
        if card.input(name) is None:
            ports = ", ".join(port.name for port in card.inputs) or "none"
            msg = f"{card.name} has no input {name!r}; its inputs are: {ports}"
            raise InvalidInput(msg)
    for port in card.inputs:
        items = inputs.get(port.name, ())
        if not items and not port.optional:
            msg = f"{card.name} wants {port.type} on port {port.name!r}, which is not bound"
            raise InvalidInput(msg)
        if len(items) > 1 and not port.many:
            msg = f"{card.name} takes one {port.type} on port {port.name!r}, got {len(items)}"
            raise InvalidInput(msg)
        for item in items:
            if not port.resource_type.accepts(item.resource.type):
                msg = (
                    f"{card.name} wants {port.type} on port {port.name!r}, "
                    f"got {item.resource.type}; add a converter tool or bind another resource"
                )
                raise InvalidInput(msg)
            if port.choices and item.text() not in port.choices:
                msg = f"port {port.name!r} takes one of {list(port.choices)}, got {item.text()!r}"
                raise InvalidInput(msg)


def _checked(card: ToolCard, outputs: object, scratch: Path) -> tuple[Product, ...]:
    """What `check_outputs` says; an answer on which even the checks break is a bad one."""
    try:
        return check_outputs(card, outputs, scratch)
    except ToolError:
        raise
    except MemoryError as error:
        msg = f"{card.name} ran out of memory while its results were checked"
        raise OutOfMemory(msg) from error
    except (Exception, SystemExit) as error:  # the edge: outputs are objects of the tool
        msg = f"{card.name} made what cannot be checked: {type(error).__name__}: {str(error)[:300]}"
        raise BadOutput(msg) from error


def check_outputs(card: ToolCard, outputs: object, scratch: Path) -> tuple[Product, ...]:
    """Check a tool's answer against its card.

    Raises:
        BadOutput: Something is missing, extra, of another type, empty, or outside scratch.
    """
    if not isinstance(outputs, Mapping):
        msg = f"{card.name} returned {type(outputs).__name__} instead of its outputs by port"
        raise BadOutput(msg)
    unknown = [name for name in outputs if card.output(name) is None]
    if unknown:
        msg = f"{card.name} returned {unknown[0]!r}, which its card does not list"
        raise BadOutput(msg)
    products: list[Product] = []
    for port in card.outputs:
        for index, output in enumerate(_on_port(card, port, outputs.get(port.name))):
            try:
                products.append(_product(port, index, output, scratch))
            except InvalidInput as error:
                msg = f"{card.name} made a bad {port.type} on port {port.name!r}: {error}"
                raise BadOutput(msg) from error
    return tuple(products)


def _on_port(card: ToolCard, port: Port, given: object) -> Sequence[Output]:
    if isinstance(given, Output):
        given = [given]
    if given is None and port.optional:
        return []
    if not isinstance(given, Sequence) or not all(isinstance(each, Output) for each in given):
        got = "nothing" if given is None else type(given).__name__
        msg = f"{card.name} returned {got} on port {port.name!r}, which promises {port.type}"
        raise BadOutput(msg)
    if len(given) != 1 and not port.many:
        msg = f"{card.name} returned {len(given)} results on port {port.name!r}, it promises one"
        raise BadOutput(msg)
    return given


def _product(port: Port, index: int, output: Output, scratch: Path) -> Product:
    name = printable(output.name, NAME_LIMIT_CHARS) or f"{port.name}{index or ''}"
    if output.path is not None:
        path = _inside(output.path, scratch)
        kind, facts = probe(path, name=path.name)
        _check_family(port, kind, path)
    elif output.content is not None:
        path, facts = None, NO_FACTS
        kind = Kind("text", "application/json" if output.is_json else "text/plain")
        _check_inline(port, output)
        content = output.content.encode()
        if len(content) > INLINE_LIMIT_BYTES:
            path = scratch / f"{port.name}-{index}.txt"
            path.write_bytes(content)
    else:
        msg = "it holds neither a file nor text"
        raise InvalidInput(msg)
    return Product(
        port=port.name,
        index=index,
        type=port.resource_type,
        mime=kind.mime,
        path=path,
        text=None if path else output.content,
        name=name,
        caption=printable(output.caption, CAPTION_LIMIT_CHARS),
        facts=facts,
    )


def _inside(path: Path, scratch: Path) -> Path:
    """The same file, proven to lie below scratch and to be no link."""
    resolved = path.resolve()
    if not resolved.is_relative_to(scratch.resolve()) or path.is_symlink():
        msg = f"{path} lies outside the scratch folder of the call"
        raise InvalidInput(msg)
    if not resolved.is_file():
        msg = f"the file {path.name} was not written"
        raise InvalidInput(msg)
    return resolved


def _check_family(port: Port, kind: Kind, path: Path) -> None:
    root = port.resource_type.root
    if root in _MEDIA_ROOTS and kind.family != root:
        msg = f"the file holds {kind.mime}"
        raise InvalidInput(msg)
    if root == "text" and kind.family != "text":
        msg = f"the file holds {kind.mime}"
        raise InvalidInput(msg)
    if port.type == "document.webpage" and "index.html" not in folders.names(path):
        msg = "the folder has no index.html"
        raise InvalidInput(msg)
    if port.type == "document.pdf" and kind.mime != "application/pdf":
        msg = f"the file holds {kind.mime}"
        raise InvalidInput(msg)


def _check_inline(port: Port, output: Output) -> None:
    root = port.resource_type.root
    if root in _MEDIA_ROOTS or root == "document":
        msg = "it is inline text, not a file"
        raise InvalidInput(msg)
    if root in {"number", "boolean"}:
        try:
            value = json.loads(output.content or "null")
        except ValueError:
            value = None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if root == "number" and not (is_number and math.isfinite(value)):
            msg = f"{value!r} is not a number"
            raise InvalidInput(msg)
        if root == "boolean" and not isinstance(value, bool):
            msg = f"{value!r} is not true or false"
            raise InvalidInput(msg)
