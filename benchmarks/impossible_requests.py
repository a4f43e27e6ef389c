"""What becomes of requests that no tool of ours can do? They should be refused, or asked about.

.venv/bin/python benchmarks/impossible_requests.py [--planned]

The requests stand in `impossible_requests.jsonl`: people of this project wrote them without trying
them, and no weights were fitted with them. Beside them stand the examples of our cards, which
should be planned: a planner that refuses everything would look good on the first alone.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.solve_subtasks import wilson
from benchmarks.table import Figure, machine, report
from controlllm.app import make_planner
from controlllm.settings import default_registry
from controlllm_planner.errors import NeedsInput, PlanningError
from controlllm_planner.planner import Planner
from controlllm_planner.task import Attachment, Request
from controlllm_tools.registry import Registry, load_registry
from controlllm_tools.resources import ResourceType

REQUESTS = Path(__file__).with_suffix(".jsonl")
OUTCOMES = ("refused", "asked back", "planned")


def main() -> None:
    """Plan all of them, and report how many were refused, asked about and planned."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--planned", action="store_true", help="print those that got a plan")
    options = parser.parse_args()
    registry = load_registry(default_registry())
    planner = make_planner(registry, all_tools=True)
    impossible = list(written())
    told = [outcome(planner, each) for each in impossible]
    if options.planned:
        for asked, (name, tools) in zip(impossible, told, strict=True):
            if name == "planned":
                print(f"{asked.text}\n    {', '.join(tools)}")
    possible = [outcome(planner, each) for each in examples(registry)]
    figures = [
        *shares("impossible requests", (name for name, _ in told)),
        *shares("examples of cards", (name for name, _ in possible)),
    ]
    report("impossible_requests", figures, {**machine(), "cases": len(told)})


def written() -> Iterator[Request]:
    """The requests that no tool can do."""
    for line in REQUESTS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        files = (
            Attachment(name=each["name"], type=ResourceType(each["type"]))
            for each in row["resources"]
        )
        yield Request(text=row["request"], attachments=tuple(files))


def examples(registry: Registry) -> Iterator[Request]:
    """What the cards say that people say, each with what its tool needs."""
    for card in registry.cards.values():
        files = tuple(
            Attachment(name=f"file-{port.name}", type=port.resource_type)
            for port in card.required_inputs
        )
        for example in card.examples:
            yield Request(text=example, attachments=files)


def outcome(planner: Planner, request: Request) -> tuple[str, tuple[str, ...]]:
    """What became of a request, and the tools of its plan."""
    try:
        plan = planner.plan(request)
    except NeedsInput:
        return "asked back", ()
    except PlanningError:
        return "refused", ()
    return "planned", tuple(step.tool for step in plan.steps)


def shares(of: str, outcomes: Iterable[str]) -> Iterator[Figure]:
    """The share of each outcome with its 95 % interval, in per cent."""
    counts = Counter(outcomes)
    total = counts.total()
    for name in OUTCOMES:
        low, high = wilson(counts[name], total)
        yield Figure(
            name=f"{of}, {name}",
            value=100 * counts[name] / total,
            unit="%",
            low=100 * low,
            high=100 * high,
        )


if __name__ == "__main__":
    main()
