"""What to call the types of a catalogue when speaking to a person: `music`, not `audio.music`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from controlllm_planner.errors import MissingCapability
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.registry import TypeInfo
from controlllm_tools.resources import ResourceType


class TypeNames:
    """Names the types of one catalogue; every name stands for one type only."""

    def __init__(self, graph: ToolGraph) -> None:
        own = Counter(_own(name) for name in graph.type_names)
        self._names: dict[str, str] = {}
        for name in graph.type_names:
            taken = set(self._names.values())
            options = _options(name, graph.types.get(name, TypeInfo()), own)
            self._names[name] = next(each for each in (*options, str(name)) if each not in taken)

    def of(self, type_: str) -> str:
        """The name of a type; one that the catalogue does not know keeps its own."""
        return self._names.get(type_, type_)

    def joined(self, types: Iterable[str], last: str = "and") -> str:
        """Several types in a row, each once: `music, text and video`."""
        *most, end = list(dict.fromkeys(map(self.of, types))) or ["nothing"]
        return f"{', '.join(most)} {last} {end}" if most else end

    def would_do(self, missing: MissingCapability) -> str:
        """A tool that does not exist, and what would go on from there."""
        onward = f" ({' and '.join(missing.then)} would go on from there)" if missing.then else ""
        return f"{missing.said(self.of)}{onward}"


@lru_cache(maxsize=8)
def type_names(graph: ToolGraph) -> TypeNames:
    """The names of a catalogue's types, made once for each catalogue."""
    return TypeNames(graph)


def _own(name: ResourceType) -> str:
    return name.rsplit(".", 1)[-1].replace("_", " ").replace("-", " ")


def _options(name: ResourceType, info: TypeInfo, own: Counter[str]) -> Iterator[str]:
    """Names for a type, the best first: its last word, where nothing else is called so."""
    if own[_own(name)] == 1 or not name.refined:
        yield next((word for word in info.words if word.lower() == _own(name)), _own(name))
    yield from info.words
    yield f"{_own(name)} {name.root}"
