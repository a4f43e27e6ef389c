"""Databases for tests: SQLite files, and databases on a throw-away PostgreSQL server.

The server is the one of `DATABASE_URL_TEST`; else one is started from the programs on this machine,
once per session and reachable through a socket in its own folder only. Each test gets a database
of its own, copied from a template that has the schema already.
"""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from controlllm.provenance.engine import open_engine

_TEMPLATE = "controlllm_test_template"
_FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c listen_addresses="


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of either kind with the schema in it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'record.db'}"
        open_engine(url).dispose()
        yield url
    else:
        with postgresql_database() as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of either kind without anything in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'record.db'}"
    else:
        with postgresql_database(template="template0") as url:
            yield url


@contextmanager
def postgresql_database(template: str | None = None, *, encoding: str = "UTF8") -> Iterator[str]:
    """The URL of a new PostgreSQL database, which is dropped afterwards."""
    server = postgresql_server()
    name = f"controlllm_test_{secrets.token_hex(6)}"
    _create(server, name, template or _template(server), encoding)
    try:
        yield _url(server, name)
    finally:
        _tell(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@functools.cache
def postgresql_server() -> URL:
    """A server that is up; the test is skipped when there is none to use."""
    given = os.environ.get("DATABASE_URL_TEST")
    if given:
        return make_url(given)
    programs = _programs()
    if programs is None:
        pytest.skip("needs PostgreSQL: apt-get install postgresql, or set DATABASE_URL_TEST")
    home = Path(tempfile.mkdtemp(prefix="controlllm-pg-"))
    account = _account()
    if account is not None:
        shutil.chown(home, account)

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, "-D", home / "data", *arguments],
            user=account,
            group=account,
            extra_groups=[] if account else None,
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def end() -> None:
        call("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)

    call("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C")
    call("pg_ctl", "-w", "-l", str(home / "log"), "-o", f"-k {home} {_FAST}", "start")
    atexit.register(end)
    return make_url(f"postgresql://postgres@/postgres?host={home}")


def _programs() -> Path | None:
    """The folder of the newest server that is installed."""
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: int(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    return Path(found).parent if found else None


def _account() -> str | None:
    """Whom to run the server as: it refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


@functools.cache
def _template(server: URL) -> str:
    """The name of a database that has the schema."""
    name = f"{_TEMPLATE}_{secrets.token_hex(6)}"
    _create(server, name, "template0", "UTF8")
    open_engine(_url(server, name)).dispose()
    if os.environ.get("DATABASE_URL_TEST"):
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        atexit.register(_tell, server, drop)
    return name


def _create(server: URL, name: str, template: str, encoding: str) -> None:
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING {} LC_COLLATE 'C' LC_CTYPE 'C'")
    names = map(sql.Identifier, (name, template))
    _tell(server, create.format(*names, sql.Literal(encoding)))


def _url(server: URL, name: str) -> str:
    return server.set(database=name).render_as_string(hide_password=False)


def _tell(server: URL, statement: sql.Composed) -> None:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)
