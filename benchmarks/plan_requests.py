"""How right are whole plans? The published requests of ControlLLM, TaskBench and UltraTool.

Each request goes through what `controlllm plan --batch --all-tools` does, with the set's own tools.
The matcher that ships was fitted with these very cases; "cross-validated" has, for each fifth of
the cases, weights that were fitted without it (`training/fit_matcher.py --save-folds`). The links
of UltraTool never come from the fold that is asked. Predictions are kept as JSON lines, so that
anyone can score them again.

    .venv/bin/python benchmarks/plan_requests.py [--set SET] [--data DATA] [--folds DIR] [--ablate]
    .venv/bin/python benchmarks/plan_requests.py --set SET --rescore PREDICTIONS
    .venv/bin/python benchmarks/plan_requests.py --set SET --failures 10
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.request_scores import Answer, score
from benchmarks.request_sets import SETS, Case, RequestSet, folds, open_set, read_lines
from benchmarks.request_solvers import OURS, UNSEEN, Solver, has_folds, solvers_of
from benchmarks.table import Figure, grid, machine, percentile, report
from controlllm.batch import run_batch

REPOSITORY = Path(__file__).resolve().parent.parent
DATA = REPOSITORY.parent / "shared" / "bench"
FOLD_WEIGHTS = REPOSITORY / "build" / "matcher-folds"

LEAST = {
    "controlllm": {"SE": 90, "SE hard": 80, "NR": 92, "CR": 100},
    "taskbench-huggingface": {"node F1": 70, "link F1": 38},
    "taskbench-multimedia": {"node F1": 78, "link F1": 48},
    "ultratool": {"node F1": 55},
}
"""Floors in per cent."""

MOST = {"IR": 6.0, "HR": 0.0, "time p95": 20.0}
"""Ceilings: per cent, and milliseconds."""

PUBLISHED: dict[str, dict[str, dict[str, float]]] = {
    "controlllm": {
        "ControlLLM-Mix*": {
            "SE": 93, "SE easy": 98, "SE medium": 96, "SE hard": 81,
            "NR": 93, "IR": 3, "HR": 2, "CR": 98,
        },
        "HuggingGPT*": {"SE": 59},
    },
    "taskbench-huggingface": {
        "GPT-4*": {"node F1": 81.54, "link F1": 54.70},
        "CodeLlama-13B*": {"node F1": 53.16, "link F1": 14.64},
        "Qwen3-8B*": {"node F1": 77.2, "link F1": 39.8},
    },
    "taskbench-multimedia": {
        "GPT-4*": {"node F1": 90.90, "link F1": 69.27},
        "CodeLlama-13B*": {"node F1": 62.78, "link F1": 24.61},
        "Qwen3-8B*": {"node F1": 83.5, "link F1": 51.4},
    },
    "ultratool": {"best published*": {"node F1": 72.8}},
}  # fmt: skip
"""What others report, in per cent, on whole sets rather than on these cases."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, score again, or list failures."""
    options = _options(arguments)
    names = SETS if options.set == "all" else (options.set,)
    for name in names:
        asked = open_set(options.data, name)
        if asked is None:
            print(f"skipped: no data of {name} at {options.data}")
        elif options.rescore is not None:
            _rescore(asked, options.rescore)
        elif options.failures:
            solvers = _solvers(asked, options)
            answers = predict(asked, solvers.get(UNSEEN, solvers[OURS]))
            print("\n".join(told_failures(asked, answers, options.failures)))
        else:
            _run(asked, _solvers(asked, options), options.out)


def _solvers(asked: RequestSet, options: argparse.Namespace) -> dict[str, Solver]:
    """Who answers; nobody is cross-validated without weights for that."""
    weights = options.folds if has_folds(options.folds) else None
    if weights is None:
        print(f"skipped: the cross-validated figures, no weights of folds in {options.folds}")
    return solvers_of(asked, ablate=options.ablate, weights=weights)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", choices=(*SETS, "all"), default="all", help="which requests")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the published cases")
    parser.add_argument("--out", type=Path, help="folder for predictions")
    parser.add_argument(
        "--folds", type=Path, default=FOLD_WEIGHTS, help="folder of weights fitted by folds"
    )
    parser.add_argument("--ablate", action="store_true", help="run our variants as well")
    parser.add_argument("--rescore", type=Path, metavar="FILE", help="score these predictions")
    parser.add_argument("--failures", type=int, default=0, metavar="N", help="list N failed cases")
    options = parser.parse_args(arguments)
    if options.rescore is not None and options.set == "all":
        parser.error("--rescore scores the predictions of one set; name it with --set")
    return options


