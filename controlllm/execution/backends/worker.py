"""The main program of a worker process: read jobs, run them, report.

Standard input and output carry JSON lines. Before any tool is loaded, standard output is pointed at
standard error, so that a chatty library cannot break the protocol, and the process gives up what
tools do not need (see `confine`).
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from controlllm.execution.backends.confine import confine, die_with_parent
from controlllm.execution.backends.memory_use import MemoryUse
from controlllm.execution.backends.wire import job_from_json, product_to_json
from controlllm_tools.errors import ToolError
from controlllm_tools.perform import ToolBench
from controlllm_tools.tool import ToolContext

_PROGRESS_EVERY_S = 0.25
_DEVICES = (Path("/dev/null"), Path("/dev/shm"), Path("/dev/tty"))  # noqa: S108 - shared memory


class _Reports:
    """Writes replies, one JSON object a line."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._last = float("-inf")

    def send(self, **reply: Any) -> None:  # noqa: ANN401 - JSON values
        with self._lock:
            self._stream.write(json.dumps(reply) + "\n")
            self._stream.flush()

    def progress(self, fraction: float, message: str) -> None:
        now = time.monotonic()
        if now - self._last >= _PROGRESS_EVERY_S:
            self._last = now
            self.send(progress=[min(1.0, max(0.0, float(fraction))), str(message)[:200]])


def main() -> None:
    """Serve jobs until standard input closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--scratch-root", type=Path, required=True)
    parser.add_argument("--network", action="store_true")
    options = parser.parse_args()
    die_with_parent(options.parent)
    memory = MemoryUse()
    replies = _Reports(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    os.environ["TMPDIR"] = str(options.scratch_root)
    confined = confine((options.scratch_root, *_DEVICES), network=options.network)
    replies.send(ready=True, confined=confined)
    _serve(replies, memory)


def _serve(replies: _Reports, memory: MemoryUse) -> None:
    jobs: queue.Queue[dict[str, Any] | None] = queue.Queue()
    stop = threading.Event()
    threading.Thread(target=_listen, args=(jobs, stop), daemon=True).start()
    bench = ToolBench()
    while (data := jobs.get()) is not None:
        stop.clear()
        memory.mark()
        ended = _perform(bench, data, replies, stop)
        replies.send(memory_bytes=memory.most_bytes(), **ended)


def _listen(jobs: queue.Queue[dict[str, Any] | None], stop: threading.Event) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("cancel"):
            stop.set()
        else:
            jobs.put(message["job"])
    stop.set()
    jobs.put(None)


def _perform(
    bench: ToolBench, data: dict[str, Any], replies: _Reports, stop: threading.Event
) -> dict[str, Any]:
    """Run one job; returns how it ended."""
    job = job_from_json(data)
    context = ToolContext(
        scratch=job.scratch,
        seed=job.seed,
        deadline_s=time.monotonic() + job.timeout_s,
        progress=replies.progress,
        is_cancelled=stop.is_set,
    )
    try:
        products = bench.perform(job.card, job.inputs, context)
    except ToolError as error:
        return {"error": {"kind": error.kind, "message": error.message}}
    return {"done": [product_to_json(product) for product in products]}


if __name__ == "__main__":
    main()
