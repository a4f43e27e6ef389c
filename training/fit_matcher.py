"""Fit the planner's matcher: which tool does each clause of a request ask for, if any?

Only whole requests are labelled, with the set of tools they need; which clause asks for which tool
is not known. A request needs a tool when at least one of its clauses asks for it (noisy or over
the clauses), and no clause asks for any other tool.

Data: the development parts of the planning benchmarks (`--data`, see its README), requests written
for this project (`training/requests/`, see its README), and the examples of this repository's
cards, half of them as requests while the other half stays in the card.

    pip install torch==2.13.0
    python training/fit_matcher.py --data ../shared/bench --encoder <folder with model.onnx> \
        --out planner/controlllm_planner/matching

The probabilities are calibrated on cases that were left out of fitting, five times a fifth of
them; how well the tools of such cases are found is printed. With `--save-folds
build/matcher-folds` it writes weights that `benchmarks/plan_requests.py` asks about the cases they
were not fitted with. Without `--encoder` the weights for sentences stay as they are.
"""

from __future__ import annotations

import argparse
import random
import statistics
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from calibration import Choice, best_temperature, expected_error, judged
from labelled_requests import (
    Case,
    Catalogue,
    Preparation,
    benchmark_cases,
    own_cases,
    written_cases,
)
from matcher_model import Batch, Catalogues, Model

from controlllm_planner.matching.card_sentences import CardSentences
from controlllm_planner.matching.clause_encoder import shipped_encoder
from controlllm_planner.matching.features import TOOL_FEATURES
from controlllm_planner.matching.kept_vectors import KeptVectors
from controlllm_planner.matching.sentence_encoder import Encoder, SentenceEncoder
from controlllm_planner.matching.weights import PROBE, SENTENCE_KINDS
from controlllm_planner.matching.word_vectors import shipped_vectors

EPOCHS = 12
BATCH = 16
SIZES = (80, 160)
"""Where small catalogues end, and middling ones, in tools."""

LEARNED_EPOCHS = 6
LEARNED_FROM = 3
"""Requests that must say a word piece before it is learned by itself."""

PROJECTIONS = ("words", "cards")
LEARNED = ("learned", "learned_mute")
KINDS = ("lexical", "words", *SENTENCE_KINDS)
FOLDS = 5
EXTRA_TOOL = 0.7
"""Weight of asking for a tool that is not needed; less than one, as labels leave tools out."""

WEIGHTS = {"controlllm": 12.0, "huggingface": 7.0, "multimedia": 7.0, "ultratool": 2.8}
"""Of one request in the loss, so that no set drowns the others."""


@dataclass
class Material:
    """What the models of one kind are fitted on.

    Attributes:
        kind: One of `KINDS`.
        sets: The cases, one list a catalogue.
        catalogues: What is known of their tools.
    """

    kind: str
    sets: list[list[Case]]
    catalogues: Catalogues

    def apart(self, fold: int, folds: int) -> tuple[list[Case], list[Case]]:
        """The cases to fit with, and those of one fold: every `folds`-th request of each set."""
        kept, left_out = [], []
        for case in (case for cases in self.sets for case in cases):
            (left_out if case.position % folds == fold else kept).append(case)
        return kept, left_out


def materials(
    data: Path, kinds: Sequence[str], encoders: Mapping[str, Encoder]
) -> Iterator[Material]:
    """The labelled requests as each kind of model sees them."""
    prepared = [*benchmark_cases(data), *written_cases(), *own_cases()]
    for kind in kinds:
        read = {made.label: (made.catalogue(), cases) for made, cases in prepared}
        if kind in SENTENCE_KINDS:
            read = {
                made.label: _by_sentences(made, cases, encoders[kind]) for made, cases in prepared
            }
        known = Catalogues({label: catalogue for label, (catalogue, _) in read.items()})
        yield Material(kind, [cases for _, cases in read.values()], known)


def _by_sentences(
    made: Preparation, cases: Sequence[Case], encoder: Encoder
) -> tuple[Catalogue, list[Case]]:
    """A catalogue and its cases with what sentences mean in place of what words mean."""
    sentences = CardSentences(made.graph.cards, encoder)
    catalogue = replace(
        made.catalogue(),
        names=torch.tensor(sentences.names),
        texts=torch.tensor(sentences.texts),
    )
    meanings, near = sentences.of([text for case in cases for text in case.texts])
    read, at = [], 0
    for case in cases:
        rows = slice(at, at + len(case.texts))
        tools = torch.cat([case.tools, torch.tensor(near[rows])], -1)
        read.append(replace(case, meaning=torch.tensor(meanings[rows]), tools=tools))
        at += len(case.texts)
    return catalogue, read


