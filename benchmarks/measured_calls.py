"""Calls of a tool in a worker process of their own, with the time and the memory that they take.

The worker is that of a real run, so its messages count as they do there. Memory is that of the
worker and of the programs it starts, read from /proc some forty times a second: the kernel keeps
the peak of each process, so only what ends between two looks is missed.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from controlllm.execution.backends.base import Job
from controlllm.execution.backends.process import ProcessBackend
from controlllm_tools.card import ToolCard
from controlllm_tools.errors import ToolError
from controlllm_tools.tool import Inputs

_LOOK_EVERY_S = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One call.

    Attributes:
        seconds: Wall time.
        peak_bytes: Most memory of the worker since it was started, or since `forget`, plus the most
            memory of all its programs at once in that time.
        error: What went wrong; empty when nothing did.
    """

    seconds: float
    peak_bytes: int
    error: str = ""


@dataclass(slots=True)
class Bench:
    """One worker and the memory it has been seen with."""

    folder: Path
    backend: ProcessBackend
    _worker_bytes: int = 0
    _programs_bytes: int = 0
    _calls: int = field(default=0)

    async def call(self, card: ToolCard, inputs: Inputs, timeout_s: float) -> Measured:
        """Run a tool once; a failure is told in the result."""
        self._calls += 1
        scratch = self.folder / "scratch" / f"call-{self._calls}"
        job = Job(card=card, inputs=inputs, scratch=scratch, seed=0, timeout_s=timeout_s)
        error = ""
        async with anyio.create_task_group() as group:
            group.start_soon(self._watch)
            begun = time.perf_counter()
            try:
                await self.backend.execute(job, lambda *_: None)
            except ToolError as failure:
                error = f"{failure.kind}: {failure}"
            seconds = time.perf_counter() - begun
            group.cancel_scope.cancel()
        self._look()
        shutil.rmtree(scratch, ignore_errors=True)
        peak = self._worker_bytes + self._programs_bytes
        return Measured(seconds=seconds, peak_bytes=peak, error=error)

    def forget(self) -> None:
        """Count memory from what the worker holds now, so that one tool does not hide another."""
        self._worker_bytes = self._programs_bytes = 0
        for worker in self.backend.process_ids():
            # 5 sets the peak of a process back to what it has now, see proc(5)
            Path(f"/proc/{worker}/clear_refs").write_text("5", encoding="ascii")

    async def _watch(self) -> None:
        while True:
            self._look()
            await anyio.sleep(_LOOK_EVERY_S)

    def _look(self) -> None:
        for worker in self.backend.process_ids():
            self._worker_bytes = max(self._worker_bytes, _peak_of(worker))
            programs = sum(_peak_of(pid) for pid in _programs_below(worker))
            self._programs_bytes = max(self._programs_bytes, programs)


@asynccontextmanager
async def open_bench(folder: Path) -> AsyncIterator[Bench]:
    """A bench with a worker that ends with it; inputs should lie outside its scratch folder."""
    bench = Bench(folder, ProcessBackend(folder / "scratch"))
    try:
        yield bench
    finally:
        with anyio.CancelScope(shield=True):
            await bench.backend.close()


def _programs_below(pid: int) -> Iterator[int]:
    """Every process below one, but not a copy that has yet to become its program."""
    own = _command_of(pid)
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                for child in map(int, (thread / "children").read_text("ascii").split()):
                    if _command_of(child) != own:
                        yield child
                    yield from _programs_below(child)


def _command_of(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _peak_of(pid: int) -> int:
    """The most memory that a process has had; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
