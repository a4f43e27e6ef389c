"""How fast and how right is search? The published subtasks of the ControlLLM benchmark.

Every subtask says in words what is to be done, what is given and what is wanted; the catalogue is
the benchmark's own, of 59 tools. Each strategy answers the batch as `controlllm solve` does. Beside
them stands breadth-first search over types with word overlap.

    .venv/bin/python benchmarks/solve_subtasks.py [--data DATA] [--verbose]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.breadth_first import BreadthFirst
from benchmarks.table import Figure, grid, machine, percentile, report, seconds_of
from controlllm.app import STRATEGIES, make_planner
from controlllm.batch import run_batch, solve_line
from controlllm_tools.registry import Registry, load_registry

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "bench"
SOLUTIONS = 5
ROUNDS = 3
ENOUGH_S = 20.0
"""A strategy that takes longer is timed in one round; its figures are far apart anyway."""
MOST_MS = {"median": 1.0, "p95": 5.0}
LEAST_SHARE = 95.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtask:
    """One question with its accepted answers.

    Attributes:
        line: As `controlllm solve` reads it.
        accept: Tool sets of the goal it belongs to; empty when the benchmark has none for it.
        is_whole: Whether it is all of its goal; otherwise it is one of several subtasks.
    """

    line: dict[str, Any]
    accept: tuple[tuple[str, ...], ...]
    is_whole: bool

    def is_met_by(self, tools: Iterable[str]) -> bool:
        """Whether these calls are what the benchmark accepts.

        The whole goal wants exactly the calls of one accepted set; a part of a goal wants calls
        that are all in one set.
        """
        called = Counter(tools)
        if self.is_whole:
            return any(called == Counter(each) for each in self.accept)
        return bool(called) and any(called <= Counter(each) for each in self.accept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one solver did with the whole batch.

    Attributes:
        milliseconds: Per subtask, the median over the rounds.
        expanded: Partial solutions taken up, per subtask.
        chains: Per subtask, the tools of each solution.
    """

    milliseconds: list[float]
    expanded: list[int]
    chains: list[list[tuple[str, ...]]]