def _run(asked: RequestSet, solvers: Mapping[str, Solver], out: Path | None) -> None:
    """Ask every solver, keep what it said, and print its figures side by side."""
    about = machine()
    folder = out or table.RESULTS / "predictions"
    folder.mkdir(parents=True, exist_ok=True)
    figures: list[Figure] = []
    for name, solver in solvers.items():
        answers = predict(asked, solver)
        lines = "".join(f"{json.dumps(answer)}\n" for answer in answers)
        file = folder / f"{asked.name}.{name.replace(' ', '_')}.jsonl"
        file.write_text(lines, encoding="ascii")
        figures += figures_of(name, asked, answers)
    figures += published(asked)
    kinds = Counter(str(case.get("level") or case["type"]) for case in asked.cases)
    counts = {"cases": len(asked.cases), **kinds, "tools": len(asked.registry(()).cards)}
    report(f"plan_requests_{asked.name}", figures, {**about, **counts}, layout=grid)
    print(f"predictions in {folder}; ranges are 95 % intervals; * as published, on the whole set")
    print(f"{OURS}: with weights that were fitted with these very cases\n")


def _rescore(asked: RequestSet, file: Path) -> None:
    figures = list(figures_of(file.stem.rpartition(".")[2], asked, list(read_lines(file))))
    print(f"{asked.name}: {file}, {len(asked.cases)} cases\n\n{grid(figures)}")


def predict(asked: RequestSet, solver: Solver) -> list[Answer]:
    """The answers to all cases, in their order; links never come from the fold that is asked."""
    answers: dict[str, Answer] = {}
    for fold in folds(asked.cases):
        solve = solver(asked, asked.registry(fold.known), fold)
        answers |= {each["id"]: each for each in run_batch(map(asked.line, fold.asked), solve)}
    return [answers[case["id"]] for case in asked.cases]


def figures_of(name: str, asked: RequestSet, answers: Sequence[Answer]) -> Iterator[Figure]:
    """The figures of one solver: shares in per cent, times in milliseconds; floors for ours."""
    is_ours = name in {OURS, UNSEEN}
    least = LEAST[asked.name] if is_ours else {}
    most = MOST if is_ours else {}
    for metric in score(asked, answers).metrics:
        low, high = metric.interval
        yield Figure(
            name=f"{metric.name}, {name}",
            value=100 * metric.value,
            unit="%",
            low=100 * low,
            high=100 * high,
            least=least.get(metric.name),
            most=most.get(metric.name),
            note=f"{metric.cases} cases",
        )
    times = [answer["elapsed_ms"] for answer in answers if "elapsed_ms" in answer]
    for what, share in (("time median", 0.5), ("time p95", 0.95)) if times else ():
        value = percentile(times, share)
        yield Figure(name=f"{what}, {name}", value=value, unit="ms", most=most.get(what))


def published(asked: RequestSet) -> Iterator[Figure]:
    """What others report."""
    for name, held in PUBLISHED[asked.name].items():
        for metric, value in held.items():
            yield Figure(name=f"{metric}, {name}", value=value, unit="%", note="whole set")


def told_failures(asked: RequestSet, answers: Sequence[Answer], most: int) -> Iterator[str]:
    """Failed cases by id, as Markdown: the request, what is accepted, and our steps."""
    cases = {str(case["id"]): case for case in asked.cases}
    given = {str(answer["id"]): answer for answer in answers}
    failed = score(asked, answers).failed
    yield f"{len(failed)} of {len(cases)} cases of {asked.name} are not fully right.\n"
    for number in failed[:most]:
        yield f"### {number}\n"
        yield f"> {' '.join(cases[number]['request'].split())}\n"
        yield from (f"- accepted: {each}" for each in _accepted(cases[number]))
        yield from (f"- ours: {each}" for each in _said(given[number]))
        yield ""


def _accepted(case: Case) -> Iterator[str]:
    for goal in case.get("goals", ()):
        sets = " or ".join(" + ".join(accepted) for accepted in goal["accept"])
        on = ", ".join(goal["resources"])
        yield f"{sets}{f' on {on}' if on else ''}"
    if "nodes" in case:
        links = [f"{source} -> {target}" for source, target in case["links"]]
        yield f"{', '.join(case['nodes'])}{'; ' if links else ''}{', '.join(links)}"


def _said(answer: Answer) -> Iterator[str]:
    if answer["error"]:
        yield f"{answer['error']['kind']}: {answer['error']['message']}"
    for step in answer["steps"]:
        ports = (f"{port}={'+'.join(_sources(held))}" for port, held in step["inputs"].items())
        after = f" after {', '.join(step['after'])}" if step["after"] and not step["inputs"] else ""
        yield f"{step['id']} {step['tool']}({', '.join(ports)}){after}"


def _sources(bound: Iterable[dict[str, Any]]) -> Iterator[str]:
    for each in bound:
        if "step" in each:
            yield f"{each['step']}.{each['output']}"
        else:
            yield str(each.get("resource") or repr(each.get("value")))


if __name__ == "__main__":
    main()
