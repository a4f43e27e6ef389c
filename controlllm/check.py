"""Run tools on small real samples: does each work here, and as fast as its card says?

The tools run in a worker process, as in a run: one that crashes or hangs fails its own check and
nothing else.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import anyio
from anyio.to_thread import run_sync

from controlllm.execution.backends.base import Job
from controlllm.execution.backends.process import ProcessBackend
from controlllm_planner.cost import seconds_on
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.errors import ToolError
from controlllm_tools.samples import samples_for
from controlllm_tools.tool import Inputs, Item, ToolContext

CALL_TIMEOUT_S = 120.0
REPEATED_BELOW_S = 10.0
"""A call that takes longer is not done twice: loading its libraries is a small part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """How one tool did.

    Attributes:
        tool: Its name.
        verdict: `ok`, `failed`, `unavailable` for a tool that something is missing for, or
            `skipped` for a tool that would act outside this machine.
        seconds: Wall time of the second call, when libraries are loaded; of the only one where
            that takes long.
        estimate_s: What its card expects for the sample.
        message: Why not.
    """

    tool: str
    verdict: Literal["ok", "failed", "unavailable", "skipped"]
    seconds: float = 0.0
    estimate_s: float = 0.0
    message: str = ""

    @property
    def ratio(self) -> float | None:
        """The estimate as a multiple of the time it took, for a tool that ran."""
        return round(self.estimate_s / self.seconds, 3) if self.seconds else None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "ratio": self.ratio}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who is told about a check while it goes on.

    Attributes:
        begun: Called with the name of each tool before it runs.
        ended: Called with each result.
    """

    begun: Callable[[str], None] = lambda _: None
    ended: Callable[[CheckResult], None] = lambda _: None


async def check_tools(
    cards: Sequence[ToolCard],
    unavailable: Mapping[str, str],
    allow_effects: Collection[str] = (),
    watch: Watch = Watch(),
    log: Path | None = None,
) -> tuple[CheckResult, ...]:
    """Run each tool on samples of its required inputs, one after the other.

    Args:
        cards: The tools.
        unavailable: Why a tool cannot run here, by name.
        allow_effects: Effects that a tool may have besides none; others are skipped.
        watch: Who is told.
        log: File for what the worker and its tools say.
    """
    results = []
    with _temporary_folder() as folder:
        room = _Room(folder, ProcessBackend(folder / "scratch", log))
        try:
            for card in cards:
                result = _told_beforehand(card, unavailable, allow_effects)
                if result is None:
                    watch.begun(card.name)
                    result = await room.check(card)
                watch.ended(result)
                results.append(result)
        finally:
            with anyio.CancelScope(shield=True):
                await room.backend.close()
    return tuple(results)


def estimate_of(card: ToolCard, inputs: Inputs) -> float:
    """Seconds that a card expects for inputs at hand."""
    return seconds_on(
        card, {port: [item.resource for item in held] for port, held in inputs.items()}
    )


def _told_beforehand(
    card: ToolCard, unavailable: Mapping[str, str], allow_effects: Collection[str]
) -> CheckResult | None:
    """The result of a tool that is not run."""
    if card.name in unavailable:
        why = unavailable[card.name]
        return CheckResult(tool=card.name, verdict="unavailable", message=why)
    if card.effects not in {"none", *allow_effects}:
        why = f"its effects are {card.effects}; allow them with --allow {card.effects}"
        return CheckResult(tool=card.name, verdict="skipped", message=why)
    return None


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="controlllm-check-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(slots=True)
class _Room:
    """A worker, and samples that are made once and lie where it cannot write."""

    folder: Path
    backend: ProcessBackend
    _made: dict[tuple[str, str, bool], Sequence[Item]] = field(default_factory=dict)

    async def check(self, card: ToolCard) -> CheckResult:
        try:
            inputs = await run_sync(self._samples, card)
            estimate = estimate_of(card, inputs)
            seconds = await self._time(card, inputs)
            if seconds < REPEATED_BELOW_S:
                seconds = await self._time(card, inputs)
        except (ToolError, LookupError) as error:
            return CheckResult(tool=card.name, verdict="failed", message=str(error))
        return CheckResult(
            tool=card.name, verdict="ok", seconds=round(seconds, 4), estimate_s=round(estimate, 4)
        )

    async def _time(self, card: ToolCard, inputs: Inputs) -> float:
        scratch = self.folder / "scratch" / card.name
        job = Job(card=card, inputs=inputs, scratch=scratch, seed=0, timeout_s=CALL_TIMEOUT_S)
        begun = time.monotonic()
        try:
            await self.backend.execute(job, lambda *_: None)
            return time.monotonic() - begun
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _samples(self, card: ToolCard) -> Inputs:
        return Inputs({port.name: self._samples_of(port) for port in card.required_inputs})

    def _samples_of(self, port: Port) -> Sequence[Item]:
        key = (port.type, f"{port.default!r} {port.choices}", port.many)
        if key not in self._made:
            scratch = self.folder / "samples" / str(len(self._made))
            scratch.mkdir(parents=True)
            self._made[key] = samples_for(port, ToolContext(scratch=scratch))
        return self._made[key]
