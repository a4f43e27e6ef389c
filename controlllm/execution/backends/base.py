"""What a backend is asked to do, and the protocol of backends."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

from controlllm_tools.card import ToolCard
from controlllm_tools.errors import ToolError
from controlllm_tools.perform import Product
from controlllm_tools.tool import Inputs


class StepTimeout(ToolError):
    """The call took longer than it may; it was ended by force. Final."""

    kind: ClassVar[str] = "timeout"


class WorkerLost(ToolError):
    """The process that ran the call is gone; tried once more."""

    kind: ClassVar[str] = "worker_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt at one call.

    Attributes:
        card: Which tool.
        inputs: Bound ports, with the files of stored content.
        scratch: Folder that the backend makes for the call; products lie below it until they are
            stored.
        seed: For every random choice.
        timeout_s: When to end the call by force.
        measured: Told of the most memory in bytes that a call held which delivered, by backends
            that know it.
    """

    card: ToolCard
    inputs: Inputs
    scratch: Path
    seed: int
    timeout_s: float
    measured: Callable[[int], None] = field(default=lambda _bytes: None, compare=False)


@contextmanager
def scratch_folder(folder: Path) -> Iterator[None]:
    """Make the folder of a call; it is left behind only with something in it."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:  # an attempt of a process that died has left it
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):
            folder.rmdir()


Report = Callable[[float, str], None]


class ExecutionBackend(Protocol):
    """Runs calls; several may be under way at once."""

    async def execute(self, job: Job, report: Report) -> tuple[Product, ...]:
        """Run one call to its end.

        Cancelling the task that awaits this stops the tool, within a few seconds and by force if
        need be, before the cancellation goes on.

        Args:
            job: What to run.
            report: Called in the event loop with a fraction and a word, now and then.

        Raises:
            ToolError: Of the kind that says who acts next.
        """

    async def close(self) -> None:
        """Free processes and loaded tools; the backend is not used afterwards."""
