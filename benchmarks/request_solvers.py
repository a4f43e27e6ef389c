"""Who answers the requests: our planner with its variants, and the plain ways beside it.

A solver is made from a catalogue and the fold whose other cases may be learned from. The planner as
it ships is the one exception: its matcher was fitted with all these cases, so that its figures tell
how well it knows them, not how well it does on others. All of them answer lines of the batch
format, so that time is taken in the same way.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.breadth_first import BreadthFirst
from benchmarks.request_sets import FOLDS, Fold, RequestSet, links_of
from controlllm.app import make_planner
from controlllm.batch import plan_line
from controlllm_planner.decompose.by_matching import ByMatching
from controlllm_planner.decompose.mentions import implied_attachments, mark
from controlllm_planner.decompose.reading import Reader
from controlllm_planner.matching.card_sentences import CardSentences
from controlllm_planner.matching.clause_encoder import shipped_encoder
from controlllm_planner.matching.model import Matcher
from controlllm_planner.matching.weights import MatcherWeights, read_weights
from controlllm_planner.matching.word_vectors import shipped_vectors
from controlllm_planner.planner import Planner
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.task import Attachment
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.registry import Registry
from controlllm_tools.resources import ResourceType

JsonObject = dict[str, Any]
Solve = Callable[[JsonObject], JsonObject]
Solver = Callable[[RequestSet, Registry, Fold], Solve]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Our planner with some settings.

    Attributes:
        options: Arguments of `controlllm.app.make_planner`.
        weights: Folder of weights that were fitted without one fold each; None for those that ship.
        views: The weights that the matcher has: `lexical` alone, or `words` and after it `clauses`.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    weights: Path | None = None
    views: tuple[str, ...] = ("words", "clauses")

    def __call__(self, _asked: RequestSet, registry: Registry, fold: Fold) -> Solve:
        """The solver."""
        planner = make_planner(registry, all_tools=True, **self.options)
        if self.weights is not None:
            planner = self._refitted(planner, fold_file(self.weights, fold.number))
        return partial(plan_line, planner)

    def _refitted(self, planner: Planner, file: Path) -> Planner:
        graph, lexical = planner.graph, LexicalRelevance(planner.graph)
        vectors = shipped_vectors() if "words" in self.views else None
        sentences = None
        if "clauses" in self.views:
            sentences = CardSentences(graph.cards, shipped_encoder())
        weights = [_read(file, view) for view in self.views]
        matcher = Matcher(graph, lexical, vectors, sentences, weights)
        return replace(planner, decomposer=ByMatching(graph, lexical, matcher))


def _read(file: Path, kind: str) -> MatcherWeights:
    with file.open("rb") as stream:
        return read_weights(stream, kind)


OURS = "ours"
UNSEEN = "ours cross-validated"


def fold_file(folder: Path, number: int) -> Path:
    """The weights that were fitted without one fold."""
    return folder / f"matcher-fold-{number}.npz"


def has_folds(folder: Path) -> bool:
    """Whether a folder holds weights for every fold."""
    return all(fold_file(folder, number).is_file() for number in range(FOLDS))


def ablations(weights: Path | None) -> dict[str, Variant]:
    """What `--ablate` runs besides: our planner with one part of it left out."""
    if weights is None:
        return {"greedy search": Variant(options={"strategy": "greedy"})}
    return {
        "words alone": Variant(weights=weights, views=("lexical",)),
        "no clause encoder": Variant(weights=weights, views=("words",)),
        "greedy search": Variant(options={"strategy": "greedy"}, weights=weights),
    }


def types_only(_asked: RequestSet, registry: Registry, _fold: Fold) -> Solve:
    """The shortest chain of tools from the files to the last type that the words name.

    No word is held against a tool. Of chains of one length the first of the catalogue is taken;
    where no type is named, the first tool that can be called.
    """
    cards = list(registry.cards.values())
    chains = BreadthFirst(cards)
    type_words = _type_words(registry)

    def solve(line: JsonObject) -> JsonObject:
        files = _files(line, registry)
        given = [*(str(each.type) for each in files), "text"]
        named = [type_words[word] for word in _WORD.findall(line["request"]) if word in type_words]
        found = chains.solve("", given, named[-1], 1) if named else []
        tools = found[0] if found else _first_callable(cards, given)
        return _answer([registry.cards[tool] for tool in tools], files, line["request"])

    return solve


def best_tool_per_clause(_asked: RequestSet, registry: Registry, _fold: Fold) -> Solve:
    """For each clause the tool that its words fit best, one after the other; no graph."""
    reader = _Clauses(registry)

    def solve(line: JsonObject) -> JsonObject:
        tools = dict.fromkeys(filter(None, map(reader.best, reader.clauses(line))))
        cards = [registry.cards[tool] for tool in tools]
        return _answer(cards, _files(line, registry), line["request"])

    return solve


def bigram(asked: RequestSet, registry: Registry, fold: Fold) -> Solve:
    """The best tool of the first clause, then for each clause the most common next tool."""
    reader = _Clauses(registry)
    followers: dict[str, Counter[str]] = defaultdict(Counter)
    for (source, target), count in links_of(fold.known).items():
        followers[asked.tool_name(source)][asked.tool_name(target)] += count
    following = {tool: counts.most_common(1)[0][0] for tool, counts in followers.items()}

    def solve(line: JsonObject) -> JsonObject:
        tools: list[str] = []
        for clause in reader.clauses(line):
            tool = (following.get(tools[-1]) if tools else None) or reader.best(clause)
            if tool and tool not in tools:
                tools.append(tool)
        return _answer([registry.cards[tool] for tool in tools], [], line["request"])

    return solve


def solvers_of(
    asked: RequestSet, *, ablate: bool = False, weights: Path | None = None
) -> dict[str, Solver]:
    """Who answers a set, by name; ours first.

    Args:
        asked: The set.
        ablate: Whether our variants answer as well.
        weights: Folder with the weights of each fold; without it nothing is cross-validated.
    """
    variants = {UNSEEN: Variant(weights=weights)} if weights is not None else {}
    if ablate:
        variants |= ablations(weights)
    baselines: dict[str, Solver] = {"best tool per clause": best_tool_per_clause}
    if asked.is_untyped:
        baselines["bigram"] = bigram
    else:
        baselines["types only"] = types_only
    return {OURS: Variant(), **variants, **baselines}


_WORD = re.compile(r"[a-z]+")


class _Clauses:
    """Reads clauses, and knows the best tool for each, by words alone."""

    def __init__(self, registry: Registry) -> None:
        self._graph = ToolGraph.from_registry(registry)
        self._relevance = LexicalRelevance(self._graph)
        self._reader = Reader(self._graph, self._relevance, Matcher(self._graph, self._relevance))

    def clauses(self, line: JsonObject) -> Iterator[str]:
        """The clauses without what they point at."""
        files = _files(line, self._graph)
        marked = mark(line["request"], files)
        for part in self._reader.parts(marked, [each.type for each in files]):
            yield marked.words_only(part.span.text)

    def best(self, clause: str) -> str | None:
        """The tool that fits best; None when no word fits any."""
        scores = self._relevance.scores(clause)
        best = int(scores.argmax()) if len(scores) else 0
        return self._graph.cards[best].name if len(scores) and scores[best] > 0 else None


def _files(line: JsonObject, catalogue: Registry | ToolGraph) -> list[Attachment]:
    """What is handed over; else the files that the words name."""
    names = list(map(str, catalogue.types))
    dotted = {name.rpartition(".")[2]: name for name in names} | {name: name for name in names}
    handed = [
        Attachment(name=each["name"], type=ResourceType(dotted.get(each["type"], each["type"])))
        for each in line.get("resources", ())
    ]
    return handed or list(implied_attachments(line["request"], ()))


def _type_words(registry: Registry) -> dict[str, str]:
    """The last word of each type's name, and its plural."""
    last = {str(name).rpartition(".")[2]: str(name) for name in registry.types}
    return {f"{word}s": name for word, name in last.items()} | last


