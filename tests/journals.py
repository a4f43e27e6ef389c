"""Every journal there is, empty, with a clock that a test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from databases import postgresql_database

from controlllm.execution.journal import RunJournal
from controlllm.execution.memory_journal import MemoryJournal
from controlllm.provenance.engine import open_engine
from controlllm.provenance.store import SqlStore

LEASE_S = 15.0


@dataclass(slots=True)
class Clock:
    """A clock that a test moves."""

    now_s: float = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> Iterator[RunJournal]:
    if request.param == "memory":
        yield MemoryJournal(now_s=clock, lease_s=LEASE_S)
    elif request.param == "sqlite":
        yield from opened(f"sqlite:///{tmp_path}/record.db", clock)
    else:
        with postgresql_database() as url:
            yield from opened(url, clock)


def opened(url: str, clock: Callable[[], float]) -> Iterator[SqlStore]:
    store = SqlStore(open_engine(url), now_s=clock, lease_s=LEASE_S)
    yield store
    store.close()
