"""A check runs every tool in a worker: a bad one fails alone, and the others get their turn."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import anyio
import psutil
import pytest
from toolbox import card

from controlllm import check
from controlllm.check import CheckResult, Watch, check_tools, estimate_of
from controlllm.execution.backends.base import Job, Report
from controlllm.execution.backends.process import ProcessBackend
from controlllm_tools.card import Cost, Port, ToolCard
from controlllm_tools.perform import Product
from controlllm_tools.resources import MediaFacts, Resource, ResourceType
from controlllm_tools.tool import Inputs, Item

TESTS = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _workers_find_the_toolbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))


def checked(*cards: ToolCard, **options: object) -> list[tuple[str, str]]:
    results = anyio.run(lambda: check_tools(cards, {}, **options))  # type: ignore[arg-type]
    return [(result.tool, result.verdict) for result in results]


def test_a_tool_that_takes_its_process_with_it_fails_alone() -> None:
    cards = (card("Echo"), card("Crash"), card("Echo", name="after"))
    results = anyio.run(check_tools, cards, {})
    assert [each.verdict for each in results] == ["ok", "failed", "ok"]
    assert "SIGSEGV" in results[1].message


def test_a_tool_that_hangs_is_ended_with_its_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "CALL_TIMEOUT_S", 1.0)
    before = {each.pid for each in psutil.Process().children(recursive=True)}
    results = anyio.run(check_tools, (card("Hang"), card("Echo")), {})
    assert [each.verdict for each in results] == ["failed", "ok"]
    assert "longer than 1 s" in results[0].message
    assert {each.pid for each in psutil.Process().children(recursive=True)} <= before


@pytest.mark.parametrize("tool", ["Raise", "ReturnNothing", "ReturnWrongType", "PointOutside"])
def test_a_tool_that_breaks_the_contract_fails(tool: str) -> None:
    outputs = (Port(name="out", type="image" if tool == "ReturnWrongType" else "text"),)
    assert checked(card(tool, outputs=outputs)) == [(tool.lower(), "failed")]


def test_what_a_tool_prints_does_not_disturb_the_check() -> None:
    assert checked(card("Chatty")) == [("chatty", "ok")]


def test_a_tool_that_acts_outside_is_checked_on_request_only() -> None:
    tool = card("Echo", effects="network")
    (skipped,) = anyio.run(check_tools, (tool,), {})
    assert (skipped.verdict, "--allow network" in skipped.message) == ("skipped", True)
    assert checked(tool, allow_effects={"network"}) == [("echo", "ok")]


def test_what_is_missing_is_told_and_not_run() -> None:
    (result,) = anyio.run(check_tools, (card("Crash"),), {"crash": "no luck"})
    assert (result.verdict, result.message) == ("unavailable", "no luck")


def test_a_type_without_a_sample_is_a_failure_of_its_tool() -> None:
    strange = card("Echo", inputs=(Port(name="text", type="smell"),))
    assert checked(strange, card("Echo", name="other")) == [("echo", "failed"), ("other", "ok")]


@pytest.mark.parametrize(("repeated_below_s", "calls"), [(60.0, 2), (0.0, 1)])
def test_a_quick_call_is_done_again_with_its_libraries_loaded(
    monkeypatch: pytest.MonkeyPatch, repeated_below_s: float, calls: int
) -> None:
    done: list[str] = []
    execute = ProcessBackend.execute

    async def counted(self: ProcessBackend, job: Job, report: Report) -> tuple[Product, ...]:
        done.append(job.card.name)
        return await execute(self, job, report)

    monkeypatch.setattr(ProcessBackend, "execute", counted)
    monkeypatch.setattr(check, "REPEATED_BELOW_S", repeated_below_s)
    (result,) = anyio.run(check_tools, (card("Echo"),), {})
    assert result.seconds > 0
    assert done == ["echo"] * calls


def test_who_watches_is_told_of_each_tool_in_turn() -> None:
    told: list[str] = []
    watch = Watch(begun=told.append, ended=lambda result: told.append(result.verdict))
    cards = (card("Echo"), card("Echo", name="gone"), card("Raise"))
    anyio.run(check_tools, cards, {"gone": "no luck"}, (), watch)
    assert told == ["echo", "ok", "unavailable", "raise", "failed"]


def test_the_ratio_is_the_estimate_by_the_time() -> None:
    assert CheckResult(tool="a", verdict="ok", seconds=2.0, estimate_s=1.0).ratio == 0.5
    assert CheckResult(tool="a", verdict="failed").to_json()["ratio"] is None


def test_an_estimate_counts_every_item_its_text_and_what_is_asked() -> None:
    tool = replace(
        card("Echo"),
        inputs=(
            Port(name="clips", type="video", many=True),
            Port(name="text", type="text"),
            Port(name="boxes", type="boxes"),
            Port(name="seconds", type="number.seconds", optional=True, default=7),
        ),
        cost=Cost(seconds=1.0, per_second=0.5, per_kilochar=2.0, per_asked={"seconds": 0.1}),
    )
    text = Item(Resource.of_text("text", "x" * 1_500))
    boxes = Item(Resource.of_value("boxes", {"boxes": ["y" * 9_000]}))
    inputs = Inputs.of(clips=[clip(4.0), clip(6.0)], text=text, boxes=boxes)
    assert estimate_of(tool, inputs) == pytest.approx(1 + 5 + 3 + 0.7)
    seconds = Item(Resource.of_value("number.seconds", 30.0))
    asked = Inputs.of(clips=clip(4.0), text=text, boxes=boxes, seconds=seconds)
    assert estimate_of(tool, asked) == pytest.approx(1 + 2 + 3 + 3)


def clip(seconds: float) -> Item:
    facts = MediaFacts(duration_s=seconds)
    video = Resource(
        type=ResourceType("video"), sha256="0" * 64, size_bytes=1, mime="video/mp4", facts=facts
    )
    return Item(video, Path("clip.mp4"))


def catalogue(path: Path, cards: Sequence[ToolCard]) -> Path:
    content = {
        "version": 1,
        "types": {"text": {}},
        "tools": [{**each.to_json(), "cost": {"seconds": 0.1}} for each in cards],
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def command(registry: Path) -> list[str]:
    program = [sys.executable, "-m", "controlllm", "tools", "check", "--json"]
    return [*program, "--registry", str(registry)]


def test_the_command_fails_when_a_tool_does_and_tells_of_all(tmp_path: Path) -> None:
    registry = catalogue(tmp_path / "r.json", [card("Crash"), card("Echo")])
    ended = subprocess.run(
        command(registry),
        env={**os.environ, "CONTROLLLM_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    told = json.loads(ended.stdout)
    assert [(each["tool"], each["verdict"]) for each in told] == [
        ("crash", "failed"),
        ("echo", "ok"),
    ]
    assert told[1]["ratio"] == pytest.approx(told[1]["estimate_s"] / told[1]["seconds"], abs=0.001)


async def family_of(pid: int) -> list[psutil.Process]:
    """The worker, and the child of the tool that hangs, once both are there."""
    with anyio.fail_after(60):
        # the other processes set no event of ours
        while len(family := psutil.Process(pid).children(recursive=True)) < 2:  # noqa: ASYNC110
            await anyio.sleep(0.02)
    return family


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_an_interrupted_check_tells_what_it_has_and_leaves_nothing_behind(tmp_path: Path) -> None:
    registry = catalogue(tmp_path / "r.json", [card("Echo"), card("Hang"), card("Echo", name="c")])
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        command(registry),
        env={**os.environ, "CONTROLLLM_HOME": str(tmp_path), "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    family = anyio.run(family_of, process.pid)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert [(each["tool"], each["verdict"]) for each in json.loads(told)] == [("echo", "ok")]
    assert not any(map(is_alive, family))
    assert list(temporary.iterdir()) == []
