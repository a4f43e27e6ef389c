"""Requests with the tools that they need, as the figures that the matcher is fitted on.

The development parts of the planning benchmarks, the requests that people of this project wrote
(`training/requests/`), and the examples of this repository's cards. What is seen of a request is
seen by the planner's own code.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from controlllm_planner.decompose.mentions import implied_attachments, mark
from controlllm_planner.decompose.reading import Reader, spoken_types
from controlllm_planner.matching.features import AtHand, CatalogueFeatures, type_tables
from controlllm_planner.matching.model import Matcher
from controlllm_planner.matching.word_vectors import shipped_vectors
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.task import Attachment
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.registry import Registry, load_registry

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Case:
    """A request as figures.

    Attributes:
        catalogue: Which catalogue it asks.
        meaning: `(clauses, dimensions)`.
        tools: `(clauses, tools, TOOL_FEATURES)`.
        clause: `(clauses, CLAUSE_FEATURES)`.
        at_hand: `(tools, 2)`.
        needed: For each goal, the numbers of the tools that reach it.
        links: Pairs of tools that follow each other.
        pieces: The word pieces of all clauses, one after the other.
        piece_of: The clause of each.
        shares: What each adds to what its clause means.
        texts: The words of each clause.
        position: Its place among all requests of its set, which says the fold that it is in.
    """

    catalogue: str
    meaning: torch.Tensor
    tools: torch.Tensor
    clause: torch.Tensor
    at_hand: torch.Tensor
    needed: list[list[int]]
    links: list[tuple[int, int]]
    pieces: torch.Tensor
    piece_of: torch.Tensor
    shares: torch.Tensor
    texts: tuple[str, ...] = ()
    position: int = 0


@dataclass
class Catalogue:
    """What the model knows of one set of tools."""

    names: torch.Tensor
    texts: torch.Tensor
    takes: torch.Tensor
    main: torch.Tensor
    links: torch.Tensor


class Preparation:
    """Turns requests of one catalogue into figures, by the planner's own code."""

    def __init__(self, label: str, registry: Registry) -> None:
        self.label = label
        self.graph = ToolGraph.from_registry(registry)
        lexical = LexicalRelevance(self.graph)
        self._features = CatalogueFeatures(self.graph, lexical, shipped_vectors())
        self._reader = Reader(self.graph, lexical, Matcher(self.graph, lexical))
        self._at_hand = AtHand(self.graph)

    def catalogue(self) -> Catalogue:
        """The figures of the tools; no links yet."""
        main = [tool.outputs[0].type if tool.outputs else -1 for tool in self.graph.tools]
        count = len(self.graph.tools)
        return Catalogue(
            torch.tensor(self._features.names),
            torch.tensor(self._features.texts),
            torch.tensor(type_tables(self.graph)[0].astype(np.float32)),
            torch.tensor(main),
            torch.zeros(count, count),
        )

    def case(
        self,
        text: str,
        attached: Sequence[Attachment],
        needed: list[list[int]],
        links: Sequence[tuple[int, int]] = (),
    ) -> Case | None:
        """A request as figures; None when it has no clause."""
        marked = mark(text, attached)
        types = [each.type for each in attached]
        parts = [part.words for part in self._reader.parts(marked, types)]
        if not parts:
            return None
        seen = [self._features.of(words) for words in parts]
        return Case(
            self.label,
            torch.tensor(np.stack([each.meaning for each in seen])),
            torch.tensor(np.stack([each.tools for each in seen])),
            torch.tensor(np.stack([each.clause for each in seen])),
            torch.tensor(np.stack(self._at_hand.of((*types, *spoken_types(marked))), axis=-1)),
            needed,
            list(links),
            torch.tensor([row for each in seen for row in each.pieces], dtype=torch.long),
            torch.tensor([n for n, each in enumerate(seen) for _ in each.pieces], dtype=torch.long),
            torch.tensor(np.concatenate([each.shares for each in seen])),
            tuple(words.text for words in parts),
        )


