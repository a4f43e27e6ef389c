"""Run tools on small real samples: does each work here, and as fast as its card says?"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from controlllm_tools.card import ToolCard
from controlllm_tools.errors import ToolError
from controlllm_tools.perform import ToolBench
from controlllm_tools.samples import sample_for
from controlllm_tools.tool import Inputs, Item, ToolContext

CALL_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """How one tool did.

    Attributes:
        tool: Its name.
        verdict: `ok`, `failed`, `unavailable` for a tool that something is missing for, or
            `skipped` for a tool that would act outside this machine.
        seconds: Wall time of the second call, when libraries are loaded.
        estimate_s: What its card expects for the sample.
        message: Why not.
    """

    tool: str
    verdict: Literal["ok", "failed", "unavailable", "skipped"]
    seconds: float = 0.0
    estimate_s: float = 0.0
    message: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def check_tools(
    cards: Iterable[ToolCard],
    unavailable: Mapping[str, str],
    allow_effects: Collection[str] = (),
) -> Iterator[CheckResult]:
    """Run each tool on samples of its required inputs.

    Args:
        cards: The tools.
        unavailable: Why a tool cannot run here, by name.
        allow_effects: Effects that a tool may have besides none; others are skipped.
    """
    bench = ToolBench()
    folder = Path(tempfile.mkdtemp(prefix="controlllm-check-"))
    try:
        for card in cards:
            if card.name in unavailable:
                yield CheckResult(
                    tool=card.name, verdict="unavailable", message=unavailable[card.name]
                )
            elif card.effects not in {"none", *allow_effects}:
                why = f"its effects are {card.effects}; allow them with --allow {card.effects}"
                yield CheckResult(tool=card.name, verdict="skipped", message=why)
            else:
                yield _check(card, bench, folder / card.name)
    finally:
        bench.close()
        shutil.rmtree(folder, ignore_errors=True)


def _check(card: ToolCard, bench: ToolBench, folder: Path) -> CheckResult:
    try:
        inputs = _samples(card, folder / "in")
        estimate = _estimate(card, inputs)
        seconds = 0.0
        for attempt in ("first", "second"):
            scratch = folder / attempt
            scratch.mkdir(parents=True)
            begun = time.monotonic()
            deadline = begun + CALL_TIMEOUT_S
            bench.perform(card, inputs, ToolContext(scratch=scratch, deadline_s=deadline))
            seconds = time.monotonic() - begun
    except (ToolError, LookupError) as error:
        return CheckResult(tool=card.name, verdict="failed", message=str(error))
    return CheckResult(
        tool=card.name, verdict="ok", seconds=round(seconds, 4), estimate_s=round(estimate, 4)
    )


def _samples(card: ToolCard, folder: Path) -> Inputs:
    ports: dict[str, list[Item]] = {}
    for port in card.required_inputs:
        scratch = folder / port.name
        scratch.mkdir(parents=True)
        ports[port.name] = [sample_for(port, ToolContext(scratch=scratch))]
    return Inputs(ports)


def _estimate(card: ToolCard, inputs: Inputs) -> float:
    items = [item for held in inputs.values() for item in held]
    characters = sum(len(item.resource.text or "") for item in items)
    return card.cost.seconds_for(tuple(item.resource.facts for item in items), characters)
