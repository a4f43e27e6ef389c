"""A lab that runs tools on samples, here and in another process, and says what came out by digest.

Run as a program it is that other process: one order a line in, one answer a line out.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controlllm_tools.card import Port, ToolCard
from controlllm_tools.perform import ToolBench
from controlllm_tools.registry import load_registry
from controlllm_tools.resources import Resource
from controlllm_tools.samples import samples_for
from controlllm_tools.tool import Inputs, Item, ToolContext

REGISTRY = Path(__file__).parents[1] / "registry.yaml"
Digest = tuple[str, int, str, str]
Items = Mapping[str, Sequence[Item]]


def perform(bench: ToolBench, card: ToolCard, items: Items, scratch: Path) -> list[Digest]:
    """Run a tool through the checks of every backend.

    Args:
        bench: Loads the tool.
        card: The tool's card.
        items: What lies on its ports.
        scratch: A new folder, which is removed again.

    Returns:
        Port, position, media type and digest of each result.
    """
    scratch.mkdir(parents=True)
    try:
        products = bench.perform(card, Inputs(items), ToolContext(scratch=scratch, seed=7))
        found = []
        for product in products:
            content = product.path.read_bytes() if product.path else (product.text or "").encode()
            digest = hashlib.sha256(content).hexdigest()
            found.append((product.port, product.index, product.mime, digest))
        return found
    finally:
        shutil.rmtree(scratch)


@dataclass
class Elsewhere:
    """Another process, with another hash seed and next to no environment."""

    home: Path
    process: subprocess.Popen[str] | None = None

    def run(self, card: ToolCard, items: Items) -> list[Digest]:
        """What the tool gives there; a process that died is replaced for the next one."""
        order = {
            "tool": card.name,
            "scratch": str(self.home / "elsewhere"),
            "items": {
                port: [(item.resource.to_json(), str(item.path or "")) for item in held]
                for port, held in items.items()
            },
        }
        try:
            return [tuple(each) for each in json.loads(self._answer(json.dumps(order)))]
        except BaseException:  # also a time limit of the test: its answer may still come
            self.close()
            raise

    def _answer(self, order: str) -> str:
        process = self.process = self.process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{order}\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer.startswith("["), answer + self._log.read_text(encoding="utf-8")[-2_000:]
        return answer

    @property
    def _log(self) -> Path:
        return self.home / "elsewhere.log"

    def _start(self) -> subprocess.Popen[str]:
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, __file__],
                # another hash seed gives sets another order
                env={"PYTHONHASHSEED": "4321", "PATH": "/usr/bin:/bin", "HOME": str(self.home)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def close(self) -> None:
        """End it."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.communicate()
            shutil.rmtree(self.home / "elsewhere", ignore_errors=True)


@dataclass
class Lab:
    """Samples made once, loaded tools, and another process."""

    home: Path
    bench: ToolBench = field(default_factory=ToolBench)
    made: dict[str, Sequence[Item]] = field(default_factory=dict)
    runs: int = 0

    def __post_init__(self) -> None:
        self.elsewhere = Elsewhere(self.home)
        (self.home / "samples").mkdir()

    def items(self, ports: Iterable[Port]) -> dict[str, Sequence[Item]]:
        """A sample for each port, two for a port that takes a list."""
        return {port.name: self._samples(port) for port in ports}

    def _samples(self, port: Port) -> Sequence[Item]:
        key = f"{port.type} {port.many} {port.default!r} {port.choices}"
        if key not in self.made:
            self.made[key] = samples_for(port, ToolContext(scratch=self.home / "samples"))
        return self.made[key]

    def run(self, card: ToolCard, ports: Iterable[Port]) -> list[Digest]:
        """Run a tool on samples for these ports, in a scratch folder of its own."""
        self.runs += 1
        return perform(self.bench, card, self.items(ports), self.home / f"run-{self.runs}")

    def close(self) -> None:
        """Unload the tools and end the other process."""
        self.bench.close()
        self.elsewhere.close()


def carry_out(cards: Mapping[str, ToolCard], order: Mapping[str, Any]) -> list[Digest]:
    """What the other process does with an order: the tool is loaded anew each time."""
    items = {
        port: [
            Item(Resource.from_json(resource), Path(path) if path else None)
            for resource, path in held
        ]
        for port, held in order["items"].items()
    }
    bench = ToolBench()
    try:
        return perform(bench, cards[order["tool"]], items, Path(order["scratch"]))
    finally:
        bench.close()


def serve() -> None:
    """Answer orders; what a tool or its libraries print goes to the log."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    cards = load_registry(REGISTRY).cards
    for line in sys.stdin:
        try:
            answer = json.dumps(carry_out(cards, json.loads(line)))
        except Exception as error:  # noqa: BLE001 - told to the test that ordered it
            answer = f"{type(error).__name__}: {error}".replace("\n", " ")
        print(answer, file=answers, flush=True)


if __name__ == "__main__":
    serve()