Fitted = tuple[Model, Mapping[int, torch.Tensor]]


def fit(cases: Sequence[Case], material: Material) -> Fitted:
    """A model fitted by AdamW, and the links that it knows; the same on the same machine."""
    torch.manual_seed(0)
    links = material.catalogues.links(cases)
    places = learned_places(cases)
    model = Model(material.kind, cases[0].meaning.shape[1], cases[0].tools.shape[2], places)
    learned = [model.learned, model.learned_mute]
    projections = [model.words, model.cards]
    rest = [p for n, p in model.named_parameters() if n not in {*PROJECTIONS, *LEARNED}]
    first = [{"params": projections, "weight_decay": 0.03}, {"params": rest, "weight_decay": 1e-3}]

    def loss_of(drawn: Sequence[Case]) -> torch.Tensor:
        total = torch.zeros(())
        for alike in _of_like_size(drawn, material.catalogues):
            batch = Batch.of(alike, material.catalogues)
            losses = model.losses(batch, material.catalogues, links, EXTRA_TOOL)
            total = total + losses @ torch.tensor([WEIGHTS.get(c.catalogue, 1.0) for c in alike])
        return total / BATCH

    _descend(torch.optim.AdamW(first, lr=8e-3), EPOCHS, cases, loss_of)
    if model.kind != "lexical":
        # what single words ask for comes last and on top: fitted together, it takes over from what
        # holds for any catalogue
        last = torch.optim.AdamW(learned, lr=4e-3, weight_decay=0.3)
        _descend(last, LEARNED_EPOCHS, cases, loss_of)
    return model.eval(), links


def _descend(
    optimiser: torch.optim.Optimizer,
    epochs: int,
    cases: Sequence[Case],
    loss_of: Callable[[Sequence[Case]], torch.Tensor],
) -> None:
    """Some passes over all cases, each with smaller steps."""
    order = list(cases)
    for epoch in range(epochs):
        random.Random(epoch).shuffle(order)
        for at in range(0, len(order), BATCH):
            optimiser.zero_grad()
            loss_of(order[at : at + BATCH]).backward()
            optimiser.step()
        for group in optimiser.param_groups:
            group["lr"] *= 0.88


def learned_places(cases: Sequence[Case]) -> torch.Tensor:
    """For each word piece its place among those that enough requests say, or -1. `(pieces,)`."""
    said = Counter(row for case in cases for row in set(case.pieces.tolist()))
    kept = sorted(row for row, count in said.items() if count >= LEARNED_FROM)
    places = torch.full((len(shipped_vectors().table),), -1)
    places[kept] = torch.arange(len(kept))
    return places


def _of_like_size(cases: Sequence[Case], catalogues: Catalogues) -> Iterable[list[Case]]:
    """Cases of small, middling and large catalogues apart: they are padded to the largest."""
    parted: dict[int, list[Case]] = {}
    for case in cases:
        tools = int(catalogues.sizes[catalogues.number[case.catalogue]])
        parted.setdefault(bisect(SIZES, tools), []).append(case)
    return parted.values()


def scores_of(fitted: Fitted, cases: Sequence[Case], catalogues: Catalogues) -> list[torch.Tensor]:
    """For each case the scores of its clauses, `(clauses, 1 + tools)`."""
    model, links = fitted
    found = []
    with torch.no_grad():
        for at in range(0, len(cases), BATCH):
            drawn = cases[at : at + BATCH]
            batch = Batch.of(drawn, catalogues)
            scores = model(batch, catalogues, links)
            parts = scores.split([len(case.clause) for case in drawn])
            for case, part in zip(drawn, parts, strict=True):
                found.append(part[:, : 1 + case.tools.shape[1]])
    return found


def quality(case: Case, scores: torch.Tensor) -> float:
    """Node F1 of the tools that clauses ask for; for goals with several ways, whether all are met.

    Where no clause clearly asks, the likeliest tool counts; unless the request needs none.
    """
    asked = {int(best) - 1 for best in scores.argmax(1) if best > 0}
    if not case.needed:
        return float(not asked)
    found = asked or {int(scores[:, 1:].max(0).values.argmax())}
    needed = {tools[0] for tools in case.needed}
    if case.catalogue == "controlllm":
        allowed = {tool for tools in case.needed for tool in tools}
        met = all(found & set(tools) for tools in case.needed)
        return float(met and found <= allowed)
    return 2 * len(needed & found) / (len(needed) + len(found))


