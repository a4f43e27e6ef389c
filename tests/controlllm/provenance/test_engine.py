"""Opening databases, waiting for them, and what is said when they are of no use."""

from __future__ import annotations

import socket
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from databases import postgresql_database
from smalldisk import on_small_disk
from sqlalchemy import Connection, Engine, text

from controlllm.errors import ConfigurationError, StoreUnavailable
from controlllm.provenance.engine import (
    SCHEMA_REVISION,
    open_engine,
    open_to_read,
    reading,
    writing,
)
from controlllm.provenance.sqlite import switch_to_wal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture
def sqlite_engine(path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{path}", busy_timeout_s=0.2)
    yield engine
    engine.dispose()


def plan_rows(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        found = connection.execute(text("SELECT digest FROM plans ORDER BY digest"))
        return [row.digest for row in found]


def insert_plan(connection: Connection, digest: str) -> None:
    statement = text("INSERT INTO plans (digest, body, created_at) VALUES (:digest, '1', 'now')")
    connection.execute(statement, {"digest": digest})


def write_plans(engine: Engine, *digests: str) -> None:
    with writing(engine) as connection:
        for digest in digests:
            insert_plan(connection, digest)


def test_a_record_that_is_not_there_is_not_made_to_be_read(empty_database_url: str) -> None:
    assert open_to_read(empty_database_url) is None
    assert open_to_read(empty_database_url) is None  # nor was it made the first time
    open_engine(empty_database_url).dispose()
    engine = open_to_read(empty_database_url)
    assert engine is not None
    engine.dispose()


def test_a_record_of_another_version_is_not_changed_to_be_read(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"has schema 0001, not .* the next run"):
            open_to_read(empty_database_url)
    engine.dispose()


def test_sqlite_that_was_opened_to_read_cannot_be_written(
    path: Path, sqlite_engine: Engine
) -> None:
    write_plans(sqlite_engine, "a")
    engine = open_to_read(f"sqlite:///{path}")
    assert engine is not None
    assert plan_rows(engine) == ["a"]
    with pytest.raises(StoreUnavailable, match="readonly"):
        write_plans(engine, "b")
    engine.dispose()


def test_sqlite_keeps_what_it_accepted_and_lets_readers_read(sqlite_engine: Engine) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    full = 2
    for turn in (reading, writing, reading):
        with turn(sqlite_engine) as connection:
            settings = {name: connection.scalar(text(f"PRAGMA {name}")) for name in names}
        assert settings == {
            "journal_mode": "wal",
            "synchronous": full,
            "foreign_keys": 1,
            "busy_timeout": 200,
        }


def test_a_new_database_that_is_locked_for_a_moment_is_switched_afterwards(path: Path) -> None:
    """As when another process switches it; then SQLite does not wait by itself."""
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE t (x)")
    holder.execute("BEGIN IMMEDIATE")
    connection = sqlite3.connect(path, timeout=0.0)
    tried: list[str] = []

    def free_it_at_the_third_try(statement: str) -> None:
        tried.append(statement)
        if len(tried) == 3:
            holder.execute("COMMIT")

    connection.set_trace_callback(free_it_at_the_third_try)
    assert switch_to_wal(connection, 60.0) == "wal"
    assert tried == ["PRAGMA journal_mode=WAL"] * 3
    connection.close()
    holder.close()


def test_a_database_that_stays_locked_cannot_be_opened(path: Path) -> None:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="does not answer: database is locked"):
        open_engine(f"sqlite:///{path}", busy_timeout_s=0.1)
    holder.close()


def test_postgresql_waits_for_locks_no_longer_than_it_is_told() -> None:
    with postgresql_database() as url:
        engine = open_engine(f"{url}&options=-c%20work_mem%3D5MB", busy_timeout_s=2.5)
        with reading(engine) as connection:
            names = ("lock_timeout", "work_mem", "synchronous_commit", "application_name")
            settings = {name: connection.scalar(text(f"SHOW {name}")) for name in names}
            settings.pop("synchronous_commit")
        engine.dispose()
    assert settings == {
        "lock_timeout": "2500ms",
        "work_mem": "5MB",
        "application_name": "controlllm",
    }


def test_a_write_holds_the_lock_from_its_first_word(path: Path, sqlite_engine: Engine) -> None:
    """Reading first and writing then would fail if another process wrote in between."""
    other = open_engine(f"sqlite:///{path}", busy_timeout_s=0.05)
    with writing(sqlite_engine) as connection:
        connection.execute(text("SELECT count(*) FROM plans"))
        with pytest.raises(StoreUnavailable, match="database is locked"):
            write_plans(other, "b")
        insert_plan(connection, "a")
    assert plan_rows(other) == ["a"]
    other.dispose()


def test_a_locked_database_is_unavailable_after_the_timeout_and_nothing_is_half_written(
    path: Path, sqlite_engine: Engine
) -> None:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    expected = "the database did not take the write: database is locked"
    with pytest.raises(StoreUnavailable, match=expected):
        write_plans(sqlite_engine, "a")
    assert plan_rows(sqlite_engine) == []
    holder.execute("ROLLBACK")
    holder.close()
    write_plans(sqlite_engine, "b")
    assert plan_rows(sqlite_engine) == ["b"]


def test_a_locked_row_of_postgresql_is_unavailable_after_the_timeout() -> None:
    with postgresql_database() as url:
        engine = open_engine(url, busy_timeout_s=0.2)
        write_plans(engine, "a")

        def change_all() -> None:
            with writing(engine) as connection:
                insert_plan(connection, "b")
                connection.execute(text("UPDATE plans SET body = '2'"))

        with psycopg.connect(url) as holder:
            holder.execute("SELECT 1 FROM plans FOR UPDATE")
            expected = "did not take the write: canceling statement due to lock timeout"
            with pytest.raises(StoreUnavailable, match=expected):
                change_all()
        assert plan_rows(engine) == ["a"]
        change_all()
        assert plan_rows(engine) == ["a", "b"]
        engine.dispose()


def test_a_thread_waits_for_its_turn_to_write_no_longer_than_the_timeout(
    sqlite_engine: Engine,
) -> None:
    refused: list[str] = []

    def write() -> None:
        try:
            with writing(sqlite_engine):
                refused.append("nothing")
        except StoreUnavailable as error:
            refused.append(error.message)

    with writing(sqlite_engine):
        late = threading.Thread(target=write)
        late.start()
        late.join()
    write()
    assert refused == [
        "the database did not take the write: others wrote for 0.2 s",
        "nothing",
    ]


def test_a_database_that_lacks_a_column_says_what_to_do(database_url: str) -> None:
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE plans RENAME COLUMN body TO other"))
    with pytest.raises(ConfigurationError, match=r"another version of .* move it away"):
        write_plans(engine, "a")
    engine.dispose()


def test_a_write_that_fails_leaves_nothing_and_the_next_one_goes_through(database_url: str) -> None:
    engine = open_engine(database_url)

    def fail() -> None:
        with writing(engine) as connection:
            insert_plan(connection, "a")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    write_plans(engine, "b")
    assert plan_rows(engine) == ["b"]
    engine.dispose()


def test_a_server_that_went_away_is_unavailable_and_found_again() -> None:
    with postgresql_database() as url:
        engine = open_engine(url)

        def lose_the_connection() -> None:
            with writing(engine) as connection:
                insert_plan(connection, "a")
                with psycopg.connect(url, autocommit=True) as operator:
                    operator.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                insert_plan(connection, "b")

        with pytest.raises(StoreUnavailable, match="did not take the write"):
            lose_the_connection()
        assert plan_rows(engine) == []
        write_plans(engine, "c")
        assert plan_rows(engine) == ["c"]
        engine.dispose()


FILLER = """
import sys
sys.path[:0] = sys.argv[2:]
from sqlalchemy import text
from controlllm.errors import StoreUnavailable
from controlllm.provenance.engine import open_engine, reading, writing
from controlllm.provenance.sqlite import switch_to_wal
engine = open_engine(f"sqlite:///{sys.argv[1]}/record.db")
insert = text("INSERT INTO plans (digest, body, created_at) VALUES (:digest, :body, 'now')")
body = '"' + "x" * 20_000 + '"'
written = 0
try:
    while True:
        with writing(engine) as connection:
            for half in ("a", "b"):
                connection.execute(insert, {"digest": f"{written:04} {half}", "body": body})
        written += 1
except StoreUnavailable as error:
    print(error)
with reading(engine) as connection:
    stored = connection.scalar(text("SELECT count(*) FROM plans"))
    sound = connection.scalar(text("PRAGMA integrity_check"))
print(written > 0, stored == 2 * written, sound)
"""


def test_a_full_disk_is_unavailable_and_earlier_rows_stay_readable(tmp_path: Path) -> None:
    program = tmp_path / "fill.py"
    program.write_text(FILLER)
    filled = on_small_disk(tmp_path / "disk", program, size="2m")
    assert filled.stderr == ""
    assert filled.stdout.splitlines() == [
        "the database did not take the write: database or disk is full",
        "True True ok",
    ]


# What cannot be opened


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "is no database URL; try sqlite:///path or postgresql"),
        ("postgresql://user:pass word@host:port/name", "is no database URL"),
        ("mysql://root@localhost/x", "names 'mysql'; use sqlite:///path or postgresql"),
        ("sqlite://", "keeps nothing; name a file"),
        ("sqlite:///:memory:", "keeps nothing; name a file"),
        ("postgresql://localhost/x?nonsense=1", "cannot be used: .*nonsense"),
        ("sqlite:////dev/null/sub/record.db", "folder /dev/null/sub cannot be made: Not a dir"),
    ],
)
def test_an_unusable_url_is_told_with_the_way_out(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        open_engine(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:s3cret@127.0.0.1:{port}/x",
        "postgres://user:s3cret@127.0.0.1:{port}/x",
        "postgresql+asyncpg://user:s3cret@127.0.0.1:{port}/x",
    ],
)
def test_an_unreachable_server_is_named_without_its_password(url: str) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with pytest.raises(StoreUnavailable) as refused:
            open_engine(url.format(port=port), busy_timeout_s=2)
    assert refused.value.message.startswith(
        f"the database postgresql+psycopg://user:***@127.0.0.1:{port}/x does not answer: "
    )
    assert "Connection refused" in refused.value.message
    assert "s3cret" not in refused.value.message


