"""Run every benchmark, one after the other: `make bench`.

.venv/bin/python benchmarks/run_all.py [--data DATA]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
QUESTIONS = (
    "startup",
    "solve_subtasks",
    "plan_requests",
    "impossible_requests",
    "big_catalogue",
    "engine_overhead",
    "tool_costs",
)
ON_PUBLISHED_CASES = frozenset({"solve_subtasks", "plan_requests"})


def main() -> int:
    """Run each in a process of its own; the exit code is 1 when any of them broke."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of the published cases")
    options = parser.parse_args()
    broken = []
    for question in QUESTIONS:
        command = [sys.executable, str(HERE / f"{question}.py")]
        if question in ON_PUBLISHED_CASES and options.data is not None:
            command += ["--data", str(options.data)]
        if subprocess.run(command, check=False).returncode != 0:
            broken.append(question)
        print(flush=True)
    if broken:
        print(f"broken: {', '.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