def choices_of(case: Case, scores: torch.Tensor) -> Iterator[Choice]:
    """What was thought of each clause of a case."""
    needed = frozenset(tool for tools in case.needed for tool in tools)
    return (Choice(row, needed) for row in scores.numpy())


def cross_validate(material: Material, folds: int) -> tuple[list[Fitted], float]:
    """Print the mean quality over cases that were left out of fitting, and how honest it is.

    Returns:
        What was fitted without each fold, and the temperature that makes it most honest.
    """
    results: dict[str, list[float]] = {}
    choices: list[Choice] = []
    models = []
    for fold in range(folds):
        kept, left_out = material.apart(fold, folds)
        models.append(fit(kept, material))
        found = scores_of(models[-1], left_out, material.catalogues)
        for case, scores in zip(left_out, found, strict=True):
            results.setdefault(case.catalogue, []).append(quality(case, scores))
            choices += choices_of(case, scores)
    means = ", ".join(f"{name} {100 * statistics.mean(v):.1f}" for name, v in results.items())
    print(f"{material.kind}: {means}", flush=True)
    temperature = best_temperature(choices)
    before, after = (expected_error(*judged(choices, each)) for each in (1.0, temperature))
    print(
        f"{material.kind}: expected calibration error {100 * before:.1f} %, "
        f"with temperature {temperature:.2f} {100 * after:.1f} %",
        flush=True,
    )
    return models, temperature


def stored(fitted: Fitted, temperature: float) -> dict[str, np.ndarray]:
    """The weights of one kind as the planner reads them; half precision does for projections."""
    model, _ = fitted
    values = {name: each.detach().numpy() for name, each in model.named_parameters()}
    tool = values["tool"] * model.used.numpy()
    values["tool"], near = tool[:TOOL_FEATURES], tool[TOOL_FEATURES:]
    values["learned_pieces"] = (model.place >= 0).nonzero()[:, 0].numpy().astype(np.uint16)
    for name in (*PROJECTIONS, *LEARNED):
        values[name] = values[name].astype(np.float16)
    if model.kind == "lexical":
        values = {name: each for name, each in values.items() if not name.startswith("learned")}
        values |= {name: values[name][:, :0] for name in PROJECTIONS}
    if near.size:
        values["near"] = near
    values["temperature"] = np.float32(temperature)
    return {f"{model.kind}.{name}": value for name, value in values.items()}


def main() -> None:
    """Cross-validate, and fit and save what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, metavar="DIR")
    parser.add_argument("--out", type=Path, metavar="DIR")
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--save-folds", type=Path, metavar="DIR")
    parser.add_argument("--kinds", default=",".join(KINDS), metavar="KIND,...")
    parser.add_argument("--cache", type=Path, default=Path("build"), metavar="DIR")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # small products: threads cost more than they save
    encoders: dict[str, Encoder] = {"clauses": shipped_encoder()}
    if arguments.encoder:
        large = SentenceEncoder(arguments.encoder)
        encoders["sentences"] = KeptVectors(large, arguments.cache)
    without = set(SENTENCE_KINDS) - set(encoders)
    kinds = [kind for kind in arguments.kinds.split(",") if kind not in without]
    files: dict[Path, dict[str, np.ndarray]] = {}
    for material in materials(arguments.data, kinds, encoders):
        _add_weights(files, material, arguments)
    for file, weights in files.items():
        for kind in (kind for kind in kinds if kind in encoders):
            weights[f"{kind}.probe"] = encoders[kind].encode([PROBE])[0]
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, **_others(file, weights), **weights)


def _others(file: Path, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The weights in a file of kinds that were not fitted this time."""
    if not file.is_file():
        return {}
    fitted = {name.split(".")[0] for name in weights}
    with np.load(file) as held:
        return {name: held[name] for name in held.files if name.split(".")[0] not in fitted}


def _add_weights(
    files: dict[Path, dict[str, np.ndarray]], material: Material, arguments: argparse.Namespace
) -> None:
    """The weights of one kind for each file that is asked for."""
    models, temperature = cross_validate(material, arguments.folds)
    if arguments.save_folds:
        for fold, fitted in enumerate(models):
            file = arguments.save_folds / f"matcher-fold-{fold}.npz"
            files.setdefault(file, {}).update(stored(fitted, temperature))
    if arguments.out:
        together = [case for cases in material.sets for case in cases]
        fitted = fit(together, material)
        files.setdefault(arguments.out / "matcher.npz", {}).update(stored(fitted, temperature))


if __name__ == "__main__":
    main()
