"""Fit the planner's matcher: which tool does each clause of a request ask for, if any?

Only whole requests are labelled, with the set of tools they need; which clause asks for which tool
is not known. A request needs a tool when at least one of its clauses asks for it (noisy or over
the clauses), and no clause asks for any other tool.

Data: the development parts of the planning benchmarks (`--data`, see its README) and the examples
of this repository's cards, half of them as requests while the other half stays in the card.

    pip install torch==2.13.0
    python training/fit_matcher.py --data ../shared/bench --out planner/controlllm_planner/matching

With `--folds 5` it prints how well the tools of cases that were left out are found instead. With
`--save-folds build/matcher-folds` it writes weights that `benchmarks/plan_requests.py` asks about
the cases they were not fitted with.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from controlllm_planner.decompose.mentions import implied_attachments, mark
from controlllm_planner.decompose.reading import Reader, spoken_types
from controlllm_planner.matching.features import (
    CLAUSE_FEATURES,
    AtHand,
    CatalogueFeatures,
    type_tables,
)
from controlllm_planner.matching.model import Matcher
from controlllm_planner.matching.word_vectors import shipped_vectors
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.task import Attachment
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.registry import Registry, load_registry
from controlllm_tools.resources import ResourceType

REPOSITORY = Path(__file__).parents[1]
RANK = 32
EPOCHS = 12
BATCH = 16
KINDS = ("words", "lexical")
SAVED_FOLDS = 5
EXTRA_TOOL = 0.7
"""Weight of asking for a tool that is not needed; less than one, as labels leave tools out."""

WEIGHTS = {"controlllm": 2.0, "ultratool": 0.4}
"""Of one request in the loss, so that no set drowns the others."""


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
        position: Its place among all requests of its set, which says the fold that it is in.
    """

    catalogue: str
    meaning: torch.Tensor
    tools: torch.Tensor
    clause: torch.Tensor
    at_hand: torch.Tensor
    needed: list[list[int]]
    links: list[tuple[int, int]]
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
        )


class Model(torch.nn.Module):
    """The model of `controlllm_planner.matching.model`, in a form that can be fitted."""

    def __init__(self, dimensions: int, *, with_words: bool) -> None:
        super().__init__()
        parameter = torch.nn.Parameter
        self.with_words = with_words
        used = torch.tensor([1.0, 1, with_words, with_words, with_words, 1, 1, 1, 1, 1])
        self.register_buffer("used", used)
        self.tool = parameter(torch.tensor([1.5, 1.5, 3.0, 3.0, 1.5, 0.3, 0.3, 0.3, 0.3, 1.0]))
        self.clause = parameter(torch.zeros(CLAUSE_FEATURES))
        self.mute = parameter(torch.zeros(dimensions))
        self.words = parameter(torch.randn(dimensions, RANK) * 0.12)
        self.cards = parameter(torch.randn(dimensions, RANK) * 0.12)
        self.name_share = parameter(torch.tensor(0.5))
        self.bias = parameter(torch.tensor(0.0))
        self.at_hand = parameter(torch.tensor([0.3, 0.3]))
        self.flow = parameter(torch.tensor([0.1, 0.1, 0.1]))

    def forward(self, case: Case, catalogue: Catalogue) -> torch.Tensor:
        """Log probabilities `(clauses, 1 + tools)`; the first column is for no tool."""
        scores = case.tools @ (self.tool * self.used) + self.bias
        scores = scores + (case.at_hand @ self.at_hand)[None]
        none = case.clause @ self.clause
        if self.with_words:
            share = self.name_share
            cards = share * catalogue.names + (1 - share) * catalogue.texts
            scores = scores + (case.meaning @ self.words) @ (cards @ self.cards).T
            none = none + case.meaning @ self.mute
        first = torch.softmax(torch.cat([none[:, None], scores], 1), 1)
        scores = scores + self._followed(first, case, catalogue)
        return torch.log_softmax(torch.cat([none[:, None], scores], 1), 1)

    def _followed(self, first: torch.Tensor, case: Case, catalogue: Catalogue) -> torch.Tensor:
        latest, nothing_yet = torch.zeros(first.shape[1] - 1), torch.ones(())
        has_main = catalogue.main >= 0
        added = []
        for row in first:
            made = torch.zeros(catalogue.takes.shape[1])
            made = made.index_add(0, catalogue.main[has_main], latest[has_main])
            added.append(
                self.flow[0] * (catalogue.takes @ made)
                + self.flow[1] * nothing_yet * case.at_hand[:, 0]
                + self.flow[2] * (latest @ catalogue.links)
            )
            latest = row[1:] + row[0] * latest
            nothing_yet = nothing_yet * row[0]
        return torch.stack(added)

    def loss(self, case: Case, catalogue: Catalogue) -> torch.Tensor:
        """Minus the log likelihood that the clauses ask for what is needed and nothing else."""
        asked = self(case, catalogue).exp()[:, 1:].clamp(1e-6, 1 - 1e-6)
        total = torch.zeros(())
        for tools in case.needed:
            missed = torch.log1p(-asked[:, tools].sum(1).clamp(max=1 - 1e-6)).sum()
            total = total - torch.log1p(-missed.exp().clamp(max=1 - 1e-6))
        others = torch.ones(asked.shape[1], dtype=torch.bool)
        others[[tool for tools in case.needed for tool in tools]] = False
        extra = asked[:, others].sum(1).clamp(max=1 - 1e-6)
        return total - EXTRA_TOOL * torch.log1p(-extra).sum()


