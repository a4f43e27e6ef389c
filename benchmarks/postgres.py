"""A PostgreSQL server for one benchmark: the one of `DATABASE_URL`, or a throw-away one.

The throw-away server keeps the defaults that make a commit durable (fsync, synchronous_commit),
because the price of a durable commit is what is measured.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VERSIONS = Path("/usr/lib/postgresql")


@contextmanager
def postgres_url(folder: Path) -> Iterator[str | None]:
    """The URL of a server that is up; None when there is no server to start.

    Args:
        folder: Where a throw-away server puts its files, so that they lie on the disk in question.
    """
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
        return
    programs = _programs()
    if programs is None:
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="postgres-", dir=folder))
    prefix = _as_other_user(home)
    port = _free_port()
    try:
        data = home / "data"
        _call(
            prefix, programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8"
        )
        listen = f"-p {port} -k {home} -c listen_addresses=127.0.0.1"
        control = [programs / "pg_ctl", "-D", data, "-w", "-l", home / "log"]
        _call(prefix, *control, "-o", listen, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _call(prefix, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs() -> Path | None:
    """The folder of the newest server that is installed."""
    found = shutil.which("initdb")
    newest = sorted(_VERSIONS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if newest:
        return newest[-1].parent
    return Path(found).resolve().parent if found else None


def _as_other_user(home: Path) -> list[str]:
    """The server refuses to run as root; then it runs as the user that Debian makes for it."""
    if os.geteuid() != 0:
        return []
    account = pwd.getpwnam("postgres")
    os.chown(home, account.pw_uid, account.pw_gid)
    return ["runuser", "-u", "postgres", "--"]


def _call(prefix: list[str], *command: object) -> None:
    subprocess.run([*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd="/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
