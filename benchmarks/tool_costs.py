"""Do tools take the time that their cards say, and how much memory? Measures, fits and writes.

.venv/bin/python benchmarks/tool_costs.py [--only NAME,NAME] [--write] [--registry FILE]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio

from benchmarks.cost_model import Point, fitted, write_costs, written
from benchmarks.grown_inputs import Case, Grower
from benchmarks.measured_calls import Bench, Measured, open_bench
from benchmarks.table import Figure, grid, machine, report
from controlllm.app import unavailable_tools
from controlllm.check import estimate_of
from controlllm.settings import default_registry
from controlllm_tools.card import Cost, ToolCard
from controlllm_tools.registry import load_registry

CALL_TIMEOUT_S = 90.0
SLOW_S = 20.0
"""A tool that takes this long for one size is not given a larger one."""
TOOL_S = 25.0
"""After so long, a tool gets no more sizes: 85 tools have to go through in 25 minutes."""
QUICK_S = 0.5
RUNS_OF_A_QUICK_CALL = 3
MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What was measured of one tool.

    Attributes:
        card: As it was.
        points: The calls that worked.
        cost: The fit.
        peak_bytes: Most memory.
        message: What went wrong, if anything did.
    """

    card: ToolCard
    points: tuple[Point, ...] = ()
    cost: Cost = field(default_factory=Cost)
    peak_bytes: int = 0
    message: str = ""

    def ratios(self, *, fit: bool) -> list[float]:
        """Estimate by measured time of each call, by the fit or by the card."""
        card = replace(self.card, cost=self.cost) if fit else self.card
        return [estimate_of(card, each.inputs) / each.seconds for each in self.points]


