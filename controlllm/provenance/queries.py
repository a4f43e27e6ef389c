"""Questions to the record; every one is read-only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.engine import RowMapping

from controlllm.errors import RunNotFound, UnknownHandle
from controlllm.events import RunEvent, RunId, event_from_json
from controlllm.provenance.engine import reading
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
from controlllm.records import CachedResult, LinkRecord, RunRecord, StepRecord
from controlllm_planner.plan import Decision, Plan
from controlllm_planner.task import Request
from controlllm_tools.resources import MediaFacts, Resource, ResourceType

_SHOWN_HANDLES = 8
_DONE = ("succeeded", "cached")


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
        query = select(runs).order_by(runs.c.created_at.desc(), runs.c.id).limit(limit)
        return [_run_record(row) for row in self._rows(query)]

    def request(self, run_id: RunId) -> Request:
        """The request of a run.

        Raises:
            RunNotFound: There is none with this id.
        """
        return Request.from_json(self._run_row(run_id)["request"])

    def plan(self, digest: str) -> Plan | None:
        """A stored plan, with its decisions."""
        rows = self._rows(select(plans.c.body).where(plans.c.digest == digest))
        return (
            Plan.from_json({**rows[0]["body"], "decisions": self._decisions(digest)})
            if rows
            else None
        )

    def find_plans(self, prefix: str) -> list[str]:
        """Digests of stored plans that begin like this."""
        query = select(plans.c.digest).where(plans.c.digest.startswith(prefix, autoescape=True))
        return sorted(row["digest"] for row in self._rows(query.limit(2)))

    def events(self, run_id: RunId, after: int = 0) -> list[RunEvent]:
        """Events of a run in order, from the one after `after`.

        Raises:
            RunNotFound: There is none with this id.
        """
        query = select(events).where(events.c.run_id == run_id, events.c.seq > after)
        rows = self._rows(query.order_by(events.c.seq))
        if not rows:
            self._run_row(run_id)
        return [event_from_json(row["body"]) for row in rows]

    def steps(self, run_id: RunId) -> list[StepRecord]:
        """The steps of a run that were begun, in the order in which they were."""
        query = (
            select(steps, tool_cards.c.version)
            .outerjoin(tool_cards, tool_cards.c.card_hash == steps.c.card_hash)
            .where(steps.c.run_id == run_id)
            .order_by(func.coalesce(steps.c.started_at, steps.c.finished_at), steps.c.step)
        )
        return [
            StepRecord(**{**row, "version": row["version"] or "?"}) for row in self._rows(query)
        ]

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
        prefix = handle.rpartition(":")[2].lower()
        found: dict[str, Resource] = {}
        if prefix:
            query = links.c.sha256.startswith(prefix, autoescape=True)
            for link in self._links(query & (links.c.direction == "made"), limit=50):
                found.setdefault(link.resource.sha256, link.resource)
        if len(found) == 1:
            return next(iter(found.values()))
        known = ", ".join(each.handle for each in list(found.values()) or self.latest_artifacts())
        what = "stands for several artefacts" if found else "is no known artefact"
        msg = f"{handle!r} {what}; there are: {known or 'none yet'}"
        raise UnknownHandle(msg)

    def latest_artifacts(self, limit: int = _SHOWN_HANDLES) -> list[Resource]:
        """The newest artefacts, newest first."""
        newest = select(artifacts.c.sha256).order_by(artifacts.c.created_at.desc()).limit(limit)
        made = self._links(links.c.sha256.in_(newest) & (links.c.direction == "made"))
        made.sort(key=lambda link: (link.run_id, link.step), reverse=True)
        unique = {link.resource.sha256: link.resource for link in made}
        return list(unique.values())

    def find_result(self, key: str) -> CachedResult | None:
        """See `Journal`; a result that was itself taken from elsewhere points to its origin."""
        query = (
            select(steps.c.run_id, steps.c.step)
            .where(steps.c.key == key, steps.c.state == "succeeded")
            .order_by(steps.c.finished_at)
            .limit(1)
        )
        for row in self._rows(query):
            step_links = (
                (links.c.run_id == row["run_id"])
                & (links.c.step == row["step"])
                & (links.c.direction == "made")
            )
            held: dict[str, list[Resource]] = {}
            for link in self._links(step_links):
                held.setdefault(link.port, []).append(link.resource)
            outputs = tuple((port, tuple(resources)) for port, resources in held.items())
            return CachedResult(RunId(row["run_id"]), row["step"], outputs)
        return None

    def is_cancel_requested(self, run_id: RunId) -> bool:
        """See `Journal`."""
        rows = self._rows(select(runs.c.cancel_requested).where(runs.c.id == run_id))
        return bool(rows and rows[0]["cancel_requested"])

    def card(self, card_hash: str) -> dict[str, Any] | None:
        """A tool card as it was when a run used it."""
        rows = self._rows(select(tool_cards.c.body).where(tool_cards.c.card_hash == card_hash))
        return dict(rows[0]["body"]) if rows else None

    def stored_digests(self) -> frozenset[str]:
        """Digests of all artefacts whose bytes are files; what a sweep must keep."""
        query = select(artifacts.c.sha256).where(artifacts.c.text.is_(None))
        return frozenset(row["sha256"] for row in self._rows(query))

    def _decisions(self, digest: str) -> list[dict[str, Any]]:
        query = select(decisions).where(decisions.c.plan == digest).order_by(decisions.c.number)
        return [{name: row[name] for name in Decision.__slots__} for row in self._rows(query)]

    def _run_row(self, run_id: RunId) -> RowMapping:
        rows = self._rows(select(runs).where(runs.c.id == run_id))
        if not rows:
            latest = ", ".join(record.id for record in self.runs(5)) or "none yet"
            msg = f"no run has the id {run_id!r}; the latest are: {latest}"
            raise RunNotFound(msg)
        return rows[0]

    def _links(self, condition: Any, limit: int | None = None) -> list[LinkRecord]:  # noqa: ANN401 - a SQL expression
        query = (
            select(links, artifacts)
            .join(artifacts, artifacts.c.sha256 == links.c.sha256)
            .where(condition)
            .order_by(links.c.run_id, links.c.step, links.c.direction, links.c.port)
            .order_by(links.c.position)
            .limit(limit)
        )
        return [_link_record(row) for row in self._rows(query)]

    def _rows(self, query: Select[Any]) -> Sequence[RowMapping]:
        with reading(self._engine) as connection:
            return connection.execute(query).mappings().all()


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


def _link_record(row: RowMapping) -> LinkRecord:
    return LinkRecord(
        run_id=RunId(row["run_id"]),
        step=row["step"],
        direction=row["direction"],
        port=row["port"],
        position=row["position"],
        resource=Resource(
            type=ResourceType(row["type"]),
            sha256=row["sha256"],
            size_bytes=row["size_bytes"],
            mime=row["mime"],
            name=row["name"],
            facts=MediaFacts(**row["facts"]),
            text=row["text"],
            caption=row["caption"],
        ),
    )


def by_digest(records: Iterable[LinkRecord]) -> dict[str, Resource]:
    """Artefacts under the names they were made with."""
    return {record.resource.sha256: record.resource for record in records if record.resource.name}
