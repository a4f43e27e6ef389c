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
import random
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from labelled_requests import Case, Catalogue, benchmark_cases, own_cases

from controlllm_planner.matching.features import CLAUSE_FEATURES

RANK = 32
EPOCHS = 12
BATCH = 16
KINDS = ("words", "lexical")
SAVED_FOLDS = 5
EXTRA_TOOL = 0.7
"""Weight of asking for a tool that is not needed; less than one, as labels leave tools out."""

WEIGHTS = {"controlllm": 2.0, "ultratool": 0.4}
"""Of one request in the loss, so that no set drowns the others."""


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
