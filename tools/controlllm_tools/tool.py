"""The Tool protocol, and what a call is given and gives back.

A tool is loaded once on a device, called many times and unloaded. It reads its inputs, writes
files only into the scratch folder of the call, reports progress, and stops when asked.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

from controlllm_tools.errors import Cancelled, InvalidInput, Transient
from controlllm_tools.resources import Resource, canonical_json

Progress = Callable[[float, str], None]


def no_progress(fraction: float, message: str) -> None:
    """Report to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """What a call may use besides its inputs.

    Attributes:
        scratch: Empty folder of this call; the only place to write to.
        seed: Seed for every random choice.
        device: `cpu`, or a CUDA device name.
        deadline_s: Monotonic time at which the call is ended by force.
        progress: Reports a fraction from 0 to 1 and a short word.
        is_cancelled: Whether somebody asked to stop.
    """

    scratch: Path
    seed: int = 0
    device: str = "cpu"
    deadline_s: float = float("inf")
    progress: Progress = no_progress
    is_cancelled: Callable[[], bool] = lambda: False

    def check(self) -> None:
        """Stop here if asked to; long loops call this.

        Raises:
            Cancelled: Somebody asked to stop.
            Transient: The time of the call is over.
        """
        if self.is_cancelled():
            msg = "stopped on request"
            raise Cancelled(msg)
        if self.remaining_s() <= 0:
            msg = "the time of this call is over"
            raise Transient(msg)

    def remaining_s(self) -> float:
        """Seconds left; give it as the timeout of anything that can wait."""
        return self.deadline_s - time.monotonic()


@dataclass(frozen=True, slots=True)
class Item:
    """One resource on an input port, with the file that holds its bytes when it is not inline."""

    resource: Resource
    path: Path | None = None

    def text(self) -> str:
        """The content as text.

        Raises:
            InvalidInput: The content is not UTF-8.
        """
        if self.resource.text is not None:
            return self.resource.text
        if self.path is None:
            msg = f"{self.resource.handle} has no content"
            raise InvalidInput(msg)
        try:
            # as it is: read_text would change the line endings, and with them the content
            return self.path.read_bytes().decode()
        except UnicodeDecodeError as error:
            msg = f"{self.resource.name or self.resource.handle} is not UTF-8 text"
            raise InvalidInput(msg) from error


class Inputs(Mapping[str, tuple[Item, ...]]):
    """The bound input ports of one call; an unbound optional port is absent."""

    def __init__(self, ports: Mapping[str, Sequence[Item]]) -> None:
        self._ports = {name: tuple(items) for name, items in ports.items() if items}

    def __getitem__(self, port: str) -> tuple[Item, ...]:
        return self._ports[port]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ports)

    def __len__(self) -> int:
        return len(self._ports)

    @classmethod
    def of(cls, **ports: Item | Sequence[Item]) -> Self:
        """Build from keyword arguments, one item or a list a port."""
        return cls(
            {name: (item,) if isinstance(item, Item) else item for name, item in ports.items()}
        )

    def one(self, port: str) -> Item:
        """The single item of a port.

        Raises:
            InvalidInput: The port is unbound or holds several items.
        """
        items = self._ports.get(port, ())
        if len(items) != 1:
            msg = f"port {port!r} holds {len(items)} items, the tool wants exactly one"
            raise InvalidInput(msg)
        return items[0]

    def file(self, port: str) -> Path:
        """The file of a port that holds one stored resource.

        Raises:
            InvalidInput: The port is unbound, or its content is inline.
        """
        return _path_of(port, self.one(port))

    def files(self, port: str) -> tuple[Path, ...]:
        """The files of a port that holds a list."""
        return tuple(_path_of(port, item) for item in self._ports.get(port, ()))

    def text(self, port: str, default: str = "") -> str:
        """The text of a port, or the default when it is unbound."""
        return self.one(port).text() if port in self._ports else default

    def number(self, port: str, default: float) -> float:
        """The number on a port, or the default when it is unbound.

        Raises:
            InvalidInput: The content is not a finite number.
        """
        if port not in self._ports:
            return default
        value = self.json(port)
        # a float's range bounds whole numbers too, which JSON does not
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not abs(value) <= sys.float_info.max:
            msg = f"port {port!r} wants a finite number, got {str(value)[:60]}"
            raise InvalidInput(msg)
        return float(value)

    def flag(self, port: str, *, default: bool) -> bool:
        """The boolean on a port, or the default when it is unbound."""
        if port not in self._ports:
            return default
        value = self.json(port)
        if not isinstance(value, bool):
            msg = f"port {port!r} wants true or false, got {value!r}"
            raise InvalidInput(msg)
        return value

    def json(self, port: str) -> Any:  # noqa: ANN401 - JSON has no closed type
        """The JSON value on a port.

        Raises:
            InvalidInput: The content is not JSON.
        """
        text = self.one(port).text()
        try:
            return json.loads(text)
        except ValueError as error:
            msg = f"port {port!r} wants JSON, got {text[:60]!r}"
            raise InvalidInput(msg) from error


def _path_of(port: str, item: Item) -> Path:
    if item.path is None:
        msg = f"port {port!r} wants a file, got inline {item.resource.type}"
        raise InvalidInput(msg)
    return item.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One result, before it is checked and stored: a file in scratch, or inline text.

    Attributes:
        path: File below the scratch folder, else None.
        content: Text or canonical JSON, else None.
        name: Display name, with an ending that fits the content.
        caption: One line for people and planners.
        is_json: Whether `content` is JSON.
    """

    path: Path | None = None
    content: str | None = None
    name: str = ""
    caption: str = ""
    is_json: bool = False

    def __post_init__(self) -> None:
        """Catch a path or a text of another kind where the tool makes it, with its line."""
        if self.path is not None and not isinstance(self.path, Path):
            msg = f"an output's path is a Path, got {type(self.path).__name__}"
            raise TypeError(msg)
        if self.content is not None and not isinstance(self.content, str):
            msg = f"an output's content is text, got {type(self.content).__name__}"
            raise TypeError(msg)

    @classmethod
    def of_file(cls, path: Path, *, name: str = "", caption: str = "") -> Self:
        """A file that the tool wrote below its scratch folder."""
        return cls(path=path, name=name or path.name, caption=caption)

    @classmethod
    def of_text(cls, text: str, *, name: str = "", caption: str = "") -> Self:
        """Text of any length."""
        return cls(content=text, name=name, caption=caption)

    @classmethod
    def of_json(cls, value: object, *, name: str = "", caption: str = "") -> Self:
        """A number, a list or an object.

        Raises:
            ValueError: The value holds NaN or infinity.
        """
        return cls(content=canonical_json(value), name=name, caption=caption, is_json=True)


Outputs = Mapping[str, Output | Sequence[Output]]


class Tool(Protocol):
    """What an entry point must offer; the class takes no arguments."""

    def load(self, device: str) -> None:
        """Import heavy libraries and read weights; called once before the first run."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Do the work of one call.

        Raises:
            ToolError: See `controlllm_tools.errors` for which kind tells what.
        """

    def unload(self) -> None:
        """Free what `load` took."""


@dataclass(slots=True)
class CpuTool:
    """Base for tools with nothing to load."""

    device: str = field(default="cpu", init=False)

    def load(self, device: str) -> None:
        """Nothing to load."""
        self.device = device

    def unload(self) -> None:
        """Nothing to free."""