def _first_callable(cards: Sequence[ToolCard], given: Sequence[str]) -> tuple[str, ...]:
    for card in cards:
        wanted = [port.resource_type for port in card.required_inputs]
        if wanted and all(any(type_.accepts(each) for each in given) for type_ in wanted):
            return (card.name,)
    return ()


def _answer(cards: Sequence[ToolCard], files: Sequence[Attachment], text: str) -> JsonObject:
    """Calls one after the other as an answer; each port takes the latest thing that fits it."""
    steps: list[JsonObject] = []
    for number, card in enumerate(cards, start=1):
        steps.append(
            {
                "id": f"s{number}",
                "tool": card.name,
                "inputs": {
                    port.name: [source]
                    for port in card.required_inputs
                    if (source := _source(port, steps, files, text))
                },
                "outputs": [{"name": port.name, "type": port.type} for port in card.outputs],
                "after": [steps[-1]["id"]] if steps else [],
            }
        )
    return {"steps": steps, "error": None}


def _source(
    port: Port, steps: Sequence[JsonObject], files: Sequence[Attachment], text: str
) -> JsonObject | None:
    for step in reversed(steps):
        for output in step["outputs"]:
            if port.resource_type.accepts(output["type"]):
                return {"step": step["id"], "output": output["name"]}
    for each in files:
        if port.resource_type.accepts(each.type):
            return {"resource": each.name}
    return {"value": text, "type": port.type} if port.resource_type.root == "text" else None
