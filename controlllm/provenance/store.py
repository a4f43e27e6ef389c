"""Write to the record: accept runs, claim them, append events. SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Update, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from controlllm.errors import RunConflict
from controlllm.events import Outputs, RunEvent, RunId
from controlllm.provenance.engine import writing
from controlllm.provenance.projection import Changes, add_made, changes_of
from controlllm.provenance.queries import Queries, standing_of
from controlllm.provenance.rows import insert_decisions, insert_events, insert_plan, write_changes
from controlllm.provenance.tables import runs
from controlllm.records import FROM_PERSON, SPOKEN, Claim, NewRun
from controlllm_planner.plan import Plan, Value
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import Resource

SPOKEN_NAME = "said in the request"

_OF_RUN = runs.c.id == bindparam("of_run")
_HELD = _OF_RUN & (runs.c.epoch == bindparam("of_epoch"))
_NEXT = _HELD & (runs.c.next_seq == bindparam("of_seq")) & (runs.c.state == "running")

# made once: putting a statement together costs as much as running it
_ADVANCE = update(runs).where(_NEXT).values(next_seq=bindparam("to_seq"))
_FINISH = _ADVANCE.values(state=bindparam("new_state"), finished_at=bindparam("at"), owner=None)
_RENEW = update(runs).where(_HELD).values(lease_until_s=bindparam("until_s"))
_RELEASE = update(runs).where(_HELD).values(owner=None, lease_until_s=0.0)
_TAKE = (
    update(runs)
    .where(_OF_RUN)
    .values(epoch=bindparam("to_epoch"), owner=bindparam("by"), lease_until_s=bindparam("until_s"))
)
_CANCEL = update(runs).where(_OF_RUN & (runs.c.state == "running")).values(cancel_requested=True)


class SqlStore(Queries):
    """The record in a database; satisfies `RunJournal`.

    Leases are measured by the clock of each process: the clocks of machines that share a database
    must agree to within a lease. When they do not, a run may be taken from a living process, whose
    late writes are then refused; nothing is recorded twice.
    """

    def __init__(self, engine: Engine, *, now_s: Callable[[], float], lease_s: float) -> None:
        super().__init__(engine)
        self._now_s = now_s
        self._lease_s = lease_s

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def create(self, new: NewRun) -> Claim:
        """See `RunJournal`; what a person handed over and said is stored with the run."""
        claim, at = new.claim(), new.created_at
        changes = Changes(new.id)
        held = ((each.name, (each.resource,)) for each in new.request.attachments if each.resource)
        add_made(changes, FROM_PERSON, tuple(held), at)
        add_made(changes, FROM_PERSON, spoken_values(new.plan), at)
        with writing(self._engine) as connection:
            insert_plan(connection, new.plan, new.cards, at)
            try:
                connection.execute(insert(runs).values(self._new_row(new, claim)))
            except IntegrityError as error:
                msg = f"there is a run {new.id} already"
                raise RunConflict(msg) from error
            insert_decisions(connection, new.id, new.plan)
            write_changes(connection, changes)
            insert_events(connection, new.opening())
        return claim

    def keep_plan(self, plan: Plan, cards: Iterable[ToolCard], at: str) -> None:
        """Store a plan that was only shown, so that it can be run by its digest later."""
        with writing(self._engine) as connection:
            insert_plan(connection, plan, cards, at)

    def append(self, claim: Claim, events: Sequence[RunEvent]) -> None:
        """See `Journal`; events, rows and the run's counter change in one transaction."""
        if not events:
            return
        claim.check_batch(events)
        changes = changes_of(claim.run_id, events)
        statement, values = _ADVANCE, {}
        if changes.finished is not None:
            state, at = changes.finished
            statement, values = _FINISH, {"new_state": state, "at": at}
        with writing(self._engine) as connection:
            self._advance(connection, claim, events, statement, **values)
            insert_events(connection, events)
            write_changes(connection, changes)

    def claim(self, run_id: RunId, owner: str, is_gone: Callable[[str], bool]) -> Claim:
        """See `RunJournal`."""
        with writing(self._engine) as connection:
            # the lock makes looking and taking one act
            query = select(runs).where(runs.c.id == run_id).with_for_update()
            row = connection.execute(query).mappings().one_or_none()
            standing = standing_of(row or self._run_row(run_id))
            now_s = self._now_s()
            standing.check_free(now_s, is_gone)
            epoch = standing.epoch + 1
            taken = {"to_epoch": epoch, "by": owner, "until_s": now_s + self._lease_s}
            connection.execute(_TAKE, {"of_run": run_id, **taken})
        return Claim(run_id, epoch, standing.next_seq)

    def release(self, claim: Claim) -> None:
        """See `RunJournal`."""
        with writing(self._engine) as connection:
            connection.execute(_RELEASE, _held_by(claim))

    def renew(self, claim: Claim) -> bool:
        """See `Journal`."""
        until_s = self._now_s() + self._lease_s
        with writing(self._engine) as connection:
            renewed = connection.execute(_RENEW, {**_held_by(claim), "until_s": until_s})
        return renewed.rowcount == 1

    def request_cancel(self, run_id: RunId) -> None:
        """See `RunJournal`."""
        with writing(self._engine) as connection:
            asked = connection.execute(_CANCEL, {"of_run": run_id})
        if asked.rowcount == 0:
            standing_of(self._run_row(run_id)).check_unfinished()

    def _new_row(self, new: NewRun, claim: Claim) -> dict[str, Any]:
        return {
            "id": new.id,
            "goal": new.request.text,
            "request": new.request.to_json(),
            "plan": new.plan.digest,
            "state": "running",
            "created_at": new.created_at,
            "next_seq": claim.next_seq,
            "epoch": claim.epoch,
            "owner": new.owner,
            "lease_until_s": self._now_s() + self._lease_s,
            "cancel_requested": False,
        }

    @staticmethod
    def _advance(
        connection: Connection,
        claim: Claim,
        events: Sequence[RunEvent],
        statement: Update,
        **values: str,
    ) -> None:
        """Move the run's event counter; fails when the claim is no longer ours."""
        seq = events[0].stamp.seq
        place = {**_held_by(claim), "of_seq": seq, "to_seq": seq + len(events)}
        if connection.execute(statement, {**place, **values}).rowcount != 1:
            row = connection.execute(select(runs).where(runs.c.id == claim.run_id)).mappings()
            standing_of(row.one()).check_write(claim, seq)


def spoken_values(plan: Plan) -> Outputs:
    """The values that the plan takes from the words of the request, as artefacts by place."""
    held = {}
    for step in (*plan.steps, *(s for other in plan.alternatives for s in other.steps)):
        for port, bindings in step.inputs:
            values = tuple(_spoken(each) for each in bindings if isinstance(each, Value))
            if values:
                held[f"{SPOKEN}{step.id}.{port}"] = values
    return tuple(held.items())


def _spoken(value: Value) -> Resource:
    return Resource.of_value(value.type, value.value).with_name(SPOKEN_NAME)


def _held_by(claim: Claim) -> dict[str, Any]:
    return {"of_run": claim.run_id, "of_epoch": claim.epoch}