def main() -> int:
    """Study the tools one after the other; the exit code is 1 when one of them failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", help="names of tools, separated by commas")
    parser.add_argument("--write", action="store_true", help="write the fits into the cards")
    parser.add_argument("--registry", type=Path, default=default_registry())
    options = parser.parse_args()
    about = machine()
    begun = time.perf_counter()
    cards = _chosen(options.registry, options.only)
    with tempfile.TemporaryDirectory(prefix="tool-costs-") as name:
        studies = anyio.run(study_all, cards, Path(name))
    about["minutes"] = round((time.perf_counter() - begun) / 60, 1)
    good = [study for study in studies if study.points]
    print()
    if options.only is None:
        report("tool_costs", figures_of(good), about, layout)
    else:
        print(layout(list(figures_of(good))))
    if options.write:
        files = write_costs(options.registry, {each.card.name: each.cost for each in good})
        names = ", ".join(sorted({file.name for file in files.values()}))
        print(f"{len(files)} costs written into {names}")
    for told in _remarks(studies, about["load_before"]):
        print(told, file=sys.stderr)
    return 1 if len(good) < len(studies) else 0


def _remarks(studies: Sequence[Study], load: float) -> Iterator[str]:
    if load > 1:
        yield f"the machine was busy (load {load}): these times are too long"
    yield from (f"{each.card.name}: {each.message}" for each in studies if each.message)


def _chosen(registry: Path, only: str | None) -> list[ToolCard]:
    catalogue = load_registry(registry)
    missing = unavailable_tools(catalogue)
    names = only.split(",") if only else list(catalogue.cards)
    unknown = [name for name in names if name not in catalogue.cards]
    if unknown:
        sys.exit(f"no tool is named {', '.join(unknown)}")
    cards = [catalogue.cards[name] for name in names]
    return [card for card in cards if card.name not in missing and card.effects == "none"]


async def study_all(cards: Sequence[ToolCard], folder: Path) -> list[Study]:
    """Study each tool in a worker of its own, telling how far it is."""
    grower = Grower(folder / "inputs")
    studies = []
    for number, card in enumerate(cards, start=1):
        begun = time.perf_counter()
        async with open_bench(folder / "work") as bench:
            study = await _study(card, grower, bench)
        if not study.points and any(port.many for port in card.required_inputs):
            async with open_bench(folder / "work") as bench:
                single = Grower(folder / f"single-{card.name}", items_in_a_list=1)
                study = await _study(card, single, bench)
        studies.append(study)
        told = (
            study.message
            if not study.points
            else f"{len(study.points)} sizes {written(study.cost)}"
        )
        took = time.perf_counter() - begun
        print(f"{number:>3} of {len(cards)} {card.name:<24} {took:5.1f} s  {told}", flush=True)
    return studies


async def _study(card: ToolCard, grower: Grower, bench: Bench) -> Study:
    """Measure a tool with growing inputs until it gets slow."""
    points: list[Point] = []
    spent, slow_volume, message, peak = 0.0, float("inf"), "", 0
    try:
        for case in grower.cases(card):
            if case.volume > slow_volume or (points and spent > TOOL_S):
                continue
            begun = time.perf_counter()
            if not points:  # the first call loads libraries
                await bench.call(card, case.inputs, CALL_TIMEOUT_S)
            measured = await _measure(card, case, bench)
            peak = max(peak, measured.peak_bytes)
            spent += time.perf_counter() - begun
            if measured.error:
                message = message or measured.error
            else:
                points.append(Point(case.inputs, measured.seconds))
            if measured.seconds > SLOW_S:
                slow_volume = min(slow_volume, case.volume)
    except LookupError as error:
        message = str(error)
    cost = fitted(card, points) if points else card.cost
    return Study(card=card, points=tuple(points), cost=cost, peak_bytes=peak, message=message)


async def _measure(card: ToolCard, case: Case, bench: Bench) -> Measured:
    """One call; a quick one some times, of which the median counts."""
    first = await bench.call(card, case.inputs, CALL_TIMEOUT_S)
    if first.error or first.seconds > QUICK_S:
        return first
    more = [
        await bench.call(card, case.inputs, CALL_TIMEOUT_S) for _ in range(RUNS_OF_A_QUICK_CALL - 1)
    ]
    middle = statistics.median(each.seconds for each in (first, *more))
    return replace(more[-1], seconds=middle)


def figures_of(studies: Sequence[Study]) -> Iterator[Figure]:
    """Per tool: times, how far off its card and the fit are, memory; then the shares."""
    for study in studies:
        name = study.card.name
        seconds = [each.seconds for each in study.points]
        yield Figure(name=f"{name}, smallest", value=min(seconds), unit="s")
        yield Figure(name=f"{name}, largest", value=max(seconds), unit="s")
        for label, fit in (("card", False), ("fit", True)):
            ratios = study.ratios(fit=fit)
            yield Figure(
                name=f"{name}, estimate by measured ({label})",
                value=statistics.median(ratios),
                low=min(ratios),
                high=max(ratios),
                unit="x",
            )
        yield Figure(name=f"{name}, memory", value=study.peak_bytes / MIB, unit="MiB")
    for label, fit in (("card", False), ("fit", True)):
        ratios = [ratio for study in studies for ratio in study.ratios(fit=fit)]
        yield Figure(
            name=f"all, within twice ({label})", value=100 * within(ratios), unit="%", least=90
        )


def within(ratios: Iterable[float]) -> float:
    """The share of estimates that are at most twice, and at least half, of what was measured."""
    held = [0.5 <= ratio <= 2 for ratio in ratios]
    return sum(held) / max(1, len(held))


def layout(figures: Sequence[Figure]) -> str:
    """A row for each tool, the shares below."""
    shares = [each for each in figures if each.name.startswith("all, ")]
    rows = grid([each for each in figures if each not in shares])
    told = [f"- {each.name}: {each.value:.0f} %, {each.target}" for each in shares]
    return "\n".join([rows.rstrip(), "", *told])


if __name__ == "__main__":
    sys.exit(main())
