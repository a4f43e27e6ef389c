"""Questions to the record; every one is read-only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Engine,
    Select,
    Subquery,
    Table,
    bindparam,
    func,
    select,
)
from sqlalchemy.engine import RowMapping

from controlllm.errors import ConfigurationError, RunNotFound, UnknownHandle
from controlllm.events import RunEvent, RunId, StepSucceeded, event_from_json
from controlllm.provenance.engine import reading
from controlllm.provenance.observations import priors_of
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
from controlllm.records import (
    FROM_PERSON,
    CachedResult,
    LinkRecord,
    RunRecord,
    Standing,
    StepRecord,
)
from controlllm_planner.plan import Decision, Plan
from controlllm_planner.priors import Priors
from controlllm_planner.task import Request
from controlllm_tools.resources import Resource

_SHOWN_HANDLES = 8
_DIGEST_START = re.compile(r"[0-9a-f]{1,64}")


class Queries:
    """Read access to one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(self, run_id: RunId) -> RunRecord:
        """One run.

        Raises:
            RunNotFound: There is none with this id.
        """
        return _run_record(self._run_row(run_id))

    def runs(self, limit: int = 50) -> list[RunRecord]:
        """The latest runs, newest first."""
        query = select(runs).order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit)
        return [_run_record(row) for row in self._rows(query)]

    def request(self, run_id: RunId) -> Request:
        """The request of a run.

        Raises:
            RunNotFound: There is none with this id.
        """
        return Request.from_json(self._run_row(run_id)["request"])

    def plan(self, digest: str) -> Plan | None:
        """A stored plan, with the words and decisions it was first made with."""
        rows = self._rows(select(plans.c.body).where(plans.c.digest == digest))
        return Plan.from_json(rows[0]["body"]) if rows else None

    def plan_of(self, run_id: RunId) -> Plan:
        """The plan of a run, with the words and decisions of this very run.

        Raises:
            RunNotFound: There is no such run.
        """
        record = self.run(run_id)
        (row,) = self._rows(select(plans.c.body).where(plans.c.digest == record.plan))
        plan = Plan.from_json(row["body"])
        query = select(decisions).where(decisions.c.run_id == run_id).order_by(decisions.c.number)
        reasons = tuple(
            Decision.from_json({name: row[name] for name in Decision.__slots__})
            for row in self._rows(query)
        )
        # notes speak of the words that the plan was first made from
        return replace(plan, goal=record.goal, decisions=reasons, notes=())

    def find_plans(self, prefix: str) -> list[str]:
        """Digests of stored plans that begin like this; two at most."""
        if not _DIGEST_START.fullmatch(prefix):
            return []
        query = select(plans.c.digest).where(_begins(plans.c.digest, prefix))
        rows = self._rows(query.order_by(plans.c.digest).limit(2))
        return [row["digest"] for row in rows]

    def events(self, run_id: RunId, after: int = 0) -> list[RunEvent]:
        """See `RunJournal`.

        Raises:
            RunNotFound: There is none with this id.
            ConfigurationError: A newer version of the program wrote them.
        """
        query = select(events.c.body).where(events.c.run_id == run_id, events.c.seq > after)
        rows = self._rows(query.order_by(events.c.seq))
        if not rows:
            self._run_row(run_id)
        try:
            return [event_from_json(row["body"]) for row in rows]
        except ValueError as error:
            msg = f"run {run_id} was written by a newer version of ControlLLM: {error}"
            raise ConfigurationError(msg) from error

    def steps(self, run_id: RunId) -> list[StepRecord]:
        """The steps of a run that were begun, in the order in which they were."""
        query = (
            select(steps, func.coalesce(tool_cards.c.version, "?").label("version"))
            .outerjoin(tool_cards, tool_cards.c.card_hash == steps.c.card_hash)
            .where(steps.c.run_id == run_id)
            .order_by(steps.c.begun_seq)
        )
        return [StepRecord(**row) for row in self._rows(query)]

    def links_of_run(self, run_id: RunId) -> list[LinkRecord]:
        """Everything that was made, used or handed over in a run."""
        return self._links(links.c.run_id == run_id)

    def links_of_artifact(self, sha256: str) -> list[LinkRecord]:
        """Where an artefact was made, used or handed over, in any run."""
        return self._links(links.c.sha256 == sha256)

    def artifact(self, handle: str) -> Resource:
        """The artefact that a handle, or the beginning of its digest, stands for.

        Raises:
            UnknownHandle: None or several; the message lists what there is.
        """
        family, _, prefix = handle.strip().rpartition(":")
        found = self._beginning(prefix.lower(), family)
        if len(found) == 1:
            return found[0]
        shown = found or self.latest_artifacts()
        known = ", ".join(each.handle for each in shown[:_SHOWN_HANDLES])
        what = "stands for several artefacts" if found else "is no known artefact"
        msg = f"{handle!r} {what}; there are: {known or 'none yet'}"
        raise UnknownHandle(msg)

    def latest_artifacts(self, limit: int = _SHOWN_HANDLES) -> list[Resource]:
        """The newest artefacts, newest first."""
        query = select(artifacts.c.sha256).limit(limit)
        query = query.order_by(artifacts.c.created_at.desc(), artifacts.c.sha256)
        return self._as_made([row["sha256"] for row in self._rows(query)])

    def find_result(self, key: str) -> CachedResult | None:
        """See `Journal`; a result that was itself taken from elsewhere points to its origin."""
        for row in self._rows(_RESULT, {"of_key": key}):
            event = event_from_json(row["body"])
            if isinstance(event, StepSucceeded):
                return CachedResult(event.stamp.run_id, event.step, event.outputs)
        return None

    def is_cancel_requested(self, run_id: RunId) -> bool:
        """See `Journal`."""
        rows = self._rows(_CANCEL_REQUESTED, {"of_run": run_id})
        return bool(rows and rows[0]["cancel_requested"])

    def card(self, card_hash: str) -> dict[str, Any] | None:
        """A tool card as it was when a run used it."""
        rows = self._rows(select(tool_cards.c.body).where(tool_cards.c.card_hash == card_hash))
        return dict(rows[0]["body"]) if rows else None

    def priors(self) -> Priors:
        """What is known of the tools from their newest runs."""
        with reading(self._engine) as connection:
            return priors_of(connection)

    def stored_digests(self) -> frozenset[str]:
        """Digests of all artefacts; what a sweep must keep.

        Inline ones too: another run may hold the same content as a file.
        """
        return frozenset(row["sha256"] for row in self._rows(select(artifacts.c.sha256)))

    def _run_row(self, run_id: RunId) -> RowMapping:
        rows = self._rows(select(runs).where(runs.c.id == run_id))
        if not rows:
            latest = ", ".join(record.id for record in self.runs(5)) or "none yet"
            msg = f"no run has the id {run_id!r}; the latest are: {latest}"
            raise RunNotFound(msg)
        return rows[0]

    def _beginning(self, prefix: str, family: str) -> list[Resource]:
        """Artefacts whose handle begins like this, one more than are shown at most."""
        if not _DIGEST_START.fullmatch(prefix):
            return []
        query = select(links.c.sha256).distinct().where(links.c.direction == "made")
        query = query.where(_begins(links.c.sha256, prefix))
        if family:
            refined = links.c.type.startswith(f"{family}.", autoescape=True)
            query = query.where((links.c.type == family) | refined)
        rows = self._rows(query.order_by(links.c.sha256).limit(_SHOWN_HANDLES + 1))
        return self._as_made([row["sha256"] for row in rows])

    def _as_made(self, digests: Sequence[str]) -> list[Resource]:
        """Each content as its first maker calls it; a step tells more than a person."""
        first = func.row_number().over(
            partition_by=links.c.sha256,
            order_by=(links.c.step == FROM_PERSON, links.c.run_id, links.c.step, links.c.port),
        )
        made = select(links, first.label("first")).where(
            links.c.sha256.in_(digests), links.c.direction == "made"
        )
        named = made.subquery()
        rows = self._rows(_with_content(named).where(named.c.first == 1))
        by_digest = {row["sha256"]: _resource(row) for row in rows}
        return [by_digest[sha256] for sha256 in digests]

    def _links(self, condition: ColumnElement[bool]) -> list[LinkRecord]:
        query = _with_content(links).where(condition)
        query = query.order_by(links.c.run_id, links.c.step, links.c.direction, links.c.port)
        return [_link_record(row) for row in self._rows(query.order_by(links.c.position))]

    def _rows(
        self, query: Select[Any], values: Mapping[str, object] | None = None
    ) -> Sequence[RowMapping]:
        with reading(self._engine) as connection:
            return connection.execute(query, values).mappings().all()


