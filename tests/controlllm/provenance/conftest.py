"""Fixtures of the tests of the record."""

from collections.abc import Iterator

import pytest
from databases import database_url, empty_database_url

from controlllm.provenance.engine import open_engine
from controlllm.provenance.store import SqlStore

__all__ = ["database_url", "empty_database_url"]


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    store = SqlStore(open_engine(database_url), now_s=lambda: 0.0, lease_s=15.0)
    yield store
    store.close()
