"""Put rows into the tables, with statements that are made once and run for many rows at a time.

Rows that several writers may insert at the same moment, such as the same content, go in by the
order of their keys, so that two writers never wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable, Table, and_, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from controlllm.events import RunEvent, RunId, event_to_json
from controlllm.provenance.projection import Changes, Row
from controlllm.provenance.tables import (
    artifacts,
    decisions,
    events,
    links,
    plans,
    steps,
    tool_cards,
)
from controlllm_planner.plan import Plan
from controlllm_tools.card import ToolCard

_STEP_KEY = ("run_id", "step")
_ENDED_COLUMNS = (
    "state",
    "finished_at",
    "seconds",
    "memory_bytes",
    "error",
    "message",
    "ended_seq",
)

_INSERT_EVENTS = insert(events)
_INSERT_DECISIONS = insert(decisions)
_END_STEPS = (
    update(steps)
    .where(and_(steps.c.run_id == bindparam("of_run"), steps.c.step == bindparam("of_step")))
    .values({name: bindparam(name) for name in _ENDED_COLUMNS})
)
# steps that were under way when their run ended were stopped with it
_STOP_STEPS = (
    update(steps)
    .where(steps.c.run_id == bindparam("of_run"), steps.c.state.in_(("running", "waiting")))
    .values(state="stopped")
)


@dataclass(frozen=True, slots=True)
class _Upserts:
    """Statements whose form depends on the database.

    Attributes:
        new: Per table, insert the rows that are not there yet.
        steps: Insert a step, or put the row of its new attempt in the place of the old one.
    """

    new: Mapping[Table, Executable]
    steps: Executable


def _upserts(make: Any) -> _Upserts:  # noqa: ANN401 - the insert of either dialect
    new_step = make(steps)
    later = {c.name: new_step.excluded[c.name] for c in steps.c if c.name not in _STEP_KEY}
    return _Upserts(
        new={table: make(table).on_conflict_do_nothing() for table in _SHARED},
        steps=new_step.on_conflict_do_update(index_elements=_STEP_KEY, set_=later),
    )


_SHARED = (artifacts, links, plans, tool_cards)
_BY_DIALECT = {
    "sqlite": _upserts(sqlite.insert),
    "postgresql": _upserts(postgresql.insert),
}


def insert_events(connection: Connection, batch: Sequence[RunEvent]) -> None:
    """Write the events themselves."""
    rows = [
        {
            "run_id": event.stamp.run_id,
            "seq": event.stamp.seq,
            "type": event.type,
            "at": event.stamp.at,
            "body": event_to_json(event),
        }
        for event in batch
    ]
    connection.execute(_INSERT_EVENTS, rows)


def write_changes(connection: Connection, changes: Changes) -> None:
    """Write what a batch of events changes in steps, artefacts and links."""
    contents = [changes.artifacts[sha256] for sha256 in sorted(changes.artifacts)]
    _insert_new(connection, artifacts, contents)
    _insert_new(connection, links, changes.links)
    if changes.begun:
        begin = _BY_DIALECT[connection.dialect.name].steps
        connection.execute(begin, list(changes.begun.values()))
    if changes.ended:
        of_run = changes.run_id
        rows = [{"of_run": of_run, "of_step": s, **row} for s, row in changes.ended.items()]
        connection.execute(_END_STEPS, rows)
    if changes.finished is not None:
        connection.execute(_STOP_STEPS, {"of_run": changes.run_id})


def insert_plan(connection: Connection, plan: Plan, cards: Iterable[ToolCard], at: str) -> None:
    """Write a plan and the cards of its tools, if they are new."""
    row = {"digest": plan.digest, "body": plan.to_json(), "created_at": at}
    _insert_new(connection, plans, [row])
    seen = [
        {
            "card_hash": card.card_hash,
            "name": card.name,
            "version": card.version,
            "body": card.to_json(),
            "first_seen": at,
        }
        for card in sorted(cards, key=lambda card: card.card_hash)
    ]
    _insert_new(connection, tool_cards, seen)


def insert_decisions(connection: Connection, run_id: RunId, plan: Plan) -> None:
    """Write why the tools of a run were chosen."""
    rows = [
        {"run_id": run_id, "number": number, **decision.to_json()}
        for number, decision in enumerate(plan.decisions)
    ]
    if rows:
        connection.execute(_INSERT_DECISIONS, rows)


def _insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows that are not there yet."""
    if rows:
        connection.execute(_BY_DIALECT[connection.dialect.name].new[table], rows)