_RESULT = (
    select(events.c.body)
    .join(steps, (events.c.run_id == steps.c.run_id) & (events.c.seq == steps.c.ended_seq))
    .where(steps.c.key == bindparam("of_key"), steps.c.state == "succeeded")
    .order_by(steps.c.finished_at.desc())
    .limit(1)
)
_CANCEL_REQUESTED = select(runs.c.cancel_requested).where(runs.c.id == bindparam("of_run"))


def _begins(column: Column[str], prefix: str) -> ColumnElement[bool]:
    """Whether a digest begins like this, by a range that an index answers."""
    return (column >= prefix) & (column < prefix + "g")


def _with_content(linked: Table | Subquery) -> Select[Any]:
    """Links with the content they point to; what their maker did not say is as first seen."""
    return select(
        linked,
        artifacts.c.size_bytes,
        artifacts.c.content,
        artifacts.c.mime.label("seen_mime"),
        artifacts.c.facts.label("seen_facts"),
    ).join(artifacts, artifacts.c.sha256 == linked.c.sha256)


def _run_record(row: RowMapping) -> RunRecord:
    return RunRecord(
        id=RunId(row["id"]),
        goal=row["goal"],
        state=row["state"],
        plan=row["plan"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
        cancel_requested=row["cancel_requested"],
        owner=row["owner"],
    )


def standing_of(row: RowMapping) -> Standing:
    """Where the run of a row stands."""
    return Standing(
        run_id=RunId(row["id"]),
        state=row["state"],
        epoch=row["epoch"],
        next_seq=row["next_seq"],
        owner=row["owner"],
        lease_until_s=row["lease_until_s"],
    )


def _link_record(row: RowMapping) -> LinkRecord:
    return LinkRecord(
        run_id=RunId(row["run_id"]),
        step=row["step"],
        direction=row["direction"],
        port=row["port"],
        position=row["position"],
        resource=_resource(row),
    )


def _resource(row: RowMapping) -> Resource:
    content = row["content"]
    return Resource.from_json(
        {
            "type": row["type"],
            "sha256": row["sha256"],
            "size_bytes": row["size_bytes"],
            "mime": row["mime"] or row["seen_mime"],
            "name": row["name"],
            "facts": row["seen_facts"] if row["facts"] is None else row["facts"],
            "text": None if content is None else content.decode("utf-8", "surrogatepass"),
            "caption": row["caption"],
        }
    )