def main() -> None:
    """Run every strategy and the baseline."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the published cases")
    parser.add_argument("--strategy", choices=list(STRATEGIES), action="append")
    parser.add_argument("--verbose", action="store_true", help="print what was not met")
    options = parser.parse_args()
    cases = options.data / "controlllm" / "dev.jsonl"
    if not cases.is_file():
        print(f"skipped: no data at {options.data}")
        return
    about = machine()
    registry = read_catalogue(options.data)
    subtasks = read_subtasks(cases, registry)
    figures: list[Figure] = []
    for name in options.strategy or list(STRATEGIES):
        outcome = run_strategy(name, registry, subtasks)
        figures += figures_of(name, outcome, subtasks)
        if options.verbose:
            print_unmet(name, outcome, subtasks)
    figures += figures_of("breadth_first", run_baseline(registry, subtasks), subtasks)
    judged = sum(bool(subtask.accept) for subtask in subtasks)
    counts = {"subtasks": len(subtasks), "judged": judged, "tools": len(registry.cards)}
    report("solve_subtasks", figures, {**about, **counts}, layout=grid)


def read_catalogue(data: Path) -> Registry:
    """The benchmark's tools, turned into a registry by the benchmark's own program."""
    spec = importlib.util.spec_from_file_location("registries", data / "registries.py")
    if spec is None or spec.loader is None:
        msg = f"{data / 'registries.py'} cannot be imported"
        raise ImportError(msg)
    registries = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(registries)
    tools = json.loads((data / "controlllm" / "tools.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "registry.yaml"
        registries.controlllm(tools, file)
        return load_registry(file)


def read_subtasks(cases: Path, registry: Registry) -> list[Subtask]:
    """Every subtask of every request, with `image.line` where the benchmark says `line`."""
    dotted = {name.rpartition(".")[2]: str(name) for name in registry.types}
    requests = [json.loads(line) for line in cases.read_text(encoding="utf-8").splitlines()]
    return [_subtask(request, each, dotted) for request in requests for each in request["subtasks"]]


def _subtask(request: dict[str, Any], data: dict[str, Any], dotted: Mapping[str, str]) -> Subtask:
    goal = next((g for g in request["goals"] if data["id"] in g["subtasks"]), None)
    domains = data["task"]
    return Subtask(
        line={
            "id": f"{request['id']}/{data['id']}",
            "goal": data["description"],
            "domains": [domains] if isinstance(domains, str) else domains,
            "given": [_given(each, dotted) for each in data["args"]],
            "wants": [dotted[each["type"]] for each in data["returns"]],
        },
        accept=tuple(tuple(each) for each in goal["accept"]) if goal else (),
        is_whole=goal is not None and len(goal["subtasks"]) == 1,
    )


def _given(data: dict[str, str], dotted: Mapping[str, str]) -> dict[str, str]:
    """A file or an earlier result by its name; text that is said, with its value."""
    named = {"name": data["value"], "type": dotted[data["type"]]}
    is_said = data["type"] == "text" and not data["value"].startswith("<GENERATED>")
    return {**named, "value": data["value"]} if is_said else named


def run_strategy(name: str, registry: Registry, subtasks: Sequence[Subtask]) -> Outcome:
    """Answer the batch a few times, each time with a planner that remembers nothing."""
    lines = [json.dumps(subtask.line) for subtask in subtasks]
    rounds: list[list[dict[str, Any]]] = []
    while len(rounds) < ROUNDS and _seconds_used(rounds) < ENOUGH_S:
        planner = make_planner(registry, strategy=name, all_tools=True, solutions=SOLUTIONS)
        rounds.append(list(run_batch(lines, partial(solve_line, planner))))
    answers = rounds[-1]
    times = [[each["elapsed_ms"] for each in answers] for answers in rounds]
    return Outcome(
        milliseconds=[statistics.median(of_one) for of_one in zip(*times, strict=True)],
        expanded=[each.get("trace", {}).get("expanded", 0) for each in answers],
        chains=[[_tools_of(found) for found in each["solutions"]] for each in answers],
    )


def _seconds_used(rounds: Iterable[list[dict[str, Any]]]) -> float:
    return float(sum(each["elapsed_ms"] for answers in rounds for each in answers)) / 1_000


def _tools_of(solution: dict[str, Any]) -> tuple[str, ...]:
    return tuple(step["tool"] for step in solution["steps"])


def run_baseline(registry: Registry, subtasks: Sequence[Subtask]) -> Outcome:
    """Breadth first over types, with the same types given and wanted."""
    solver = BreadthFirst(list(registry.cards.values()))
    chains: list[list[tuple[str, ...]]] = []

    def solve(line: Mapping[str, Any]) -> None:
        given = [each["type"] for each in line["given"]] + ["text"]
        chains.append(solver.solve(line["goal"], given, line["wants"][0], SOLUTIONS))

    milliseconds = [1_000 * seconds_of(partial(solve, each.line)) for each in subtasks]
    return Outcome(milliseconds=milliseconds, expanded=[0] * len(chains), chains=chains)


def figures_of(name: str, outcome: Outcome, subtasks: Sequence[Subtask]) -> Iterator[Figure]:
    """Time and share of one solver; only the default strategy has targets."""
    is_default = name == "best_first"
    times = {
        "median": percentile(outcome.milliseconds, 0.5),
        "p95": percentile(outcome.milliseconds, 0.95),
        "max": max(outcome.milliseconds),
    }
    for what, value in times.items():
        yield Figure(
            name=f"{name}, {what}",
            value=value,
            unit="ms",
            most=MOST_MS.get(what) if is_default else None,
            beside="" if name == "breadth_first" else f"breadth_first, {what}",
        )
    if any(outcome.expanded):
        expanded = percentile(outcome.expanded, 0.5)
        yield Figure(name=f"{name}, expansions", value=expanded, unit="")
    for what, solutions in (("first solution", 1), (f"any of {SOLUTIONS}", SOLUTIONS)):
        yield _share(f"{name}, {what}", outcome, subtasks, solutions, is_default=is_default)


def _share(
    name: str, outcome: Outcome, subtasks: Sequence[Subtask], solutions: int, *, is_default: bool
) -> Figure:
    met = [
        any(subtask.is_met_by(chain) for chain in chains[:solutions])
        for subtask, chains in zip(subtasks, outcome.chains, strict=True)
        if subtask.accept
    ]
    low, high = wilson(sum(met), len(met))
    what = name.partition(", ")[2]
    return Figure(
        name=name,
        value=100 * sum(met) / len(met),
        unit="%",
        low=100 * low,
        high=100 * high,
        least=LEAST_SHARE if is_default else None,
        beside="" if name.startswith("breadth_first") else f"breadth_first, {what}",
        note=f"{sum(met)} of {len(met)}; the range is the 95 % interval (Wilson)",
    )


def wilson(hits: int, cases: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z = 1.959964
    share = hits / cases
    middle = share + z * z / (2 * cases)
    reach = z * math.sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases))
    scale = 1 + z * z / cases
    return (middle - reach) / scale, (middle + reach) / scale


def print_unmet(name: str, outcome: Outcome, subtasks: Sequence[Subtask]) -> None:
    """The subtasks whose first solution is not accepted."""
    for subtask, chains in zip(subtasks, outcome.chains, strict=True):
        if not subtask.accept or (chains and subtask.is_met_by(chains[0])):
            continue
        line = subtask.line
        later = any(subtask.is_met_by(chain) for chain in chains)
        print(f"{name}: {line['id']} ({'met later' if later else 'not met'}) {line['goal'][:200]}")
        given = ", ".join(each["type"] for each in line["given"])
        print(f"    from {given} to {', '.join(line['wants'])}; domains {line['domains']}")
        print(f"    found    {chains}")
        print(f"    accepted {list(subtask.accept)}")


if __name__ == "__main__":
    main()
