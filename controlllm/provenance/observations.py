"""What the record knows of tools from their runs, for the priors of the planner.

Only the newest steps count, so that the past fades and the questions stay cheap however long the
record grows: both are answered from an index on when steps began.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import NamedTuple

from sqlalchemy import Connection, Subquery, and_, case, func, select

from controlllm.provenance.tables import links, runs, steps
from controlllm_planner.priors import Observed, Priors, log_ratio

NEWEST_STEPS = 3_000
"""Steps of all tools together that are looked at."""

NEWEST_OF_A_TOOL = 1_000
"""Steps of one tool that count."""

NEWEST_READERS = 500
"""Steps of which it is looked up who made what they read."""

FRESH_S = 10.0
"""How long what was read is used before it is read again."""

NOT_ITS_FAULT = ("invalid_input", "internal_error", "no_space", "corrupt_artifact", "cancelled")
"""Kinds of failures that say nothing of the tool: of its inputs, of this program, of the disk."""


def _newest(limit: int, *names: str) -> Subquery:
    """Columns of the steps that were begun last; one that was taken from elsewhere was not.

    When each was begun is among them, as what is read of a subquery comes in no order.
    """
    began = steps.c.started_at
    wanted = select(*(steps.c[name] for name in names), began)
    return wanted.where(began.is_not(None)).order_by(began.desc()).limit(limit).subquery()


_ENDED = ("tool", "card_hash", "state", "error", "seconds", "estimate_s", "memory_bytes")
_seen = _newest(NEWEST_STEPS, "run_id", *_ENDED)
_run_state = select(runs.c.state).where(runs.c.id == _seen.c.run_id).scalar_subquery()
_ENDS = select(
    *(_seen.c[name] for name in _ENDED), case((_seen.c.state == "stopped", _run_state))
).order_by(_seen.c.started_at.desc())

_reader = _newest(NEWEST_READERS, "run_id", "step", "tool", "state")
_used, _made, _feeder = links.alias("used"), links.alias("made"), steps.alias("feeder")
_FEEDS = (
    select(_feeder.c.tool, _reader.c.tool, func.count())
    .select_from(_reader)
    .join(
        _used,
        and_(
            _used.c.run_id == _reader.c.run_id,
            _used.c.step == _reader.c.step,
            _used.c.direction == "used",
        ),
    )
    .join(
        _made,
        and_(
            _made.c.sha256 == _used.c.sha256,
            _made.c.direction == "made",
            _made.c.run_id == _used.c.run_id,
            _made.c.step != _used.c.step,
        ),
    )
    .join(_feeder, and_(_feeder.c.run_id == _made.c.run_id, _feeder.c.step == _made.c.step))
    .where(_reader.c.state == "succeeded")
    .group_by(_feeder.c.tool, _reader.c.tool)
)


class End(NamedTuple):
    """How a step ended; a row of `_ENDS`."""

    tool: str
    card_hash: str
    state: str
    error: str | None
    seconds: float | None
    estimate_s: float | None
    memory_bytes: int | None
    run_state: str | None


def priors_of(connection: Connection) -> Priors:
    """What the newest steps of the record tell of their tools; O(`NEWEST_STEPS`) time."""
    ends = map(End._make, connection.execute(_ENDS))
    return Priors(tools=observed_of(ends), feeds=_feeds(connection))


def observed_of(ends: Iterable[End]) -> dict[str, Observed]:
    """What was seen of each tool, by the digest of its card, from ends of steps, newest first."""
    newest: dict[str, list[End]] = {}
    for end in ends:
        kept = newest.setdefault(end.card_hash, [])
        if len(kept) < NEWEST_OF_A_TOOL:
            kept.append(end)
    observed = map(_observed, newest.values())
    return {each.card_hash: each for each in observed if each.runs}


def _observed(ends: Sequence[End]) -> Observed:
    worked = [end for end in ends if end.state == "succeeded"]
    timed = [
        (end.seconds, end.estimate_s)
        for end in worked
        if end.seconds is not None and end.estimate_s is not None
    ]
    return Observed(
        tool=ends[0].tool,
        card_hash=ends[0].card_hash,
        worked=len(worked),
        failed=sum(end.state == "failed" and end.error not in NOT_ITS_FAULT for end in ends),
        stopped=sum(end.run_state == "cancelled" for end in ends),
        seconds=round(fmean(end.seconds or 0.0 for end in worked), 4) if worked else 0.0,
        memory_bytes=max((end.memory_bytes or 0 for end in worked), default=0),
        timed=len(timed),
        estimate_s=round(fmean(estimate for _, estimate in timed), 4) if timed else 0.0,
        log_ratio=round(median(log_ratio(*each) for each in timed), 6) if timed else 0.0,
    )


def _feeds(connection: Connection) -> dict[tuple[str, str], int]:
    return {(feeder, reader): count for feeder, reader, count in connection.execute(_FEEDS)}


@dataclass(slots=True)
class Experience:
    """The priors of a record, read when first asked for and again when they have grown old.

    Attributes:
        read: Reads them.
        now_s: A clock that never goes back.
    """

    read: Callable[[], Priors]
    now_s: Callable[[], float]
    _known: Priors | None = None
    _until_s: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def priors(self) -> Priors:
        """What is known by now; the same object while it is fresh.

        Raises:
            StoreUnavailable: The database does not answer.
        """
        with self._lock:
            if self._known is None or self.now_s() >= self._until_s:
                self._known = self.read()
                self._until_s = self.now_s() + FRESH_S
            return self._known
