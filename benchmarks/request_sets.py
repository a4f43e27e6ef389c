"""The published sets of requests: their cases, their catalogues, and the folds they are judged in.

What turns a tool set into a catalogue and what scores a plan comes with the data, as the programs
`registries.py` and `score.py` of its folder; nothing of them is copied here.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from controlllm_tools.registry import Registry, load_registry

SETS = ("controlllm", "taskbench-huggingface", "taskbench-multimedia", "ultratool")
FOLDS = 5

Case = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Some cases to ask, and all others.

    Attributes:
        number: 0 to `FOLDS` less one.
        known: What may be learned from.
        asked: What is asked; never among the known ones.
    """

    number: int
    known: tuple[Case, ...]
    asked: tuple[Case, ...]


@dataclass(frozen=True, kw_only=True)
class RequestSet:
    """One set of cases.

    Attributes:
        name: One of `SETS`.
        cases: Requests with what is accepted.
        tools: The tool set as published.
        score: The program that scores plans.
        registries: The program that writes catalogues.
    """

    name: str
    cases: tuple[Case, ...]
    tools: Any
    score: ModuleType
    registries: ModuleType

    @property
    def has_goals(self) -> bool:
        """Whether cases have goals with accepted tool sets; otherwise they have nodes and links."""
        return self.name == "controlllm"

    @property
    def is_untyped(self) -> bool:
        """Whether tools say nothing of what they take and make, so that links stand for types."""
        return self.name == "ultratool"

    def registry(self, known: Sequence[Case]) -> Registry:
        """The catalogue; where tools have no types, with the links of the known cases only."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "registry.yaml"
            if self.has_goals:
                self.registries.controlllm(self.tools, file)
            elif self.is_untyped:
                self.registries.untyped(self.tools, links_of(known), file)
            else:
                self.registries.taskbench(self.tools, file)
            return load_registry(file)

    def line(self, case: Case) -> str:
        """A case as `controlllm plan --batch` reads it: nothing of what is accepted."""
        kept = ("id", "request", "resources")
        return json.dumps({name: case[name] for name in kept if name in case})

    def tool_name(self, published: str) -> str:
        """The name of a published tool in the catalogue."""
        return published if self.has_goals else str(self.registries.slug(published))


def links_of(cases: Sequence[Case]) -> Counter[tuple[str, str]]:
    """How often one tool follows another in what is accepted."""
    return Counter((source, target) for case in cases for source, target in case["links"])


def open_set(data: Path, name: str) -> RequestSet | None:
    """A set of a data folder, or None when the folder does not hold it."""
    folder = data / name.replace("-", "/")
    cases = folder / "dev.jsonl"
    if not cases.is_file():
        return None
    tools = folder / ("tools.json" if name == "controlllm" else "tool_desc.json")
    return RequestSet(
        name=name,
        cases=tuple(read_lines(cases)),
        tools=json.loads(tools.read_text(encoding="utf-8")),
        score=_program(data, "score"),
        registries=_program(data, "registries"),
    )


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines."""
    for line in file.read_bytes().split(b"\n"):
        if line.strip():
            yield json.loads(line)


def folds(cases: Sequence[Case]) -> Iterator[Fold]:
    """Folds in which each case is asked once, and never among the known ones.

    Every fifth case of the file is in one fold: the folds of `training/fit_matcher.py`.
    """
    for number in range(FOLDS):
        asked = tuple(cases[number::FOLDS])
        known = tuple(case for at, case in enumerate(cases) if at % FOLDS != number)
        if asked:
            yield Fold(number=number, known=known, asked=asked)


def _program(data: Path, name: str) -> ModuleType:
    """A program of the data folder, with its neighbours in reach while it loads."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", data / f"{name}.py")
    if spec is None or spec.loader is None:
        msg = f"{data / name}.py cannot be imported"
        raise ImportError(msg)
    program = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(data))
    try:
        spec.loader.exec_module(program)
    finally:
        sys.path.remove(str(data))
    return program
