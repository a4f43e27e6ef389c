"""Open a database: SQLite in WAL mode or PostgreSQL, with the schema at its newest revision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from controlllm.errors import ConfigurationError, StoreUnavailable
from controlllm.provenance.postgresql import open_postgresql
from controlllm.provenance.sqlite import TURN, WRITES, open_sqlite, read_sqlite

SCHEMA_REVISION = "0003"
"""Newest revision of the migrations; a test holds the two together."""

BUSY_TIMEOUT_S = 10.0
MIGRATIONS = Path(__file__).with_name("migrations")

_MIGRATION_LOCK = 7_301_544_180

_DEFECTS = (IntegrityError, ProgrammingError, DataError, NotSupportedError)
"""What a database says of a wrong statement: a fault of the program, not of the database."""


def open_engine(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine:
    """Connect, and bring the schema up to date.

    Args:
        url: A SQLAlchemy URL; `postgres://` and asynchronous drivers are understood as well.
        busy_timeout_s: How long a write waits for another one, and a connection for the server.

    Raises:
        ConfigurationError: The URL, its driver or the database behind it is of no use.
        StoreUnavailable: The database does not answer.
    """
    parsed = _parse(url)
    opens = open_sqlite if parsed.get_backend_name() == "sqlite" else open_postgresql
    with _refusals_of(parsed.render_as_string()):
        engine = opens(parsed, busy_timeout_s)
        try:
            _migrate(engine)
        except BaseException:
            engine.dispose()
            raise
    return engine


def open_to_read(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Engine | None:
    """Connect to a record as it is: nothing is made, and no schema is brought up to date.

    Args:
        url: As for `open_engine`.
        busy_timeout_s: How long a connection waits for the server.

    Returns:
        None where there is no record yet.

    Raises:
        ConfigurationError: The URL, its driver or the database behind it is of no use, or its
            schema is another one.
        StoreUnavailable: The database does not answer.
    """
    parsed = _parse(url)
    opens = read_sqlite if parsed.get_backend_name() == "sqlite" else open_postgresql
    with _refusals_of(parsed.render_as_string()):
        engine = opens(parsed, busy_timeout_s)
        if engine is None:
            return None
        try:
            revision = _revision(engine)
        except BaseException:
            engine.dispose()
            raise
    if revision == SCHEMA_REVISION:
        return engine
    engine.dispose()
    if revision is None:
        return None
    msg = (
        f"the database has schema {revision}, not {SCHEMA_REVISION}: it was made by another "
        "version of ControlLLM; the next run brings an older one up to date"
    )
    raise ConfigurationError(msg)


_OTHER_SCHEMA = re.compile(
    r"no such (?:table|column)|has no column|(?:column|relation) .* does not exist"
)
"""What SQLite and PostgreSQL say of a table or a column that is not there."""


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction; takes the write lock at once, so that it cannot fail half-way.

    Raises:
        StoreUnavailable: The lock was not free in time, the disk is full, or the server is gone.
    """
    turn = engine.get_execution_options().get(TURN) or nullcontext()
    with turn, _translated("did not take the write"), engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for questions; holds no lock.

    Raises:
        StoreUnavailable: The database does not answer.
    """
    with _translated("did not answer"), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


@contextmanager
def _refusals_of(shown: str) -> Iterator[None]:
    """What opening may end with, in our words; `shown` is the URL without its password."""
    try:
        yield
    except ModuleNotFoundError as error:
        msg = f"{shown} needs a driver: pip install 'controlllm[postgres]' ({error})"
        raise ConfigurationError(msg) from error
    except (ArgumentError, TypeError, ValueError, ProgrammingError) as error:
        msg = f"DATABASE_URL {shown} cannot be used: {_reason(error)}"
        raise ConfigurationError(msg) from error
    except DBAPIError as error:
        msg = f"the database {shown} does not answer: {_reason(error)}"
        raise StoreUnavailable(msg) from error


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if _OTHER_SCHEMA.search(_reason(error)):
            msg = (
                f"the database was made by another version of ControlLLM ({_reason(error)}); "
                "move it away, or let CONTROLLLM_HOME or DATABASE_URL name a new place"
            )
            raise ConfigurationError(msg) from error
        if isinstance(error, _DEFECTS):
            raise
        msg = f"the database {what}: {_reason(error)}"
        raise StoreUnavailable(msg) from error
    except PoolTimeout as error:
        msg = f"the database {what}: all its connections are in use"
        raise StoreUnavailable(msg) from error


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # what cannot be read cannot be shown without its password either
        msg = "DATABASE_URL is no database URL; try sqlite:///path or postgresql://user@host/name"
        raise ConfigurationError(msg) from None
    backend = parsed.drivername.partition("+")[0]
    if backend in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        msg = f"DATABASE_URL names {backend!r}; use sqlite:///path or postgresql://user@host/name"
        raise ConfigurationError(msg)
    if not parsed.database or ":memory:" in parsed.database or "mode=memory" in url:
        msg = f"DATABASE_URL {url} keeps nothing; name a file, as in sqlite:///controlllm.db"
        raise ConfigurationError(msg)
    return parsed.set(drivername="sqlite")


def _migrate(engine: Engine) -> None:
    if _revision(engine) == SCHEMA_REVISION:
        return
    # alembic takes 0.2 s to import and is needed once in the life of a database
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            if connection.dialect.name == "postgresql":
                # two processes that start at once: the second one waits and finds all done
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                msg = f"the database was made by a newer version of ControlLLM: {error}"
                raise ConfigurationError(msg) from error


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return str(found) if found else None


def _reason(error: Exception) -> str:
    """The first line of what the driver says."""
    said = getattr(error, "orig", None) or error
    lines = str(said).strip().splitlines()
    return lines[0] if lines else type(said).__name__
