"""What does a catalogue of ten thousand tools cost? Load, build, search one task, memory.

An invented catalogue over 200 types, as YAML and as JSON, each in a process of its own. Beside it
stand reading the file without any checks, and breadth-first search with word overlap.

    .venv/bin/python benchmarks/big_catalogue.py [--tools 10000] [--tasks 200]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.breadth_first import BreadthFirst
from benchmarks.invented_catalogue import InventedTask, invent_catalogue, invent_tasks
from benchmarks.table import Figure, machine, percentile, report, seconds_of
from controlllm.app import make_planner
from controlllm_planner.planner import Planner
from controlllm_planner.task import Constraints
from controlllm_tools.card import ToolCard
from controlllm_tools.registry import Registry, load_registry

SEED = 20_230_701
FORMATS = ("json", "yaml")
SOLUTIONS = 5
BASELINE_EXPANSIONS = 500
"""Breadth-first search would take up millions; after so many it has shown what it can do."""


def main() -> None:
    """Invent, measure in child processes, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tools", type=int, default=10_000)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--child", nargs=2, metavar=("WHAT", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        what, file = options.child
        print(json.dumps(CHILDREN[what](Path(file), options.tasks)))
        return
    about = machine()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="catalogue-") as folder:
        for file in write_catalogues(options.tools, Path(folder)):
            figures += figures_of(file, options.tasks)
        breadth = measured("breadth", file, options.tasks)
    figures += baseline_figures(breadth)
    report("big_catalogue", figures, {**about, "tools": options.tools, "tasks": options.tasks})


def write_catalogues(tools: int, folder: Path) -> list[Path]:
    """The same catalogue in each format; the last one is the JSON, which reads fast."""
    content = invent_catalogue(tools, SEED)
    plain_yaml, plain_json = folder / "catalogue.yaml", folder / "catalogue.json"
    text = yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False)
    plain_yaml.write_text(text, encoding="utf-8")
    plain_json.write_text(json.dumps(content), encoding="utf-8")
    return [plain_yaml, plain_json]


def measured(what: str, file: Path, tasks: int) -> dict[str, Any]:
    """The figures of one child process, with its peak memory."""
    command = [sys.executable, __file__, "--child", what, str(file), f"--tasks={tasks}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def child_plain(file: Path, _tasks: int) -> dict[str, Any]:
    """Read the file and check nothing."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        seconds = seconds_of(lambda: json.loads(text))
    else:
        seconds = seconds_of(lambda: yaml.load(text, Loader=yaml.CSafeLoader))
    return {"load_s": seconds, "peak_mb": peak_mb()}


def child_ours(file: Path, tasks: int) -> dict[str, Any]:
    """Load, build, then search every task once, as a long-lived process does."""
    held: list[Registry] = []
    load_s = seconds_of(lambda: held.append(load_registry(file)))
    planners: list[Planner] = []
    build_s = seconds_of(
        lambda: planners.append(make_planner(held[0], all_tools=True, solutions=SOLUTIONS))
    )
    invented = invent_tasks(planners[0].graph.cards, tasks, SEED)
    times, costs_ok, same = search_all(planners[0], invented)
    return {
        "load_s": load_s,
        "build_s": build_s,
        "first_ms": times[0],
        "search_ms": times[1:],
        "solved": costs_ok,
        "as_invented": same,
        "peak_mb": peak_mb(),
    }


def search_all(planner: Planner, invented: Sequence[InventedTask]) -> tuple[list[float], int, int]:
    """Milliseconds of each task, how many were solved, and how many by the invented chain."""
    times, solved, same = [], 0, 0
    for each in invented:
        found: list[tuple[str, ...]] = []

        def search(each: InventedTask = each, found: list[tuple[str, ...]] = found) -> None:
            answer = planner.solve(each.task, Constraints())
            found.extend(tuple(call.tool for call in s.calls) for s in answer.solutions)

        times.append(1_000 * seconds_of(search))
        solved += bool(found)
        same += any(sorted(chain) == sorted(each.chain) for chain in found)
    return times, solved, same


def child_breadth(file: Path, tasks: int) -> dict[str, Any]:
    """The baseline of search on the same tasks."""
    cards: tuple[ToolCard, ...] = tuple(load_registry(file).cards.values())
    ordered = sorted(cards, key=lambda card: card.name)
    invented = invent_tasks(ordered, tasks, SEED)
    solver = BreadthFirst(cards, most_expansions=BASELINE_EXPANSIONS)
    times, chains = [], []
    for each in invented:
        given = [str(given.type) for given in each.task.given]
        begun: list[list[tuple[str, ...]]] = []

        def solve(
            each: InventedTask = each,
            given: list[str] = given,
            begun: list[list[tuple[str, ...]]] = begun,
        ) -> None:
            begun.append(solver.solve(each.task.goal, given, str(each.task.wants[0]), SOLUTIONS))

        times.append(1_000 * seconds_of(solve))
        chains.append(begun[0])
    same = sum(
        any(sorted(chain) == sorted(each.chain) for chain in found)
        for each, found in zip(invented, chains, strict=True)
    )
    return {"search_ms": times, "solved": sum(map(bool, chains)), "as_invented": same}


CHILDREN = {"plain": child_plain, "ours": child_ours, "breadth": child_breadth}


def peak_mb() -> float:
    """Most memory this process has had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024 / 1e6


def figures_of(file: Path, tasks: int) -> Iterator[Figure]:
    """Everything about one format."""
    kind = file.suffix.strip(".").upper()
    plain, ours = measured("plain", file, tasks), measured("ours", file, tasks)
    read = f"{kind}, read only"
    yield Figure(name=read, value=plain["load_s"], unit="s")
    yield Figure(
        name=f"{kind}, load and check", value=ours["load_s"], unit="s", most=2.0, beside=read
    )
    yield Figure(name=f"{kind}, build graph and relevance", value=ours["build_s"], unit="s")
    yield Figure(name=f"{kind}, first task", value=ours["first_ms"], unit="ms")
    for what, share, most in (("p50", 0.5, None), ("p95", 0.95, 50.0), ("max", 1.0, None)):
        value = percentile(ours["search_ms"], share)
        yield Figure(
            name=f"{kind}, one task, {what}",
            value=value,
            unit="ms",
            most=most,
            beside=f"breadth first, {what}",
        )
    total = len(ours["search_ms"]) + 1
    solved = f"{ours['solved']} of {total}; {ours['as_invented']} by the invented chain"
    yield Figure(name=f"{kind}, solved", value=100 * ours["solved"] / total, unit="%", note=solved)
    memory = f"{kind}, memory, read only"
    yield Figure(name=memory, value=plain["peak_mb"], unit="MB")
    yield Figure(
        name=f"{kind}, memory", value=ours["peak_mb"], unit="MB", most=500.0, beside=memory
    )


def baseline_figures(breadth: dict[str, Any]) -> Iterator[Figure]:
    """Breadth-first search on the same tasks."""
    for what, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0)):
        value = percentile(breadth["search_ms"], share)
        yield Figure(name=f"breadth first, {what}", value=value, unit="ms")
    total = len(breadth["search_ms"])
    solved = f"{breadth['solved']} of {total}; {breadth['as_invented']} by the invented chain"
    note = f"{solved}; stops after {BASELINE_EXPANSIONS} expansions"
    share = 100 * breadth["solved"] / total
    yield Figure(name="breadth first, solved", value=share, unit="%", note=note)


if __name__ == "__main__":
    main()
