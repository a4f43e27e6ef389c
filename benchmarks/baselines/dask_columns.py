"""The columns in Dask distributed; run by an interpreter that has it.

Two worker threads in this process, as our default runs two calls at once. Nothing is durable: what
the scheduler knows is gone with its process.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import dask
from distributed import Client, LocalCluster


def add_one(value: int) -> int:
    """The work of a step, as `add_one.py` does it."""
    return value + 1


def main() -> None:
    """Time some runs and print them as JSON."""
    parser = argparse.ArgumentParser()
    for name in ("wide", "deep", "runs"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    dask.config.set({"temporary-directory": str(options.folder)})
    # without fusion every step is a task of its own, as it is for the others
    dask.config.set({"optimization.fuse.active": False})
    step = dask.delayed(add_one, pure=False)
    seconds = []
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        for _ in range(options.runs):
            begun = time.perf_counter()
            ends = [column * options.deep for column in range(options.wide)]
            for _ in range(options.deep):
                ends = [step(end) for end in ends]
            values = client.gather(client.compute(ends, optimize_graph=False))
            seconds.append(time.perf_counter() - begun)
            if values != [(column + 1) * options.deep for column in range(options.wide)]:
                sys.exit(f"wrong result: {values}")
    print(json.dumps({"seconds": seconds, "durability": "none"}))


main()
