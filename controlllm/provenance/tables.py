"""The tables of the record.

Events are the truth; steps, artefacts and links are written in the same transaction so that
questions about them need no replay. Content is immutable once stored. A link is `made` or `used`:

    (run, step) --made--> artefact        a step delivered it on a port
    (run, step) <--used-- artefact        a step read it on a port
    (run, "")   --made--> artefact        a person handed it over with the request
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

Json = JSON().with_variant(JSONB(), "postgresql")
Digest = String(64)
Time = String(32)
"""UTC in ISO 8601 with microseconds, so that order as text is order in time."""

runs = Table(
    "runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("goal", Text, nullable=False),
    Column("request", Json, nullable=False),
    Column("plan", Digest, ForeignKey("plans.digest"), nullable=True),
    Column("state", String(20), nullable=False),
    Column("created_at", Time, nullable=False),
    Column("finished_at", Time, nullable=True),
    Column("next_seq", Integer, nullable=False),
    # the claim: who executes the run, since which takeover, and until when without a sign of life
    Column("epoch", Integer, nullable=False),
    Column("owner", String(200), nullable=True),
    Column("lease_until_s", Float, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Index("ix_runs_created", "created_at"),
)

events = Table(
    "events",
    metadata,
    Column("run_id", String(40), ForeignKey("runs.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("type", String(40), nullable=False),
    Column("at", Time, nullable=False),
    Column("body", Json, nullable=False),
)

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
    Column("plan", Digest, ForeignKey("plans.digest"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("task", String(80), nullable=False),
    Column("candidate", String(80), nullable=False),
    Column("verdict", String(40), nullable=False),
    Column("score", Float, nullable=False),
    Column("bound", Float, nullable=True),
    Column("reason", Text, nullable=False),
    Column("by", String(80), nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("run_id", String(40), ForeignKey("runs.id"), primary_key=True),
    Column("step", String(80), primary_key=True),
    Column("tool", String(80), nullable=False),
    Column("card_hash", Digest, nullable=False),
    Column("key", Digest, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("started_at", Time, nullable=True),
    Column("finished_at", Time, nullable=True),
    Column("seconds", Float, nullable=True),
    Column("error", String(40), nullable=True),
    Column("message", Text, nullable=True),
    Column("cached_run", String(40), nullable=True),
    Column("cached_step", String(80), nullable=True),
    Index("ix_steps_key", "key"),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("sha256", Digest, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mime", String(100), nullable=False),
    Column("facts", Json, nullable=False),
    Column("text", Text, nullable=True),
    Column("created_at", Time, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("run_id", String(40), ForeignKey("runs.id"), primary_key=True),
    Column("step", String(80), primary_key=True),
    Column("direction", String(4), primary_key=True),
    Column("port", String(200), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sha256", Digest, ForeignKey("artifacts.sha256"), nullable=False),
    Column("type", String(80), nullable=False),
    Column("name", Text, nullable=False),
    Column("caption", Text, nullable=False),
    Index("ix_links_sha256", "sha256", "direction"),
)

tool_cards = Table(
    "tool_cards",
    metadata,
    Column("card_hash", Digest, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("version", String(40), nullable=False),
    Column("body", Json, nullable=False),
    Column("first_seen", Time, nullable=False),
)
