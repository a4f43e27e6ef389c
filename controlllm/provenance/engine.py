"""Open a database: SQLite in WAL mode or PostgreSQL, with the schema at its newest revision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from controlllm.errors import ConfigurationError, StoreUnavailable

SCHEMA_REVISION = "0001"
"""Newest revision of the migrations; a test holds the two together."""

BUSY_TIMEOUT_S = 10.0
_MIGRATION_LOCK = 7_301_544_180
MIGRATIONS = Path(__file__).with_name("migrations")


def open_engine(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine:
    """Connect, and bring the schema up to date.

    Args:
        url: A SQLAlchemy URL; `postgres://` and asynchronous drivers are understood as well.
        busy_timeout_s: How long a write waits for another one.

    Raises:
        ConfigurationError: The URL or its driver is of no use.
        StoreUnavailable: The database does not answer.
    """
    parsed = _parse(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            engine = _open_sqlite(parsed, busy_timeout_s)
        else:
            connect = {"connect_timeout": int(busy_timeout_s)}
            engine = create_engine(parsed, pool_pre_ping=True, connect_args=connect)
        _migrate(engine)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        msg = f"DATABASE_URL {parsed.render_as_string()} cannot be used: {error}"
        raise ConfigurationError(msg) from error
    except DBAPIError as error:
        msg = f"the database {parsed.render_as_string()} does not answer: {_reason(error)}"
        raise StoreUnavailable(msg) from error
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction; takes the write lock at once, so that it cannot fail half-way.

    Raises:
        StoreUnavailable: The lock was not free in time, the disk is full, or the server is gone.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        msg = f"the database did not take the write: {_reason(error)}"
        raise StoreUnavailable(msg) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for questions; holds no lock.

    Raises:
        StoreUnavailable: The database does not answer.
    """
    try:
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            yield connection
    except OperationalError as error:
        msg = f"the database did not answer: {_reason(error)}"
        raise StoreUnavailable(msg) from error


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        msg = f"DATABASE_URL {url!r} is no database URL; try sqlite:///path or postgresql://..."
        raise ConfigurationError(msg) from error
    backend = parsed.drivername.partition("+")[0]
    if backend in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed.set(drivername=backend) if backend == "sqlite" else parsed


def _open_sqlite(url: URL, busy_timeout_s: float) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": busy_timeout_s})

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver connection
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # In WAL mode FULL flushes the log at every commit: what was accepted survives power loss.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and then writes fails at once when another one wrote in
        # between, whatever the timeout; taking the write lock at the start waits instead.
        if connection.get_isolation_level() != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _migrate(engine: Engine) -> None:
    if _revision(engine) == SCHEMA_REVISION:
        return
    # alembic takes 0.2 s to import and is needed once in the life of a database
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # two processes that start at once: the second one waits and finds all done
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(engine: Engine) -> str | None:
    with reading(engine) as connection:
        try:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        except DBAPIError:
            return None
    return str(found) if found else None


def _reason(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__
