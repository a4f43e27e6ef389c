"""The columns in DBOS on PostgreSQL; run by an interpreter that has it.

One workflow; its steps are written one by one as they end, so that a restart takes the workflow up
after the last step that was written.
"""

import argparse
import asyncio
import json
import sys
import time

from dbos import DBOS


@DBOS.step()
async def add_one(value: int) -> int:
    """The work of a step, as `add_one.py` does it."""
    return value + 1


@DBOS.workflow()
async def columns(wide: int, deep: int) -> list[int]:
    """Every row waits for the row before it, which keeps the order of steps repeatable."""
    ends = [column * deep for column in range(wide)]
    for _ in range(deep):
        ends = list(await asyncio.gather(*(add_one(end) for end in ends)))
    return ends


async def time_runs(options: argparse.Namespace) -> list[float]:
    """Wall seconds of each run."""
    seconds = []
    for _ in range(options.runs):
        begun = time.perf_counter()
        values = await columns(options.wide, options.deep)
        seconds.append(time.perf_counter() - begun)
        if values != [(column + 1) * options.deep for column in range(options.wide)]:
            sys.exit(f"wrong result: {values}")
    return seconds


def main() -> None:
    """Time some runs and print them as JSON."""
    parser = argparse.ArgumentParser()
    for name in ("wide", "deep", "runs"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--url", required=True)
    options = parser.parse_args()
    config = {"name": "columns", "system_database_url": options.url, "log_level": "ERROR"}
    DBOS(config=config)
    DBOS.launch()
    seconds = asyncio.run(time_runs(options))
    DBOS.destroy()
    durability = "PostgreSQL, a transaction a step"
    print(json.dumps({"seconds": seconds, "durability": durability}))


main()
