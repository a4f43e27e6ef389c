"""Run calls in worker processes that can be killed.

Workers live on between calls, so that a tool's libraries load once. A call that is cancelled or out
of time is asked to stop, and its worker is killed with all its children when it does not. Workers
for tools that may use the network are kept apart from those for tools that may not.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
from anyio.streams.buffered import BufferedByteReceiveStream

from controlllm.execution.backends.base import (
    Job,
    Report,
    StepTimeout,
    WorkerLost,
    scratch_folder,
)
from controlllm.execution.backends.wire import LINE_LIMIT_BYTES, job_to_json, product_from_json
from controlllm_tools.errors import tool_error
from controlllm_tools.perform import Product

STOP_GRACE_S = 2.0
START_TIMEOUT_S = 60.0


class ProcessBackend:
    """A pool of workers that grows to the number of calls under way."""

    def __init__(self, scratch_root: Path, log: Path | None = None) -> None:
        self._scratch_root = scratch_root
        self._log = log
        self._idle: dict[bool, list[_Worker]] = {True: [], False: []}
        self._all: set[_Worker] = set()
        self.confined: bool | None = None

    async def execute(self, job: Job, report: Report) -> tuple[Product, ...]:
        """See `ExecutionBackend`."""
        self._scratch_root.mkdir(parents=True, exist_ok=True)
        network = job.card.effects != "none"
        worker = await self._take(network=network)
        try:
            with scratch_folder(job.scratch), anyio.fail_after(job.timeout_s):
                reply = await worker.run(job, report)
        except TimeoutError as error:
            await self._stop(worker, network=network)
            msg = f"{job.card.name} took longer than {job.timeout_s:g} s and was ended"
            raise StepTimeout(msg) from error
        except BaseException:
            # cancelled, or the worker broke: the tool must be gone before anybody goes on
            await self._stop(worker, network=network)
            raise
        self._idle[network].append(worker)
        if "error" in reply:
            raise tool_error(reply["error"]["kind"], reply["error"]["message"])
        if reply["memory_bytes"] is not None:
            job.measured(reply["memory_bytes"])
        return tuple(product_from_json(each) for each in reply["done"])

    async def close(self) -> None:
        """See `ExecutionBackend`."""
        for worker in list(self._all):
            await self._end(worker)

    def process_ids(self) -> list[int]:
        """The worker processes that are alive."""
        return sorted(worker.pid for worker in self._all)

    async def _take(self, *, network: bool) -> _Worker:
        while self._idle[network]:
            worker = self._idle[network].pop()
            if worker.is_alive:
                return worker
            await self._end(worker)
        worker = await _Worker.start(self._scratch_root, self._log, network=network)
        self.confined = worker.confined
        self._all.add(worker)
        return worker

    async def _stop(self, worker: _Worker, *, network: bool) -> None:
        """Ask a busy worker to stop its call; kill it when it does not."""
        with anyio.CancelScope(shield=True):
            with contextlib.suppress(TimeoutError, WorkerLost), anyio.fail_after(STOP_GRACE_S):
                await worker.send({"cancel": True})
                await worker.drain()
                self._idle[network].append(worker)
                return
            await self._end(worker)

    async def _end(self, worker: _Worker) -> None:
        with anyio.CancelScope(shield=True):
            await worker.kill()
            self._all.discard(worker)


class _Worker:
    """One worker process and its two pipes."""

    def __init__(self, process: anyio.abc.Process) -> None:
        if process.stdin is None or process.stdout is None:
            msg = "the worker was started without pipes"
            raise WorkerLost(msg)
        self._process = process
        self._stdin = process.stdin
        self._lines = BufferedByteReceiveStream(process.stdout)
        self.confined = False

    @classmethod
    async def start(cls, scratch_root: Path, log: Path | None, *, network: bool) -> _Worker:
        """Start a process and wait until it is ready.

        Raises:
            WorkerLost: It ended before it was.
        """
        command = [
            sys.executable, "-m", "controlllm.execution.backends.worker",
            "--parent", str(os.getpid()), "--scratch-root", str(scratch_root),
        ]  # fmt: skip
        with _log_stream(log) as errors:
            process = await anyio.open_process(
                command + (["--network"] if network else []),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=scratch_root,
                start_new_session=True,
            )
        worker = cls(process)
        try:
            with anyio.fail_after(START_TIMEOUT_S):
                worker.confined = bool((await worker.receive())["confined"])
        except BaseException:
            with anyio.CancelScope(shield=True):
                await worker.kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def run(self, job: Job, report: Report) -> dict[str, Any]:
        """Hand over a job and wait for its end, passing progress on.

        Raises:
            WorkerLost: The process ended in the middle of it.
        """
        await self.send({"job": job_to_json(job)})
        while True:
            reply = await self.receive()
            if "progress" not in reply:
                return reply
            report(*reply["progress"])

    async def drain(self) -> None:
        """Wait for the end of the current job and forget it."""
        while "progress" in await self.receive():
            pass

    async def send(self, message: dict[str, Any]) -> None:
        try:
            await self._stdin.send(json.dumps(message).encode() + b"\n")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise await self._lost() from error

    async def receive(self) -> dict[str, Any]:
        try:
            line = await self._lines.receive_until(b"\n", LINE_LIMIT_BYTES)
        except (
            anyio.EndOfStream,
            anyio.IncompleteRead,
            anyio.BrokenResourceError,
            anyio.DelimiterNotFound,
        ) as error:
            raise await self._lost() from error
        message: dict[str, Any] = json.loads(line)
        return message

    async def kill(self) -> None:
        """End the process and all its children, now."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._process.aclose()

    async def _lost(self) -> WorkerLost:
        with anyio.move_on_after(STOP_GRACE_S):
            await self._process.wait()
        code = self._process.returncode
        if code is not None and code < 0:
            return WorkerLost(f"the worker was ended by signal {signal.Signals(-code).name}")
        return WorkerLost(f"the worker ended with code {code}")


@contextlib.contextmanager
def _log_stream(log: Path | None) -> Iterator[Any]:
    """Where a worker's standard error goes; the child keeps its own copy of the descriptor."""
    if log is None:
        yield subprocess.DEVNULL
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        yield stream