def fit(cases: Sequence[Case], catalogues: dict[str, Catalogue], *, with_words: bool) -> Model:
    """Fit a model by AdamW; the same result every time on the same machine."""
    torch.manual_seed(0)
    for catalogue in catalogues.values():
        catalogue.links = torch.zeros_like(catalogue.links)
    for case in cases:
        for before, after in case.links:
            catalogues[case.catalogue].links[before, after] += 1
    for catalogue in catalogues.values():
        catalogue.links = torch.log1p(catalogue.links)
    model = Model(cases[0].meaning.shape[1], with_words=with_words)
    projections = [model.words, model.cards]
    rest = [each for name, each in model.named_parameters() if name not in {"words", "cards"}]
    groups = [{"params": projections, "weight_decay": 0.03}, {"params": rest, "weight_decay": 1e-3}]
    optimiser = torch.optim.AdamW(groups, lr=8e-3)
    order = list(cases)
    for epoch in range(EPOCHS):
        random.Random(epoch).shuffle(order)
        for at in range(0, len(order), BATCH):
            optimiser.zero_grad()
            batch = order[at : at + BATCH]
            losses = [
                WEIGHTS.get(case.catalogue, 1.0) * model.loss(case, catalogues[case.catalogue])
                for case in batch
            ]
            (torch.stack(losses).sum() / BATCH).backward()
            optimiser.step()
        for group in optimiser.param_groups:
            group["lr"] *= 0.88
    return model


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


def _attached(row: dict[str, Any], graph: ToolGraph) -> tuple[Attachment, ...]:
    if "resources" not in row:
        return implied_attachments(row["request"], ())
    dotted = {type_.rsplit(".", 1)[-1]: type_ for type_ in reversed(graph.type_names)}
    return tuple(
        Attachment(name=each["name"], type=ResourceType(dotted.get(each["type"], each["type"])))
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


def found_tools(model: Model, case: Case, catalogue: Catalogue) -> set[int]:
    """The tools that clauses ask for; the likeliest one when no clause clearly asks."""
    with torch.no_grad():
        scores = model(case, catalogue)
    chosen = {int(best) - 1 for best in scores.argmax(1) if best > 0}
    return chosen or {int(scores[:, 1:].max(0).values.argmax())}


def quality(case: Case, found: set[int]) -> float:
    """Node F1; for goals with several ways, whether all goals and nothing else were found."""
    needed = {tools[0] for tools in case.needed}
    if case.catalogue == "controlllm":
        allowed = {tool for tools in case.needed for tool in tools}
        met = all(found & set(tools) for tools in case.needed)
        return float(met and found <= allowed)
    return 2 * len(needed & found) / (len(needed) + len(found))


def apart(sets: Iterable[list[Case]], fold: int, folds: int) -> tuple[list[Case], list[Case]]:
    """The cases to fit with, and those of one fold: every `folds`-th request of each set."""
    kept, left_out = [], []
    for case in (case for cases in sets for case in cases):
        (left_out if case.position % folds == fold else kept).append(case)
    return kept, left_out


def cross_validate(
    sets: Iterable[list[Case]], catalogues: dict[str, Catalogue], folds: int
) -> None:
    """Print the mean quality over cases that were left out of fitting."""
    for with_words in (False, True):
        results: dict[str, list[float]] = {}
        for fold in range(folds):
            kept, left_out = apart(sets, fold, folds)
            model = fit(kept, catalogues, with_words=with_words)
            for case in left_out:
                found = found_tools(model, case, catalogues[case.catalogue])
                results.setdefault(case.catalogue, []).append(quality(case, found))
        means = ", ".join(f"{k} {100 * statistics.mean(v):.1f}" for k, v in results.items())
        print(f"{'with' if with_words else 'without'} word vectors: {means}", flush=True)


def save(cases: Sequence[Case], catalogues: dict[str, Catalogue], path: Path) -> None:
    """Fit with and without word vectors; write the weights in the form that the planner reads."""
    stored: dict[str, np.ndarray] = {}
    for kind in KINDS:
        model = fit(cases, catalogues, with_words=kind == "words")
        values = {name: each.detach().numpy() for name, each in model.named_parameters()}
        values["tool"] = values["tool"] * model.used.numpy()
        stored.update({f"{kind}.{name}": value for name, value in values.items()})
    np.savez_compressed(path, **stored)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        msg = f"{path} is no Python file"
        raise SystemExit(msg)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Fit and save, or cross-validate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--save-folds", type=Path, metavar="DIR")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # small products: threads cost more than they save
    prepared = [*benchmark_cases(arguments.data), *own_cases()]
    catalogues = {preparation.label: preparation.catalogue() for preparation, _ in prepared}
    sets = [cases for _, cases in prepared]
    if arguments.folds:
        cross_validate(sets, catalogues, arguments.folds)
    if arguments.out:
        together = [case for cases in sets for case in cases]
        save(together, catalogues, arguments.out / "matcher.npz")
    if arguments.save_folds:
        arguments.save_folds.mkdir(parents=True, exist_ok=True)
        for fold in range(SAVED_FOLDS):
            kept, _ = apart(sets, fold, SAVED_FOLDS)
            save(kept, catalogues, arguments.save_folds / f"matcher-fold-{fold}.npz")


if __name__ == "__main__":
    main()
