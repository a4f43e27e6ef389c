"""One attempt at one step: files in, call, files out.

Everything that can go wrong here ends as a `ToolError` of some kind, so a defect in one step never
ends the run around it.
"""

from __future__ import annotations

import errno
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import anyio.to_thread

from controlllm.events import Outputs, RunId
from controlllm.execution.artifacts import ArtifactStore, CorruptArtifact, StorageFull
from controlllm.execution.backends.base import ExecutionBackend, Job, Report
from controlllm.execution.faults import fault
from controlllm.execution.run import StartStep
from controlllm_tools.card import ToolCard
from controlllm_tools.errors import ToolError, tool_error
from controlllm_tools.perform import Product
from controlllm_tools.resources import Resource
from controlllm_tools.tool import Inputs, Item

logger = logging.getLogger(__name__)


class InternalError(ToolError):
    """A defect of ours, not of the tool; the log has the details. Final for the step."""

    kind = "internal_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCaller:
    """Prepares, calls and stores, for the steps of one run.

    Attributes:
        run_id: The run.
        seed: Its seed.
        artifacts: Where files are stored.
        backend: Where calls run.
        cards: Tool cards by name.
        scratch: Folder for the scratch folders of calls.
    """

    run_id: RunId
    seed: int
    artifacts: ArtifactStore
    backend: ExecutionBackend
    cards: Callable[[str], ToolCard]
    scratch: Path

    async def call(
        self, command: StartStep, report: Report, measured: Callable[[int], None]
    ) -> Outputs:
        """Run the step's tool on its inputs.

        Args:
            command: What to run.
            report: Told of progress.
            measured: Told of the most memory in bytes that the call held, where that is known.

        Raises:
            ToolError: The attempt failed.
        """
        scratch = self.scratch / f"{self.run_id}-{command.step.id}-{command.attempt}"
        try:
            job = replace(self._prepare(command, scratch), measured=measured)
            fault("step_running")
            products = await self.backend.execute(job, report)
            if all(product.path is None for product in products):
                return self._store(products)  # hashes a few words: a thread would cost more
            return await anyio.to_thread.run_sync(self._store, products)
        except ToolError as error:
            raise _with_names(error, command) from error
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                msg = f"no space is left for the work of {command.step.tool}"
                raise StorageFull(msg) from error
            raise _defect(command, error) from error
        except Exception as error:
            raise _defect(command, error) from error
        finally:
            if scratch.exists():
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(_remove, scratch)

    def _prepare(self, command: StartStep, scratch: Path) -> Job:
        inputs = {
            port: [self._item(resource) for resource in held] for port, held in command.inputs
        }
        return Job(
            card=self.cards(command.step.tool),
            inputs=Inputs(inputs),
            scratch=scratch,
            seed=self.seed,
            timeout_s=command.step.timeout_s,
        )

    def _item(self, resource: Resource) -> Item:
        if resource.text is not None:
            return Item(resource)
        if not self.artifacts.has(resource.sha256, resource.size_bytes):
            msg = f"{resource.handle} is missing or cut off in the artefact store"
            raise CorruptArtifact(msg)
        return Item(resource, self.artifacts.path(resource.sha256))

    def _store(self, products: tuple[Product, ...]) -> Outputs:
        held: dict[str, list[Resource]] = {}
        for product in products:
            held.setdefault(product.port, []).append(self.artifacts.store_product(product))
            fault("artifact_stored")
        return tuple((port, tuple(resources)) for port, resources in held.items())


def _with_names(error: ToolError, command: StartStep) -> ToolError:
    """The error with the names of files that people know, in the place of digests."""
    message = error.message
    for resource in (each for _, held in command.inputs for each in held):
        message = message.replace(resource.sha256, resource.name or resource.handle)
    return error if message == error.message else tool_error(error.kind, message)


def _defect(command: StartStep, error: Exception) -> InternalError:
    logger.error("attempt broke", exc_info=error, extra={"step": command.step.id})
    return InternalError(f"{command.step.tool}: {type(error).__name__}: {error}")


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
