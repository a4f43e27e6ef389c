"""SQLite as the record needs it: durable in WAL mode, and one writer after the other."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from controlllm.errors import ConfigurationError, StoreUnavailable
from controlllm.provenance.tables import to_json

WRITES = "controlllm_writes"
"""Option of a connection that is about to write; its transaction takes the lock at once."""

TURN = "controlllm_turn"
"""Option of an engine: a `Turn`."""

_POOL_SIZE = 16
_SWITCH_PAUSE_S = 0.01


class Turn:
    """Lets the threads of one process write one after the other.

    A writer that finds SQLite locked sleeps and asks again, and under load some writers find it
    locked every time; threads that wait for their turn are woken at once.
    """

    def __init__(self, timeout_s: float) -> None:
        self._lock = threading.Lock()
        self._timeout_s = timeout_s

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._timeout_s):
            msg = f"the database did not take the write: others wrote for {self._timeout_s:g} s"
            raise StoreUnavailable(msg)

    def __exit__(self, *_error: object) -> None:
        self._lock.release()


def open_sqlite(url: URL, busy_timeout_s: float) -> Engine:
    """An engine over a file, which is made with its folder when the first connection is.

    Raises:
        ConfigurationError: The folder cannot be made.
    """
    folder = Path(url.database or "").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"the database's folder {folder} cannot be made: {error.strerror}"
        raise ConfigurationError(msg) from error
    engine = create_engine(
        url,
        connect_args={"timeout": busy_timeout_s},
        execution_options={TURN: Turn(busy_timeout_s)},
        json_serializer=to_json,
        pool_size=_POOL_SIZE,
        pool_timeout=busy_timeout_s,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver connection
        connection.isolation_level = None  # we say BEGIN ourselves
        if switch_to_wal(connection, busy_timeout_s) != "wal":
            connection.close()
            msg = f"{url.database} lies on a file system without shared memory; use a local disk"
            raise ConfigurationError(msg)
        # In WAL mode FULL flushes the log at every commit: what was accepted survives power loss.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and then writes fails at once when another one wrote in
        # between, whatever the timeout; taking the write lock at the start waits instead.
        if connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def read_sqlite(url: URL, busy_timeout_s: float) -> Engine | None:
    """An engine that cannot write, over a file that is there; None where there is none."""
    file = Path(url.database or "").absolute()
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        pass  # connecting says why
    read_only = url.set(database=f"file:{quote(str(file))}", query={"mode": "ro", "uri": "true"})
    return create_engine(read_only, connect_args={"timeout": busy_timeout_s})


def switch_to_wal(connection: sqlite3.Connection, busy_timeout_s: float) -> str:
    """Let readers read while somebody writes; returns the mode that the journal is in afterwards.

    While two processes switch a new database at once, SQLite tells one of them at once that it is
    locked, whatever its timeout.

    Raises:
        sqlite3.Error: It stayed locked for the whole timeout, or is no database; the connection is
            closed.
    """
    deadline_s = time.monotonic() + busy_timeout_s
    while True:
        try:
            mode: str = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        except sqlite3.Error as error:
            busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline_s:
                connection.close()
                raise
            time.sleep(_SWITCH_PAUSE_S)
        else:
            return mode
