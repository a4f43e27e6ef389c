"""How much memory calls hold."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest
import toolbox

from controlllm.execution.backends.base import Job
from controlllm.execution.backends.memory_use import MemoryUse
from controlllm.execution.backends.process import ProcessBackend
from controlllm_tools.tool import Inputs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells it on Linux only")

LARGE = 96 * 2**20


def peak(memory: MemoryUse) -> int:
    found = memory.most_bytes()
    assert found is not None
    return found


ALONE = """
from controlllm.execution.backends.memory_use import MemoryUse
memory = MemoryUse()
memory.mark()
before = memory.most_bytes()
held = b"x" * {size}
del held
after = memory.most_bytes()
memory.mark()
print(after - before, memory.most_bytes() - before)
"""
"""In a process of its own: what other tests leave behind may be given back meanwhile."""


def test_the_peak_counts_although_it_is_over_and_a_mark_forgets_it() -> None:
    program = [sys.executable, "-c", ALONE.format(size=LARGE)]
    told = subprocess.run(program, check=True, capture_output=True, text=True).stdout.split()
    over, marked = map(int, told)
    assert over >= LARGE * 0.9
    assert marked < LARGE * 0.5


def test_a_program_that_surpasses_those_before_it_counts_as_well() -> None:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    memory = MemoryUse()
    memory.mark()
    own = peak(memory)
    # larger than this process and than what other tests in it have run
    large = max(own, usage.ru_maxrss * 1_024) + LARGE
    subprocess.run([sys.executable, "-c", f"held = b'x' * {large}"], check=True)
    assert peak(memory) >= own + large
    memory.mark()
    subprocess.run([sys.executable, "-c", ""], check=True)
    assert peak(memory) < own + LARGE


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_worker_tells_what_a_call_held_although_it_is_confined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(toolbox.__file__).parent))
    backend, told = ProcessBackend(tmp_path / "scratch"), list[int]()
    job = Job(
        card=toolbox.card("Echo"),
        inputs=Inputs({}),
        scratch=tmp_path / "scratch" / "call",
        seed=0,
        timeout_s=60.0,
        measured=told.append,
    )
    try:
        await backend.execute(job, lambda *_: None)
        await backend.execute(job, lambda *_: None)
    finally:
        await backend.close()
    assert len(told) == 2
    assert all(2**20 < each < 2**30 for each in told)
