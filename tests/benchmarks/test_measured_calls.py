"""Calls in a worker of their own: what they take, and how they failed."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
import toolbox

from benchmarks.measured_calls import Measured, open_bench
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.resources import Resource
from controlllm_tools.tool import CpuTool, Inputs, Item, Output, Outputs, ToolContext

MIB = 2**20
TESTS = Path(__file__).parents[1]


class Hoard(CpuTool):
    """Takes memory, in its own process or in a program of its own, and lets it go."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        import subprocess
        import sys

        where, _, size = inputs.text("text").partition(" ")
        program = f"import time; held = b'x' * {int(size)} * {MIB}; time.sleep(0.2); del held"
        if where == "program":
            subprocess.run([sys.executable, "-c", program], check=True)
        else:
            exec(program)  # noqa: S102 - the same words in both places
        return {"out": Output.of_text("done")}


HOARD = ToolCard(
    name="hoard",
    version="1",
    summary="Take memory.",
    inputs=(Port(name="text", type="text"),),
    outputs=(Port(name="out", type="text"),),
    entry_point="benchmarks.test_measured_calls:Hoard",
)


@pytest.fixture(autouse=True)
def _workers_find_the_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))


def measured(folder: Path, card: ToolCard, *texts: str, timeout_s: float = 60.0) -> list[Measured]:
    async def calls() -> list[Measured]:
        async with open_bench(folder) as bench:
            return [await bench.call(card, words(text), timeout_s) for text in texts]

    return anyio.run(calls)


def words(text: str) -> Inputs:
    return Inputs.of(text=Item(Resource.of_text("text", text)))


@pytest.mark.parametrize("where", ["worker", "program"])
def test_memory_is_seen_wherever_it_is_taken(tmp_path: Path, where: str) -> None:
    little, much = measured(tmp_path, HOARD, f"{where} 1", f"{where} 200")
    assert (little.error, much.error) == ("", "")
    assert 180 * MIB < much.peak_bytes - little.peak_bytes < 230 * MIB
    assert much.seconds > 0.2


def test_a_failure_is_told_and_the_next_call_works(tmp_path: Path) -> None:
    failed, crashed, hung, worked = (
        measured(tmp_path / str(number), toolbox.card(tool), text, timeout_s=3.0)[0]
        for number, (tool, text) in enumerate(
            [("Raise", "invalid_input"), ("Crash", "x"), ("Sleep", "60"), ("Echo", "x")]
        )
    )
    assert failed.error == "invalid_input: bad input"
    assert "SIGSEGV" in crashed.error
    assert hung.error.startswith("timeout: ")
    assert worked.error == ""
