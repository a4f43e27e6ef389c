"""A program that is made to die: accepts and executes one run, or resumes the one there is.

Usage: crashing.py HOME BACKEND LOG (start|resume)
"""

from __future__ import annotations

import sys
from pathlib import Path

import anyio
import toolbox
from toolbox import out, plan, step

from controlllm.app import open_service
from controlllm.settings import Settings
from controlllm_planner.plan import Plan
from controlllm_planner.task import Request


def made(log: str) -> Plan:
    """Two columns that meet: every step leaves a mark and a file."""
    return plan(
        step("a1", "count", text="a1", log=log),
        step("b1", "count", text="b1", log=log),
        step("a2", "count", text=out("a1"), log=log),
        step("b2", "count", text=out("b1"), log=log),
        step("end", "echo", text=out("b2")),
        outputs=("a2", "end"),
    )


async def main(home: Path, backend: str, log: str, action: str) -> None:
    settings = Settings(home=home, backend=backend, max_parallel=2)  # type: ignore[arg-type]
    with open_service(settings, toolbox.registry()) as service:
        if action == "start":
            run_id = await service.submit(Request(text="crash"), made(log))
        else:
            run_id = service.store.runs(1)[0].id
        print(await service.execute(run_id))


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4])
