"""Run calls in threads of this process.

For tests, for tools without a heavy library and for debugging. A tool that ignores its cancel flag
cannot be stopped here; it is left behind and its result is dropped.
"""

from __future__ import annotations

import threading
import time

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
from anyio.lowlevel import EventLoopToken

from controlllm.execution.backends.base import Job, Report, StepTimeout, scratch_folder
from controlllm_tools.perform import Product, ToolBench
from controlllm_tools.tool import ToolContext


class InlineBackend:
    """One bench of loaded tools, shared by all calls."""

    def __init__(self, device: str = "cpu") -> None:
        self._bench = ToolBench(device)
        self._token: EventLoopToken | None = None

    async def execute(self, job: Job, report: Report) -> tuple[Product, ...]:
        """See `ExecutionBackend`."""
        stop = threading.Event()
        self._token = token = self._token or anyio.lowlevel.current_token()

        def progress(fraction: float, message: str) -> None:
            anyio.from_thread.run_sync(report, fraction, message, token=token)

        context = ToolContext(
            scratch=job.scratch,
            seed=job.seed,
            deadline_s=time.monotonic() + job.timeout_s,
            progress=progress,
            is_cancelled=stop.is_set,
        )

        def perform() -> tuple[Product, ...]:
            with scratch_folder(job.scratch):
                return self._bench.perform(job.card, job.inputs, context)

        try:
            with anyio.fail_after(job.timeout_s):
                return await anyio.to_thread.run_sync(perform, abandon_on_cancel=True)
        except TimeoutError as error:
            msg = f"{job.card.name} took longer than {job.timeout_s:g} s"
            raise StepTimeout(msg) from error
        finally:
            stop.set()

    async def close(self) -> None:
        """See `ExecutionBackend`."""
        self._bench.close()
