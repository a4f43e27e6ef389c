"""One suite for every backend, and what only processes can promise."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio
import psutil
import pytest
import toolbox

from controlllm.execution.backends.base import ExecutionBackend, Job, StepTimeout, WorkerLost
from controlllm.execution.backends.confine import landlock_version
from controlllm.execution.backends.inline import InlineBackend
from controlllm.execution.backends.process import ProcessBackend
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.errors import (
    BadOutput,
    Cancelled,
    InvalidInput,
    OutOfMemory,
    ToolError,
    ToolFailed,
    ToolUnavailable,
    Transient,
)
from controlllm_tools.perform import Product
from controlllm_tools.resources import Resource
from controlllm_tools.tool import Inputs, Item

pytestmark = pytest.mark.anyio

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ProcessBackend]:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    backend = ProcessBackend(tmp_path / "scratch", tmp_path / "workers.log")
    yield backend
    await backend.close()
    assert not any(psutil.pid_exists(pid) for pid in backend.process_ids())


@pytest.fixture(params=["inline", "process"])
async def backend(
    request: pytest.FixtureRequest, processes: ProcessBackend
) -> AsyncIterator[ExecutionBackend]:
    if request.param == "process":
        yield processes
    else:
        inline = InlineBackend()
        yield inline
        await inline.close()


Run = Callable[..., "anyio.abc.Awaitable[tuple[Product, ...]]"]


def job(tmp_path: Path, card: ToolCard, text: str | None = None, timeout_s: float = 30.0) -> Job:
    scratch = tmp_path / "scratch" / f"call-{len(list((tmp_path / 'scratch').glob('call-*')))}"
    items = {} if text is None else {"text": [Item(Resource.of_text("text", text))]}
    return Job(card=card, inputs=Inputs(items), scratch=scratch, seed=7, timeout_s=timeout_s)


def ignore(fraction: float, message: str) -> None:
    """Nobody looks."""


async def test_a_call_gives_its_checked_products(backend: ExecutionBackend, tmp_path: Path) -> None:
    (product,) = await backend.execute(job(tmp_path, toolbox.card("Echo"), "hello"), ignore)
    assert (product.port, product.text, product.type) == ("out", "hello", "text")


async def test_a_file_product_lies_below_scratch(backend: ExecutionBackend, tmp_path: Path) -> None:
    work = job(tmp_path, toolbox.card("WriteFile"))
    (product,) = await backend.execute(work, ignore)
    assert product.path is not None
    assert product.path.is_relative_to(work.scratch.resolve())
    assert product.path.stat().st_size == 7_000


async def test_the_seed_reaches_the_tool(backend: ExecutionBackend, tmp_path: Path) -> None:
    (product,) = await backend.execute(job(tmp_path, toolbox.card("Echo"), "seed"), ignore)
    assert product.text == "seed/7"


async def test_progress_reaches_the_caller(backend: ExecutionBackend, tmp_path: Path) -> None:
    seen: list[tuple[float, str]] = []
    work = job(tmp_path, toolbox.card("Echo"), "hello")
    await backend.execute(work, lambda fraction, message: seen.append((fraction, message)))
    assert seen == [(0.5, "half way")]


@pytest.mark.parametrize(
    ("tool", "text", "error"),
    [
        ("Raise", "invalid_input", InvalidInput),
        ("Raise", "transient", Transient),
        ("Raise", "out_of_memory", OutOfMemory),
        ("Raise", "tool_failed", ToolFailed),
        ("Raise", "foreign", ToolFailed),
        ("Raise", "memory", OutOfMemory),
        ("ReturnNothing", None, BadOutput),
        ("PointOutside", None, BadOutput),
        ("NotThere", None, ToolUnavailable),
    ],
)
async def test_a_failure_arrives_as_the_kind_that_says_who_acts_next(
    backend: ExecutionBackend, tmp_path: Path, tool: str, text: str | None, error: type[ToolError]
) -> None:
    with pytest.raises(ToolError) as caught:
        await backend.execute(job(tmp_path, toolbox.card(tool), text), ignore)
    assert type(caught.value) is error
    assert caught.value.message


@pytest.mark.promise("P2")
async def test_a_result_of_the_wrong_type_never_arrives(
    backend: ExecutionBackend, tmp_path: Path
) -> None:
    picture = toolbox.card("ReturnWrongType", outputs=(Port(name="out", type="image"),))
    with pytest.raises(BadOutput, match="bad image"):
        await backend.execute(job(tmp_path, picture), ignore)


async def test_a_call_that_takes_too_long_is_ended(
    backend: ExecutionBackend, tmp_path: Path
) -> None:
    with pytest.raises((StepTimeout, Transient)), anyio.fail_after(20):
        await backend.execute(job(tmp_path, toolbox.card("Sleep"), "60", timeout_s=0.5), ignore)


async def test_cancelling_stops_the_tool(backend: ExecutionBackend, tmp_path: Path) -> None:
    asleep = anyio.Event()
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            work = job(tmp_path, toolbox.card("Sleep"), "60")
            tasks.start_soon(backend.execute, work, lambda _f, _m: asleep.set())
            await asleep.wait()
            tasks.cancel_scope.cancel()


async def test_calls_run_side_by_side(backend: ExecutionBackend, tmp_path: Path) -> None:
    """Each of three calls is asleep before any of them is let go."""
    sleepers: set[int] = set()
    all_asleep = anyio.Event()

    async def sleep(number: int) -> None:
        def report(fraction: float, message: str) -> None:
            sleepers.add(number)
            if len(sleepers) == 3:
                all_asleep.set()

        await backend.execute(works[number], report)

    works = [job(tmp_path, toolbox.card("Sleep"), "60") for _ in range(3)]
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            for number in range(3):
                tasks.start_soon(sleep, number)
            await all_asleep.wait()
            tasks.cancel_scope.cancel()


async def test_a_flood_of_progress_is_thinned_out(
    processes: ProcessBackend, tmp_path: Path
) -> None:
    seen: list[str] = []
    work = job(tmp_path, toolbox.card("Flood"))
    await processes.execute(work, lambda _fraction, message: seen.append(message))
    assert len(seen) < 100
    assert all(len(message) <= 200 for message in seen)


async def test_a_tool_that_ignores_everything_is_killed_with_its_children(
    processes: ProcessBackend, tmp_path: Path
) -> None:
    children: list[int] = []
    with anyio.fail_after(30), pytest.raises(StepTimeout, match="was ended"):
        await processes.execute(
            job(tmp_path, toolbox.card("Hang"), timeout_s=1.5),
            lambda _fraction, message: children.append(int(message)),
        )
    assert processes.process_ids() == []
    # a signal has been sent when the call ends; a busy machine may take a moment to deliver it
    with anyio.fail_after(10):
        while any(is_alive(pid) for pid in children):  # noqa: ASYNC110 - another process sets no event
            await anyio.sleep(0.05)


async def test_a_crash_costs_only_its_own_call(processes: ProcessBackend, tmp_path: Path) -> None:
    with pytest.raises(WorkerLost, match="SIGSEGV"):
        await processes.execute(job(tmp_path, toolbox.card("Crash")), ignore)
    (product,) = await processes.execute(job(tmp_path, toolbox.card("Echo"), "still"), ignore)
    assert product.text == "still"


async def test_a_worker_is_used_again_also_after_a_cancelled_call(
    processes: ProcessBackend, tmp_path: Path
) -> None:
    (first,) = await processes.execute(job(tmp_path, toolbox.card("Echo"), "who"), ignore)
    with anyio.fail_after(20), pytest.raises((StepTimeout, Cancelled, Transient)):
        await processes.execute(job(tmp_path, toolbox.card("Sleep"), "60", 0.5), ignore)
    (again,) = await processes.execute(job(tmp_path, toolbox.card("Echo"), "who"), ignore)
    assert first.text == again.text


async def test_noise_on_standard_output_does_not_break_the_protocol(
    processes: ProcessBackend, tmp_path: Path
) -> None:
    (product,) = await processes.execute(job(tmp_path, toolbox.card("Chatty")), ignore)
    assert product.text == "quiet"
    assert b"not json at all" in (tmp_path / "workers.log").read_bytes()


needs_landlock = pytest.mark.skipif(
    landlock_version() == 0, reason="this kernel has no Landlock (Linux 5.13 or later has it)"
)


@pytest.mark.promise("P8")
@needs_landlock
async def test_a_worker_cannot_write_outside_scratch(
    processes: ProcessBackend, tmp_path: Path
) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("mine", encoding="utf-8")
    work = job(tmp_path, toolbox.card("WriteOutside"), str(precious))
    (product,) = await processes.execute(work, ignore)
    assert product.text == "refused: Permission denied"
    assert precious.read_text(encoding="utf-8") == "mine"
    inside = job(tmp_path, toolbox.card("WriteOutside"), str(work.scratch / "fine.txt"))
    assert (await processes.execute(inside, ignore))[0].text == "written"
    assert processes.confined is True


@pytest.mark.promise("P8")
@pytest.mark.skipif(landlock_version() < 4, reason="TCP is restricted from Linux 6.7 on")
@pytest.mark.parametrize(("effects", "told"), [("none", "refused"), ("network", "connected")])
async def test_only_a_tool_with_network_effects_can_connect(
    processes: ProcessBackend, tmp_path: Path, effects: str, told: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = str(server.getsockname()[1])
        work = job(tmp_path, toolbox.card("Connect", effects=effects), number)
        (product,) = await processes.execute(work, ignore)
    assert product.text == told


def test_workers_die_with_their_parent_even_by_kill_9(tmp_path: Path) -> None:
    program = f"""
import anyio, sys
from pathlib import Path
import toolbox
from controlllm.execution.backends.process import ProcessBackend
from controlllm.execution.backends.base import Job
from controlllm_tools.tool import Inputs
async def main():
    backend = ProcessBackend(Path({str(tmp_path)!r}))
    scratch = Path({str(tmp_path)!r}) / "call"
    card = toolbox.card("Sleep")
    job = Job(card=card, inputs=Inputs({{}}), scratch=scratch, seed=0, timeout_s=60)
    await backend.execute(job, lambda f, m: print(*backend.process_ids(), flush=True))
anyio.run(main)
"""
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(workers) == 1
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    _gone, alive = psutil.wait_procs(
        [psutil.Process(pid) for pid in workers if psutil.pid_exists(pid)], timeout=10
    )
    assert alive == []


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
