"""PostgreSQL as the record needs it: UTF-8, and no wait without a bound."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from controlllm.errors import ConfigurationError
from controlllm.provenance.tables import to_json

_POOL_SIZE = 16
_IDLE_IN_TRANSACTION_S = 60.0


def open_postgresql(url: URL, busy_timeout_s: float) -> Engine:
    """An engine over a database, which is not reached before the first connection is made.

    Raises:
        ModuleNotFoundError: The driver is not installed.
    """
    given = url.query.get("options", "")
    limits = {
        "lock_timeout": busy_timeout_s,
        # a process that was stopped in the middle of a write must not hold its locks for ever
        "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION_S,
    }
    options = " ".join(f"-c {name}={int(1_000 * value)}" for name, value in limits.items())
    engine = create_engine(
        url.difference_update_query(["options"]),
        connect_args={
            "connect_timeout": max(1, round(busy_timeout_s)),
            "application_name": "controlllm",
            "options": f"{options} {given if isinstance(given, str) else ' '.join(given)}",
        },
        json_serializer=to_json,
        pool_pre_ping=True,
        pool_size=_POOL_SIZE,
        pool_timeout=busy_timeout_s,
    )

    @event.listens_for(engine, "connect", insert=True)  # before SQLAlchemy reads any text
    def _check_encoding(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver connection
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            connection.close()
            msg = f"the database stores {encoding}; create one with ENCODING 'UTF8'"
            raise ConfigurationError(msg)

    return engine
