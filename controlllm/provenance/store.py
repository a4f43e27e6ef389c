"""Write to the record: accept runs, claim them, append events. SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Table, and_, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult, RowMapping

from controlllm.errors import RunConflict
from controlllm.events import Outputs, Planned, RunEvent, RunId, RunSubmitted, event_to_json
from controlllm.provenance.engine import writing
from controlllm.provenance.projection import Changes, Row, add_made, changes_of
from controlllm.provenance.queries import Queries
from controlllm.provenance.tables import (
    artifacts,
    decisions,
    events,
    links,
    plans,
    runs,
    steps,
    tool_cards,
)
from controlllm.records import FROM_PERSON, Claim, NewRun
from controlllm_planner.plan import Plan, Value
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import Resource

_STEP_KEY = ("run_id", "step")


class SqlStore(Queries):
    """The record in a database; satisfies `Journal`."""

    def __init__(self, engine: Engine, *, now_s: Callable[[], float], lease_s: float) -> None:
        super().__init__(engine)
        self._now_s = now_s
        self._lease_s = lease_s

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def create(self, new: NewRun, submitted: RunSubmitted) -> Claim:
        """Accept a run: once this returns, it is stored with its attachments."""
        changes = Changes(new.id)
        handed_over: Outputs = tuple(
            (each.name, (each.resource,)) for each in new.request.attachments if each.resource
        )
        add_made(changes, FROM_PERSON, handed_over, new.created_at)
        with writing(self._engine) as connection:
            connection.execute(
                insert(runs).values(
                    id=new.id,
                    goal=new.request.text,
                    request=new.request.to_json(),
                    plan=None,
                    state="running",
                    created_at=new.created_at,
                    next_seq=submitted.stamp.seq + 1,
                    epoch=1,
                    owner=new.owner,
                    lease_until_s=self._now_s() + self._lease_s,
                    cancel_requested=False,
                )
            )
            self._write(connection, changes)
            self._insert_events(connection, [submitted])
        return Claim(new.id, epoch=1, next_seq=submitted.stamp.seq + 1)

    def save_plan(
        self, claim: Claim, plan: Plan, cards: Iterable[ToolCard], planned: Planned
    ) -> Claim:
        """Freeze the plan of a run, with its decisions, cards and spoken values."""
        at = planned.stamp.at
        changes = Changes(claim.run_id)
        add_made(changes, FROM_PERSON, _spoken(plan), at)
        with writing(self._engine) as connection:
            self._keep_plan(connection, plan, cards, at)
            self._write(connection, changes)
            self._advance(connection, claim, claim.next_seq, 1, plan=plan.digest)
            self._insert_events(connection, [planned])
        return Claim(claim.run_id, claim.epoch, claim.next_seq + 1)

    def keep_plan(self, plan: Plan, cards: Iterable[ToolCard], at: str) -> None:
        """Store a plan that was only shown, so that it can be run by its digest later."""
        with writing(self._engine) as connection:
            self._keep_plan(connection, plan, cards, at)

    def append(self, claim: Claim, batch: Sequence[RunEvent]) -> None:
        """See `Journal`; events, rows and the run's counter change in one transaction."""
        changes = changes_of(claim.run_id, batch)
        with writing(self._engine) as connection:
            values = {} if changes.finished is None else {**changes.finished, "owner": None}
            self._advance(connection, claim, batch[0].stamp.seq, len(batch), **values)
            self._insert_events(connection, batch)
            self._write(connection, changes)
            if changes.finished is not None:
                self._close_steps(connection, claim.run_id)

    def claim(self, run_id: RunId, owner: str, is_gone: Callable[[str], bool]) -> Claim:
        """Take a run over, if nobody alive has it.

        Args:
            run_id: The run.
            owner: Who takes it.
            is_gone: Whether an owner is known to be dead; then its lease need not run out.

        Raises:
            RunNotFound: There is no such run.
            RunConflict: It is finished, or a living process executes it.
        """
        now_s = self._now_s()
        row = self._run_row(run_id)
        _check_free(row, now_s, is_gone)
        with writing(self._engine) as connection:
            taken = connection.execute(
                update(runs)
                .where(runs.c.id == run_id, runs.c.epoch == row["epoch"])
                .values(epoch=row["epoch"] + 1, owner=owner, lease_until_s=now_s + self._lease_s)
            )
            if taken.rowcount == 0:
                msg = f"run {run_id} was taken over by another process just now"
                raise RunConflict(msg)
            seq = connection.scalar(select(runs.c.next_seq).where(runs.c.id == run_id))
        return Claim(run_id, row["epoch"] + 1, seq or 1)

    def release(self, claim: Claim) -> None:
        """Give a run back unfinished, so that it can be resumed at once."""
        with writing(self._engine) as connection:
            connection.execute(
                update(runs)
                .where(runs.c.id == claim.run_id, runs.c.epoch == claim.epoch)
                .values(owner=None, lease_until_s=0.0)
            )

    def renew(self, claim: Claim) -> bool:
        """See `Journal`."""
        with writing(self._engine) as connection:
            renewed = connection.execute(
                update(runs)
                .where(runs.c.id == claim.run_id, runs.c.epoch == claim.epoch)
                .values(lease_until_s=self._now_s() + self._lease_s)
            )
        return renewed.rowcount == 1

    def request_cancel(self, run_id: RunId) -> None:
        """Ask whoever executes a run to stop it for good.

        Raises:
            RunNotFound: There is no such run.
            RunConflict: It is finished.
        """
        row = self._run_row(run_id)
        if row["state"] != "running":
            msg = f"run {run_id} is already finished: {row['state']}"
            raise RunConflict(msg)
        with writing(self._engine) as connection:
            connection.execute(
                update(runs).where(runs.c.id == run_id).values(cancel_requested=True)
            )

    def _keep_plan(
        self, connection: Connection, plan: Plan, cards: Iterable[ToolCard], at: str
    ) -> None:
        body = plan.to_json()
        reasons = body.pop("decisions")
        new = self._insert_new(
            connection, plans, [{"digest": plan.digest, "body": body, "created_at": at}]
        )
        if new:
            rows = [
                {"plan": plan.digest, "number": number, **reason}
                for number, reason in enumerate(reasons)
            ]
            self._insert_new(connection, decisions, rows)
        seen = [
            {
                "card_hash": card.card_hash,
                "name": card.name,
                "version": card.version,
                "body": card.to_json(),
                "first_seen": at,
            }
            for card in cards
        ]
        self._insert_new(connection, tool_cards, seen)

    def _advance(
        self,
        connection: Connection,
        claim: Claim,
        seq: int,
        count: int,
        **values: Any,  # noqa: ANN401 - column values
    ) -> None:
        """Move the run's event counter; fails when the claim is no longer ours."""
        moved = connection.execute(
            update(runs)
            .where(runs.c.id == claim.run_id, runs.c.epoch == claim.epoch, runs.c.next_seq == seq)
            .values(next_seq=seq + count, **values)
        )
        if moved.rowcount != 1:
            msg = f"run {claim.run_id} was taken over by another process; nothing was written"
            raise RunConflict(msg)

    @staticmethod
    def _insert_events(connection: Connection, batch: Sequence[RunEvent]) -> None:
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
        connection.execute(insert(events), rows)

    def _write(self, connection: Connection, changes: Changes) -> None:
        self._insert_new(connection, artifacts, list(changes.artifacts.values()))
        self._insert_new(connection, links, changes.links)
        new = [step for step in changes.steps.items() if "key" in step[1]]
        for step, row in new:
            self._put_step(connection, {"run_id": changes.run_id, "step": step, **row})
        by_columns: dict[tuple[str, ...], list[Row]] = {}
        for step, row in changes.steps.items():
            if "key" not in row:
                values = {"of_run": changes.run_id, "of_step": step, **row}
                by_columns.setdefault(tuple(sorted(row)), []).append(values)
        here = and_(steps.c.run_id == bindparam("of_run"), steps.c.step == bindparam("of_step"))
        for columns, rows in by_columns.items():
            statement = (
                update(steps).where(here).values({name: bindparam(name) for name in columns})
            )
            connection.execute(statement, rows)

    def _put_step(self, connection: Connection, row: Row) -> None:
        statement = self._upsert(connection, steps).values(row)
        changed = {name: value for name, value in row.items() if name not in _STEP_KEY}
        connection.execute(statement.on_conflict_do_update(index_elements=_STEP_KEY, set_=changed))

    @staticmethod
    def _close_steps(connection: Connection, run_id: RunId) -> None:
        """Steps that were under way when their run ended were stopped with it."""
        connection.execute(
            update(steps)
            .where(steps.c.run_id == run_id, steps.c.state.in_(("running", "waiting")))
            .values(state="stopped")
        )

    def _insert_new(self, connection: Connection, table: Table, rows: list[Row]) -> bool:
        """Insert the rows that are not there yet; whether any was new."""
        if not rows:
            return False
        statement = self._upsert(connection, table).on_conflict_do_nothing()
        result: CursorResult[Any] = connection.execute(statement, rows)
        return result.rowcount != 0

    @staticmethod
    def _upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
        if connection.dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)


def _check_free(row: RowMapping, now_s: float, is_gone: Callable[[str], bool]) -> None:
    if row["state"] != "running":
        msg = f"run {row['id']} is already finished: {row['state']}"
        raise RunConflict(msg)
    owner = row["owner"]
    if owner and row["lease_until_s"] > now_s and not is_gone(owner):
        msg = f"run {row['id']} is being executed by {owner}; wait for it, or cancel it"
        raise RunConflict(msg)


def _spoken(plan: Plan) -> Outputs:
    """The values that the plan takes from the words of the request, as artefacts."""
    held = {}
    for step in (*plan.steps, *(s for other in plan.alternatives for s in other.steps)):
        for port, bindings in step.inputs:
            for binding in bindings:
                if isinstance(binding, Value):
                    resource = Resource.of_value(binding.type, binding.value)
                    held[f"{step.id}.{port}"] = (resource.with_name("said in the request"),)
    return tuple(held.items())
