"""A journal in memory, for tests and for programs that run plans without a database.

It keeps to the same rules as the database and forgets everything with its process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from controlllm.errors import RunConflict, RunNotFound
from controlllm.events import (
    FINAL_STATES,
    RunEvent,
    RunFinished,
    RunId,
    StepStarted,
    StepSucceeded,
)
from controlllm.records import CachedResult, Claim, NewRun, Standing


class MemoryJournal:
    """Runs, their events and their results; satisfies `RunJournal`. Safe to share by threads."""

    def __init__(self, *, now_s: Callable[[], float], lease_s: float) -> None:
        self._now_s = now_s
        self._lease_s = lease_s
        self._lock = threading.Lock()
        self._standings: dict[RunId, Standing] = {}
        self._events: dict[RunId, list[RunEvent]] = {}
        self._cancelled: set[RunId] = set()
        self._keys: dict[tuple[RunId, str], str] = {}
        self._results: dict[str, CachedResult] = {}

    def create(self, new: NewRun) -> Claim:
        """See `RunJournal`."""
        claim = new.claim()
        with self._lock:
            if new.id in self._standings:
                msg = f"there is a run {new.id} already"
                raise RunConflict(msg)
            self._standings[new.id] = Standing(
                run_id=new.id,
                state="running",
                epoch=claim.epoch,
                next_seq=claim.next_seq,
                owner=new.owner,
                lease_until_s=self._now_s() + self._lease_s,
            )
            self._events[new.id] = list(new.opening())
        return claim

    def append(self, claim: Claim, events: Sequence[RunEvent]) -> None:
        """See `Journal`."""
        if not events:
            return
        claim.check_batch(events)
        with self._lock:
            self._standing(claim.run_id).check_write(claim, events[0].stamp.seq)
            for event in events:
                self._add(event)

    def find_result(self, key: str) -> CachedResult | None:
        """See `Journal`."""
        with self._lock:
            return self._results.get(key)

    def claim(self, run_id: RunId, owner: str, is_gone: Callable[[str], bool]) -> Claim:
        """See `RunJournal`."""
        with self._lock:
            standing = self._standing(run_id)
            now_s = self._now_s()
            standing.check_free(now_s, is_gone)
            taken = replace(
                standing,
                epoch=standing.epoch + 1,
                owner=owner,
                lease_until_s=now_s + self._lease_s,
            )
            self._standings[run_id] = taken
        return Claim(run_id, taken.epoch, taken.next_seq)

    def release(self, claim: Claim) -> None:
        """See `RunJournal`."""
        self._change(claim, lambda held: replace(held, owner=None, lease_until_s=0.0))

    def renew(self, claim: Claim) -> bool:
        """See `Journal`."""
        until_s = self._now_s() + self._lease_s
        return self._change(claim, lambda held: replace(held, lease_until_s=until_s))

    def request_cancel(self, run_id: RunId) -> None:
        """See `RunJournal`."""
        with self._lock:
            self._standing(run_id).check_unfinished()
            self._cancelled.add(run_id)

    def is_cancel_requested(self, run_id: RunId) -> bool:
        """See `Journal`."""
        with self._lock:
            return run_id in self._cancelled

    def events(self, run_id: RunId, after: int = 0) -> list[RunEvent]:
        """See `RunJournal`."""
        with self._lock:
            self._standing(run_id)
            return [event for event in self._events[run_id] if event.stamp.seq > after]

    def _standing(self, run_id: RunId) -> Standing:
        if run_id not in self._standings:
            latest = ", ".join(reversed(list(self._standings)[-5:])) or "none yet"
            msg = f"no run has the id {run_id!r}; the latest are: {latest}"
            raise RunNotFound(msg)
        return self._standings[run_id]

    def _change(self, claim: Claim, change: Callable[[Standing], Standing]) -> bool:
        """Change where a run stands, if the claim is still good for that."""
        with self._lock:
            standing = self._standings.get(claim.run_id)
            if standing is None or standing.epoch != claim.epoch:
                return False
            self._standings[claim.run_id] = change(standing)
            return True

    def _add(self, event: RunEvent) -> None:
        run_id = event.stamp.run_id
        self._events[run_id].append(event)
        standing = replace(self._standings[run_id], next_seq=event.stamp.seq + 1)
        match event:
            case StepStarted():
                self._keys[run_id, event.step] = event.key
            case StepSucceeded():
                key = self._keys.get((run_id, event.step))
                if key is not None:
                    self._results[key] = CachedResult(run_id, event.step, event.outputs)
            case RunFinished() if event.state in FINAL_STATES:
                standing = replace(standing, state=event.state, owner=None)
            case _:
                pass
        self._standings[run_id] = standing