def test_a_missing_driver_is_told_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'controlllm\[postgres\]'"):
        open_engine("postgresql://user@localhost/name")


def test_a_malformed_url_is_refused_without_its_password() -> None:
    with pytest.raises(ConfigurationError) as refused:
        open_engine("postgresql:/user:s3cret@host/name")
    assert "s3cret" not in f"{refused.value} {refused.value.__cause__}"


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    with postgresql_database() as url:
        missing = url.replace("controlllm_test_", "missing_")
        with pytest.raises(StoreUnavailable, match=r'database "missing_.*" does not exist'):
            open_engine(missing)


def test_a_file_that_is_no_database_is_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"a letter to a friend, " * 200)
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        open_engine(f"sqlite:///{path}")
    assert path.read_bytes() == b"a letter to a friend, " * 200


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_postgresql_database_of_another_encoding_is_refused(encoding: str) -> None:
    with (
        postgresql_database("template0", encoding=encoding) as url,
        pytest.raises(ConfigurationError, match=f"stores {encoding}; create one with ENCODING"),
    ):
        open_engine(url)


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ConfigurationError, match=r"made by a newer version .*9999"):
        open_engine(database_url)


def test_opening_again_changes_nothing(database_url: str) -> None:
    for _ in range(2):
        engine = open_engine(database_url)
        with reading(engine) as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == (
                SCHEMA_REVISION
            )
        engine.dispose()
