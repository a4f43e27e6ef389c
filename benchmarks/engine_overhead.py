"""What does the engine add to a step? A thousand steps that do nothing, from submit to finish.

Columns of steps through `RunService`, as every interface runs them: accepted, planned, claimed,
every event committed before it is acted on. Beside it the same columns in LangGraph, DBOS and Dask.

    .venv/bin/python benchmarks/engine_overhead.py [--baselines VENV] [--no-baselines]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio

from benchmarks.columns import Shape, make_plan, make_registry
from benchmarks.postgres import postgres_url
from benchmarks.table import Figure, figure_of, machine, report, seconds_of
from controlllm.app import open_service
from controlllm.service import RunService
from controlllm.settings import Settings
from controlllm_planner.plan import Plan
from controlllm_planner.task import Request

HERE = Path(__file__).resolve().parent
LANGGRAPH, DBOS, DASK = "LangGraph, SQLite", "DBOS, PostgreSQL", "Dask, in memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One way to run our engine.

    Attributes:
        name: Of the figure.
        database: URL; empty for the default, SQLite below the home folder.
        cache: Whether earlier results may be used.
        new_work: Whether every run is work that no run did before.
        most_ms: The target.
        beside: The figure that is its baseline.
    """

    name: str
    database: str = ""
    cache: bool = False
    new_work: bool = True
    most_ms: float | None = None
    beside: str = ""


def main() -> None:
    """Measure everything that can be measured here."""
    options = read_options()
    shape = Shape(options.wide, options.deep)
    about = {**machine(), "columns": shape.wide, "rows": shape.deep, "runs": options.runs}
    with tempfile.TemporaryDirectory(prefix="engine-", dir=options.folder) as name:
        folder = Path(name)
        folder.chmod(0o755)  # a throw-away PostgreSQL server runs as another user
        with postgres_url(folder) as url:
            figures = list(measure(folder, url, shape, options))
    if url is None:
        print("skipped: PostgreSQL (no server is installed, and DATABASE_URL names none)")
    report("engine_overhead", figures, about)


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wide", type=int, default=10, help="columns")
    parser.add_argument("--deep", type=int, default=100, help="steps in a column")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    parser.add_argument("--baselines", type=Path, default=HERE.parent / "build/baselines-venv")
    parser.add_argument("--no-baselines", action="store_true", help="ours only")
    return parser.parse_args()


def measure(
    folder: Path, url: str | None, shape: Shape, options: argparse.Namespace
) -> Iterator[Figure]:
    """Ours, then the others."""
    for engine in engines(url):
        home = folder / engine.name.replace(" ", "-")
        yield from time_engine(engine, home, shape, options.runs)
    if not options.no_baselines:
        python = baseline_python(options.baselines)
        for name, script, more in baselines(url):
            command = [str(python), str(HERE / "baselines" / script), *more]
            yield time_baseline(name, command, folder, shape, options.runs)


def engines(url: str | None) -> Iterator[Engine]:
    """Our configurations."""
    yield Engine(name="SQLite", most_ms=1.0, beside=LANGGRAPH)
    yield Engine(name="SQLite, cache on, new work", cache=True, beside=LANGGRAPH)
    yield Engine(name="SQLite, cache on, old work", cache=True, new_work=False, beside=LANGGRAPH)
    if url is not None:
        yield Engine(name="PostgreSQL", database=url, most_ms=5.0, beside=DBOS)


def time_engine(engine: Engine, home: Path, shape: Shape, runs: int) -> Iterator[Figure]:
    """Wall and processor milliseconds a step, each from one run to the next."""
    home.mkdir()
    registry = make_registry(home)
    card = registry.cards["add_one"]
    settings = Settings(
        home=home,
        registry=home / "registry.yaml",
        database_url=engine.database,
        backend="inline",
        max_parallel=shape.wide,
        cache=engine.cache,
    )
    wall, processor = [], []
    with open_service(settings, registry) as service:
        run_once(service, make_plan(card, shape, seed=-1))  # loads what a first run loads
        for number in range(runs):
            plan = make_plan(card, shape, seed=number if engine.new_work else -1)
            busy = time.process_time()
            wall.append(1_000 * seconds_of(partial(run_once, service, plan)) / shape.steps)
            processor.append(1_000 * (time.process_time() - busy) / shape.steps)
    yield figure_of(
        engine.name, wall, "ms a step", most=engine.most_ms, beside=engine.beside,
        note=f"processor: {sorted(processor)[runs // 2]:.2f} ms",
    )  # fmt: skip


def run_once(service: RunService, plan: Plan) -> None:
    """Accept the plan and execute it to its end.

    Raises:
        RuntimeError: The run did not succeed; its figure would mean nothing.
    """

    async def accept_and_execute() -> str:
        return await service.execute(await service.submit(Request(text=plan.goal), plan))

    state = anyio.run(accept_and_execute)
    if state != "succeeded":
        msg = f"the run ended {state}"
        raise RuntimeError(msg)


def baselines(url: str | None) -> Iterator[tuple[str, str, list[str]]]:
    """Name, script and further arguments of what stands beside ours."""
    yield LANGGRAPH, "langgraph_columns.py", []
    yield DASK, "dask_columns.py", []
    if url is not None:
        yield DBOS, "dbos_columns.py", ["--url", url]


def baseline_python(folder: Path) -> Path:
    """The interpreter that has the baselines; installs them on first use."""
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"installing the baselines into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        requirements = HERE / "baselines" / "requirements.txt"
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
    return python


def time_baseline(name: str, command: list[str], folder: Path, shape: Shape, runs: int) -> Figure:
    """Milliseconds a step of another engine, timed by its own script in its own process."""
    sizes = [f"--wide={shape.wide}", f"--deep={shape.deep}", f"--runs={runs}"]
    done = subprocess.run(
        [*command, *sizes, f"--folder={folder}"], check=True, capture_output=True, text=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    a_step = [1_000 * seconds / shape.steps for seconds in told["seconds"]]
    return figure_of(name, a_step, "ms a step", note=told["durability"])


if __name__ == "__main__":
    main()
