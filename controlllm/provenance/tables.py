"""The tables of the record.

Events are the truth; steps, artefacts and links are written in the same transaction so that
questions about them need no replay. Content is immutable once stored. A link is `made` or `used`:

    (run, step) --made--> artefact        a step delivered it on a port
    (run, step) <--used-- artefact        a step read it on a port
    (run, "")   --made--> artefact        a person handed it over with the request
"""

from __future__ import annotations

import json

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

from controlllm_tools.resources import without_controls


class Words(TypeDecorator[str]):
    """Text of any length.

    On the way in it loses control characters and broken Unicode: PostgreSQL refuses some of them,
    and a terminal would obey others.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """See `TypeDecorator`."""
        return value if value is None or value.isprintable() else without_controls(value)


Name = Text
"""Names that the program gives or has checked: ids, tools, types, states."""

metadata = MetaData()

Json = JSON
"""Not JSONB, which would reorder ports, rewrite numbers and refuse some texts."""

_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def to_json(value: object) -> str:
    """What a `Json` column holds: ASCII, which survives any encoding, and no NaN."""
    return "{}" if value == {} else _encode(value)  # most facts are empty


Digest = String(64)
Time = String(32)
"""UTC in ISO 8601 with microseconds, so that order as text is order in time."""

runs = Table(
    "runs",
    metadata,
    Column("id", Name, primary_key=True),
    Column("goal", Words, nullable=False),
    Column("request", Json, nullable=False),
    Column("plan", Digest, ForeignKey("plans.digest"), nullable=False),
    Column("state", Name, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("finished_at", Time, nullable=True),
    Column("next_seq", Integer, nullable=False),
    # the claim: who executes the run, since which takeover, and until when without a sign of life
    Column("epoch", Integer, nullable=False),
    Column("owner", Name, nullable=True),
    Column("lease_until_s", Float, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Index("ix_runs_created", "created_at"),
)

events = Table(
    "events",
    metadata,
    Column("run_id", Name, ForeignKey("runs.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("type", Name, nullable=False),
    Column("at", Time, nullable=False),
    Column("body", Json, nullable=False),
)

# A digest covers what a plan does, not the words that asked for it: requests in other words may
# share a plan. Why its tools were chosen is therefore kept with each run.
plans = Table(
    "plans",
    metadata,
    Column("digest", Digest, primary_key=True),
    Column("body", Json, nullable=False),
    Column("created_at", Time, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("run_id", Name, ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("task", Name, nullable=False),
    Column("candidate", Name, nullable=False),
    Column("verdict", Name, nullable=False),
    Column("score", Float, nullable=False),
    Column("bound", Float, nullable=True),
    Column("reason", Words, nullable=False),
    Column("by", Words, nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("run_id", Name, ForeignKey("runs.id"), primary_key=True),
    Column("step", Name, primary_key=True),
    Column("tool", Name, nullable=False),
    Column("card_hash", Digest, nullable=False),
    Column("key", Digest, nullable=False),
    Column("state", Name, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("started_at", Time, nullable=True),
    Column("finished_at", Time, nullable=True),
    Column("seconds", Float, nullable=True),
    # what the card expects of a call on these inputs; unknown of steps before revision 0002
    Column("estimate_s", Float, nullable=True),
    Column("memory_bytes", BigInteger, nullable=True),
    Column("error", Name, nullable=True),
    Column("message", Words, nullable=True),
    Column("cached_run", Name, nullable=True),
    Column("cached_step", Name, nullable=True),
    # numbers of the events by which it was begun last and by which it ended
    Column("begun_seq", Integer, nullable=False),
    Column("ended_seq", Integer, nullable=True),
    Index("ix_steps_key", "key"),
    # holds all that `observations` asks, so that the newest steps are read in one go
    Index(
        "ix_steps_observed",
        "started_at",
        "run_id",
        "tool",
        "card_hash",
        "state",
        "error",
        "seconds",
        "estimate_s",
        "memory_bytes",
    ),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("sha256", Digest, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    # as first seen; the same bytes may be text to one tool and JSON to another, see `links`
    Column("mime", Name, nullable=False),
    Column("facts", Json, nullable=False),
    # bytes, not text: inline content may hold any character, and its digest is over its bytes
    Column("content", LargeBinary, nullable=True),
    Column("created_at", Time, nullable=False),
    Index("ix_artifacts_created", "created_at"),
)

links = Table(
    "links",
    metadata,
    Column("run_id", Name, ForeignKey("runs.id"), primary_key=True),
    Column("step", Name, primary_key=True),
    Column("direction", String(4), primary_key=True),
    Column("port", Words, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("sha256", Digest, ForeignKey("artifacts.sha256"), nullable=False),
    Column("type", Name, nullable=False),
    # what its maker says of it; empty on a used link
    Column("name", Words, nullable=False),
    Column("caption", Words, nullable=False),
    Column("mime", Name, nullable=True),
    Column("facts", Json(none_as_null=True), nullable=True),
    Index("ix_links_sha256", "sha256", "direction"),
)

tool_cards = Table(
    "tool_cards",
    metadata,
    Column("card_hash", Digest, primary_key=True),
    Column("name", Words, nullable=False),
    Column("version", Name, nullable=False),
    Column("body", Json, nullable=False),
    Column("first_seen", Time, nullable=False),
)