def benchmark_cases(data: Path) -> Iterator[tuple[Preparation, list[Case]]]:
    """The development parts, one catalogue after the other."""
    sys.path.insert(0, str(data))
    registries = _module(data / "registries.py")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.json"
        tools = json.loads((data / "controlllm/tools.json").read_text())
        registries.controlllm(tools, path)
        yield _prepared("controlllm", path, data / "controlllm/dev.jsonl", registries)
        for name in ("huggingface", "multimedia"):
            folder_of_set = data / "taskbench" / name
            registries.taskbench(json.loads((folder_of_set / "tool_desc.json").read_text()), path)
            yield _prepared(name, path, folder_of_set / "dev.jsonl", registries)
        tools = json.loads((data / "ultratool/tool_desc.json").read_text())
        registries.untyped(tools, {}, path)
        yield _prepared("ultratool", path, data / "ultratool/dev.jsonl", registries)


def _prepared(
    label: str, registry: Path, lines: Path, registries: ModuleType
) -> tuple[Preparation, list[Case]]:
    preparation = Preparation(label, load_registry(registry))
    number = preparation.graph.tool_number
    cases = []
    for position, line in enumerate(lines.read_text().splitlines()):
        row = json.loads(line)
        attached = _attached(row, preparation.graph)
        if "goals" in row:
            needed = [sorted({number[way[-1]] for way in g["accept"]}) for g in row["goals"]]
        else:
            needed = [[number[registries.slug(node)]] for node in dict.fromkeys(row["nodes"])]
        links = [
            (number[registries.slug(a)], number[registries.slug(b)])
            for a, b in row.get("links", ())
        ]
        case = preparation.case(
            row["request"], attached, needed, links if label == "ultratool" else ()
        )
        if case is not None:
            cases.append(replace(case, position=position))
    return preparation, cases


def written_cases() -> Iterator[tuple[Preparation, list[Case]]]:
    """The requests of `training/requests/`, each file with its own catalogue or else ours."""
    for lines in sorted((REPOSITORY / "training/requests").glob("*.jsonl")):
        beside = lines.with_suffix(".yaml")
        registry = load_registry(beside if beside.is_file() else REPOSITORY / "registry.yaml")
        preparation = Preparation(lines.stem, registry)
        number = preparation.graph.tool_number
        cases = []
        for position, line in enumerate(lines.read_text().splitlines()):
            row = json.loads(line)
            ways = ([each] if isinstance(each, str) else each for each in row["tools"])
            needed = [sorted({number[tool] for tool in way}) for way in ways]
            attached = _attached(row, preparation.graph)
            case = preparation.case(row["request"], attached, needed)
            if case is not None:
                cases.append(replace(case, position=position))
        yield preparation, cases


def _attached(row: dict[str, Any], graph: ToolGraph) -> tuple[Attachment, ...]:
    if "resources" not in row:
        return implied_attachments(row["request"], ())
    return tuple(
        Attachment(name=each["name"], type=graph.type_called(each["type"]))
        for each in row["resources"]
    )


def own_cases() -> Iterator[tuple[Preparation, list[Case]]]:
    """The examples of our cards: one half asks, while the other half stays in the card."""
    registry = load_registry(REPOSITORY / "registry.yaml")
    for half in (0, 1):
        cards = {
            name: replace(card, examples=card.examples[half::2])
            for name, card in registry.cards.items()
        }
        preparation = Preparation(f"own-{half}", replace(registry, cards=cards))
        cases = []
        for name, card in registry.cards.items():
            for example in card.examples[1 - half :: 2]:
                attached = tuple(
                    Attachment(name=f"file-{port.name}", type=port.resource_type)
                    for port in card.required_inputs
                )
                tool = preparation.graph.tool_number[name]
                case = preparation.case(example, attached, [[tool]])
                if case is not None:
                    cases.append(replace(case, position=len(cases)))
        yield preparation, cases


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        msg = f"{path} is no Python file"
        raise SystemExit(msg)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
