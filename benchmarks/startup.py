"""How long until the first answer? Whole processes, and the planning of the demo in one of them.

.venv/bin/python benchmarks/startup.py [--runs 10]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.table import Figure, figure_of, machine, report, seconds_of
from controlllm.app import open_service
from controlllm.cli.demo import REQUEST
from controlllm.sample import make_sample_clip
from controlllm.settings import Settings, default_registry
from controlllm_planner.task import Request
from controlllm_tools.registry import load_registry

BARE = "python -c pass"
PLANNING = "planning of the demo, in a running program"


def main() -> None:
    """Time each command some times, in turn, and report the medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    about = {**machine(), "runs": options.runs}
    with tempfile.TemporaryDirectory(prefix="startup-") as name:
        folder = Path(name)
        video = make_sample_clip(folder / "video.mp4", load_registry(default_registry()))
        environment = {**os.environ, "CONTROLLLM_HOME": str(folder / "home")}
        environment.pop("DATABASE_URL", None)
        times = time_commands(commands(video), environment, options.runs)
        times[PLANNING] = time_planning(folder / "home", video, options.runs)
    report("startup", figures_of(times), about)


def commands(video: Path) -> dict[str, list[str]]:
    """What is started, by the name it is shown under."""
    ours = str(Path(sys.executable).with_name("controlllm"))
    request = REQUEST.format(name=video.name)
    return {
        BARE: [sys.executable, "-c", "pass"],
        "controlllm --help": [ours, "--help"],
        "controlllm tools list": [ours, "tools", "list", "--json"],
        "controlllm plan (the demo's request)": [ours, "plan", request, str(video), "--json"],
    }


def time_commands(
    asked: Mapping[str, list[str]], environment: Mapping[str, str], runs: int
) -> dict[str, list[float]]:
    """Seconds of each command; they take turns, so that a slow minute hits all of them."""
    times: dict[str, list[float]] = {name: [] for name in asked}
    for number in range(runs + 1):
        for name, command in asked.items():
            seconds = seconds_of(partial(_run, command, environment))
            if number > 0:  # the first round fills the disk cache and makes the database
                times[name].append(seconds)
    return times


def time_planning(home: Path, video: Path, runs: int) -> list[float]:
    """Seconds from the words and the file to the stored plan."""
    text = REQUEST.format(name=video.name)
    with open_service(Settings(home=home)) as service:

        def plan() -> None:
            service.plan(Request(text=text, attachments=(service.intake.attach(video),)))

        return [seconds_of(plan) for _ in range(runs)]


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=dict(environment))


def figures_of(times: Mapping[str, list[float]]) -> list[Figure]:
    """The medians, with their targets."""
    most = {"controlllm --help": 0.5, PLANNING: 1.0}
    return [
        figure_of(
            name, runs, "s", most=most.get(name), beside="" if name in {BARE, PLANNING} else BARE
        )
        for name, runs in times.items()
    ]


if __name__ == "__main__":
    main()
