"""What does a catalogue of ten thousand tools cost? Load, build, search, whole requests, memory.

An invented catalogue over 200 types, as YAML and as JSON, each in a process of its own. Beside it
stand reading the file without any checks, and breadth-first search with word overlap. A request is
the words of one to four tools with the files that they take, and goes through `Planner.plan`.

    .venv/bin/python benchmarks/big_catalogue.py [--tools 10000] [--tasks 200]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from benchmarks.breadth_first import BreadthFirst
from benchmarks.invented_catalogue import InventedTask, invent_catalogue, invent_tasks
from benchmarks.table import Figure, machine, percentile, report, seconds_of
from controlllm.app import make_planner
from controlllm_planner.errors import PlanningError
from controlllm_planner.planner import Planner
from controlllm_planner.task import Attachment, Constraints, Request, Task
from controlllm_tools.registry import Registry, load_registry

SEED = 20_230_701
FORMATS = ("yaml", "json")
SOLUTIONS = 5
BASELINE_EXPANSIONS = 500
"""Breadth-first search would take up millions; after so many it has shown what it can do."""

Chains = list[tuple[str, ...]]


def main() -> None:
    """Invent, measure in child processes, report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tools", type=int, default=10_000)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--child", nargs=2, metavar=("WHAT", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        what, path = options.child
        print(json.dumps(CHILDREN[what](Path(path), options.tasks)))
        return
    about = {**machine(), "tools": options.tools, "tasks": options.tasks}
    with tempfile.TemporaryDirectory(prefix="catalogue-") as name:
        folder = Path(name)
        # in a child as well: a child's peak memory starts from that of its parent
        measured("write", folder, options.tools)
        figures = [
            figure
            for kind in FORMATS
            for figure in load_figures(folder / f"catalogue.{kind}", options.tasks)
        ]
        figures += search_figures(folder / "catalogue.json", options.tasks)
        figures += request_figures(folder / "catalogue.json", options.tasks)
    report("big_catalogue", figures, about)


def measured(what: str, path: Path, count: int) -> dict[str, Any]:
    """The figures of one child process."""
    command = [sys.executable, __file__, "--child", what, str(path), f"--tasks={count}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def child_write(folder: Path, tools: int) -> dict[str, Any]:
    """Write the same catalogue in each format."""
    content = invent_catalogue(tools, SEED)
    text = yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False)
    (folder / "catalogue.yaml").write_text(text, encoding="utf-8")
    (folder / "catalogue.json").write_text(json.dumps(content), encoding="utf-8")
    return {"types": len(content["types"])}


def child_read(file: Path, _tasks: int) -> dict[str, Any]:
    """Read the file and check nothing."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        seconds = seconds_of(lambda: json.loads(text))
    else:
        seconds = seconds_of(lambda: yaml.load(text, Loader=yaml.CSafeLoader))
    return {"load_s": seconds, "peak_mb": peak_mb()}


def child_search(file: Path, tasks: int) -> dict[str, Any]:
    """Load, build, then search every task, as a process that lives on does."""
    planner, begun = planner_over(file)

    def solve(invented: InventedTask) -> Chains:
        answer = planner.solve(invented.task, Constraints())
        return [tuple(call.tool for call in found.calls) for found in answer.solutions]

    invented = invent_tasks(planner.graph.cards, tasks, SEED)
    begun["first_ms"] = 1_000 * seconds_of(lambda: solve(invented[0]))
    return {**begun, **search_all(solve, invented), "peak_mb": peak_mb()}


def child_plan(file: Path, tasks: int) -> dict[str, Any]:
    """Load, build, then plan every task as a request in words with files."""
    planner, begun = planner_over(file)

    def solve(invented: InventedTask) -> Chains:
        try:
            plan = planner.plan(request_of(invented.task))
        except PlanningError:
            return []
        return [tuple(step.tool for step in plan.steps)]

    invented = invent_tasks(planner.graph.cards, tasks, SEED)
    begun["first_ms"] = 1_000 * seconds_of(lambda: solve(invented[0]))
    return {**begun, **search_all(solve, invented), "peak_mb": peak_mb()}


def planner_over(file: Path) -> tuple[Planner, dict[str, float]]:
    """A planner over a catalogue, and how long loading and building took."""
    held: list[Registry] = []
    load_s = seconds_of(lambda: held.append(load_registry(file)))
    planners: list[Planner] = []
    build_s = seconds_of(
        lambda: planners.append(make_planner(held[0], all_tools=True, solutions=SOLUTIONS))
    )
    return planners[0], {"load_s": load_s, "build_s": build_s}


def request_of(task: Task) -> Request:
    """A task as a person would say it: the words, and the files."""
    files = (
        Attachment(name=f"file-{number}", type=given.type)
        for number, given in enumerate(task.given)
    )
    return Request(text=task.goal, attachments=tuple(files))


def child_breadth(file: Path, tasks: int) -> dict[str, Any]:
    """The baseline of search, on the same tasks."""
    cards = sorted(load_registry(file).cards.values(), key=lambda card: card.name)
    solver = BreadthFirst(cards, most_expansions=BASELINE_EXPANSIONS)

    def solve(invented: InventedTask) -> Chains:
        given = [str(each.type) for each in invented.task.given]
        want = str(invented.task.wants[0])
        return solver.solve(invented.task.goal, given, want, SOLUTIONS)

    return search_all(solve, invent_tasks(cards, tasks, SEED))


def search_all(
    solve: Callable[[InventedTask], Chains], invented: Sequence[InventedTask]
) -> dict[str, Any]:
    """Milliseconds of each task by the length of its chain, and what was found."""
    by_length: dict[int, list[float]] = {}
    solved = as_invented = 0
    for each in invented:
        found: Chains = []
        seconds = seconds_of(partial(_keep, solve, each, found))
        by_length.setdefault(len(each.chain), []).append(1_000 * seconds)
        solved += bool(found)
        as_invented += any(sorted(chain) == sorted(each.chain) for chain in found)
    return {"search_ms": by_length, "solved": solved, "as_invented": as_invented}


def _keep(solve: Callable[[InventedTask], Chains], task: InventedTask, found: Chains) -> None:
    found.extend(solve(task))


CHILDREN: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "write": child_write,
    "read": child_read,
    "search": child_search,
    "plan": child_plan,
    "breadth": child_breadth,
}


def peak_mb() -> float:
    """Most memory this process has had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024 / 1e6


def load_figures(file: Path, tasks: int) -> Iterator[Figure]:
    """What one format costs before the first task."""
    kind = file.suffix.strip(".").upper()
    plain, ours = measured("read", file, tasks), measured("search", file, 1)
    read, memory = f"{kind}, read only", f"{kind}, peak memory of reading"
    yield Figure(name=read, value=plain["load_s"], unit="s", note="parsed, nothing checked")
    yield Figure(name=f"{kind}, load", value=ours["load_s"], unit="s", most=2.0, beside=read)
    yield Figure(name=f"{kind}, build graph and relevance", value=ours["build_s"], unit="s")
    yield Figure(name=memory, value=plain["peak_mb"], unit="MB")
    yield Figure(
        name=f"{kind}, peak memory", value=ours["peak_mb"], unit="MB", most=500.0, beside=memory
    )


def search_figures(file: Path, tasks: int) -> Iterator[Figure]:
    """What one task costs, ours and breadth first."""
    ours, breadth = measured("search", file, tasks), measured("breadth", file, tasks)
    yield Figure(name="first task", value=ours["first_ms"], unit="ms", note="builds the arrays")
    yield from time_figures("one task", ours, most=50.0, beside="breadth first")
    for length, times in sorted(ours["search_ms"].items()):
        value, most = percentile(times, 0.5), percentile(times, 0.95)
        name = f"one task, invented with {length} tools, p95"
        yield Figure(name=name, value=most, unit="ms", note=f"p50 {value:.1f} ms")
    yield solved_figure("one task", ours, tasks, note=f"up to {SOLUTIONS} solutions each")
    yield from time_figures("breadth first", breadth)
    note = f"gives up after {BASELINE_EXPANSIONS} expansions"
    yield solved_figure("breadth first", breadth, tasks, note=note)


def request_figures(file: Path, tasks: int) -> Iterator[Figure]:
    """What one whole request costs, from words to a plan, and the memory of it all."""
    ours = measured("plan", file, tasks)
    yield Figure(name="first request", value=ours["first_ms"], unit="ms", note="builds the arrays")
    yield from time_figures("one request", ours, most=150.0)
    yield solved_figure("one request", ours, tasks, note="whole plans")
    note = "after all requests"
    yield Figure(
        name="requests, peak memory", value=ours["peak_mb"], unit="MB", most=600, note=note
    )


def time_figures(
    name: str, found: dict[str, Any], *, most: float | None = None, beside: str = ""
) -> Iterator[Figure]:
    """Median, p95 and maximum over all tasks."""
    times = [each for of_length in found["search_ms"].values() for each in of_length]
    for what, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0)):
        yield Figure(
            name=f"{name}, {what}",
            value=percentile(times, share),
            unit="ms",
            most=most if what == "p95" else None,
            beside=f"{beside}, {what}" if beside else "",
        )


def solved_figure(name: str, found: dict[str, Any], tasks: int, *, note: str) -> Figure:
    """Share of the tasks with any solution."""
    told = f"{found['solved']} of {tasks}, {found['as_invented']} with the invented tools; {note}"
    return Figure(name=f"{name}, solved", value=100 * found["solved"] / tasks, unit="%", note=told)


if __name__ == "__main__":
    main()
