"""What the record knows of tools from their runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from histories import accept, add, cached, digest, failed, file, finished, started, succeeded, text
from sqlalchemy import update

from controlllm.events import RunEvent, RunState, Stamp, StepFailed, StepRetried
from controlllm.provenance.engine import open_engine, writing
from controlllm.provenance.observations import (
    _ENDS,
    FRESH_S,
    NEWEST_OF_A_TOOL,
    NEWEST_STEPS,
    NOT_ITS_FAULT,
    End,
    Experience,
    observed_of,
)
from controlllm.provenance.store import SqlStore
from controlllm.provenance.tables import steps
from controlllm.records import Claim
from controlllm_planner.priors import Observed, Priors, log_ratio
from controlllm_planner.task import Attachment, Request

Make = Callable[[Stamp], RunEvent]


def begun(step: str, tool: str, *reads: object, estimate_s: float | None = 0.5) -> Make:
    """A step of a tool begins; its card has a digest made of its name."""
    held = tuple((str(each.type), each.sha256) for each in reads)  # type: ignore[attr-defined]
    inputs = (("in", held),) if held else ()
    return lambda stamp: replace(
        started(step, inputs)(stamp),
        tool=tool,
        card_hash=digest(tool),
        estimate_s=estimate_s,
    )


def worked(step: str, seconds: float = 0.5) -> Make:
    return lambda stamp: replace(
        succeeded(step, "out", file(f"{step} {stamp}"))(stamp), seconds=seconds
    )


def broke(step: str, kind: str = "tool_failed") -> Make:
    return lambda stamp: StepFailed(stamp=stamp, step=step, error=kind, message="no")


def one(store: SqlStore, tool: str, end: Make, **more: float | None) -> None:
    """A run of one step, `s1`."""
    add(store, accept(store), begun("s1", tool, **more), end, finished())  # type: ignore[arg-type]


def seen_of(store: SqlStore, tool: str) -> Observed | None:
    return store.priors().tools.get(digest(tool))


def test_a_record_without_runs_knows_nothing(store: SqlStore) -> None:
    known = store.priors()
    assert (known.tools, known.feeds, known.usual_log_ratio) == ({}, {}, 0.0)


def test_calls_that_worked_and_that_failed_are_counted_for_each_tool(store: SqlStore) -> None:
    for seconds in (0.5, 2.5):
        one(store, "cut", worked("s1", seconds))
    one(store, "cut", broke("s1"))
    one(store, "glue", broke("s1", "timeout"))
    assert seen_of(store, "cut") == Observed(
        tool="cut",
        card_hash=digest("cut"),
        worked=2,
        failed=1,
        seconds=1.5,
        timed=2,
        estimate_s=0.5,
        log_ratio=round(log_ratio(2.5, 0.5) / 2, 6),
    )
    assert seen_of(store, "glue") == Observed(tool="glue", card_hash=digest("glue"), failed=1)


@pytest.mark.parametrize("kind", NOT_ITS_FAULT)
def test_failures_that_are_no_fault_of_the_tool_do_not_count(store: SqlStore, kind: str) -> None:
    one(store, "cut", broke("s1", kind))
    assert seen_of(store, "cut") is None


def test_results_that_were_used_again_are_no_new_observations(store: SqlStore) -> None:
    one(store, "cut", worked("s1"))
    made = (("out", (file("made"),)),)
    again = cached("s1", (), made, ("run-0", "s1"))
    same = lambda stamp: replace(again(stamp), tool="cut", card_hash=digest("cut"))  # noqa: E731
    add(store, accept(store), same, finished())
    seen = seen_of(store, "cut")
    assert seen is not None
    assert seen.runs == 1


def test_a_step_that_is_tried_again_counts_once_it_has_ended(store: SqlStore) -> None:
    retried = lambda stamp: StepRetried(  # noqa: E731
        stamp=stamp, step="s1", attempt=1, error="transient", message="later", delay_s=0.5
    )
    claim = add(store, accept(store), begun("s1", "cut"), retried)
    assert seen_of(store, "cut") is None
    add(store, claim, begun("s1", "cut"), worked("s1"))
    seen = seen_of(store, "cut")
    assert seen is not None
    assert (seen.worked, seen.failed) == (1, 0)


@pytest.mark.parametrize(("state", "stopped"), [("cancelled", 1), ("budget_exhausted", 0)])
def test_only_what_a_person_stopped_counts_as_stopped(
    store: SqlStore, state: RunState, stopped: int
) -> None:
    one(store, "cut", worked("s1"))
    add(store, accept(store), begun("s1", "cut"), finished(state))
    seen = seen_of(store, "cut")
    assert seen is not None
    assert (seen.worked, seen.stopped) == (1, stopped)


def test_the_most_memory_that_a_tool_held_is_known(store: SqlStore) -> None:
    for held in (None, 70, 2**40, 50):
        end = lambda stamp, held=held: replace(worked("s1")(stamp), memory_bytes=held)  # noqa: E731
        one(store, "cut", end)
    seen = seen_of(store, "cut")
    assert seen is not None
    assert seen.memory_bytes == 2**40


def test_one_odd_call_does_not_move_the_time_of_a_tool(store: SqlStore) -> None:
    for seconds in (1.0, 1.0, 600.0, 1.0):
        one(store, "cut", worked("s1", seconds), estimate_s=0.5)
    seen = seen_of(store, "cut")
    assert seen is not None
    assert seen.log_ratio == pytest.approx(log_ratio(1.0, 0.5), abs=1e-6)


def test_steps_of_an_older_record_count_without_an_estimate(
    store: SqlStore, database_url: str
) -> None:
    one(store, "cut", worked("s1", 2.0))
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(update(steps).values(estimate_s=None))
    engine.dispose()
    one(store, "cut", worked("s1", 4.0), estimate_s=None)
    expected = Observed(tool="cut", card_hash=digest("cut"), worked=2, seconds=3.0)
    assert seen_of(store, "cut") == expected


def test_a_tool_whose_card_changed_starts_anew(store: SqlStore) -> None:
    one(store, "cut", broke("s1"))
    changed = lambda stamp: replace(begun("s1", "cut")(stamp), card_hash=digest("new"))  # noqa: E731
    add(store, accept(store), changed, worked("s1"), finished())
    old, new = (store.priors().tools[digest(card)] for card in ("cut", "new"))
    assert (old.tool, old.worked, old.failed) == ("cut", 0, 1)
    assert (new.tool, new.worked, new.failed) == ("cut", 1, 0)


def test_the_newest_steps_of_a_tool_count() -> None:
    def end(state: str) -> End:
        return End("cut", "c", state, None, 1.0, 1.0, None, None)

    newest, oldest = [end("failed")] * NEWEST_OF_A_TOOL, [end("succeeded")] * 50
    seen = observed_of([*newest, *oldest])["c"]
    assert (seen.worked, seen.failed) == (0, NEWEST_OF_A_TOOL)
    seen = observed_of([*oldest, *newest])["c"]
    assert (seen.worked, seen.failed) == (50, NEWEST_OF_A_TOOL - 50)


def test_of_a_long_record_the_newest_steps_are_looked_at(store: SqlStore) -> None:
    one(store, "cut", broke("s1"))
    names = [f"s{number}" for number in range(NEWEST_STEPS)]
    claim = append_later(store, accept(store), names[1:])
    assert set(store.priors().tools) == {digest("cut"), digest("glue")}
    append_later(store, claim, names[:1])
    assert set(store.priors().tools) == {digest("glue")}


def test_of_the_steps_of_a_tool_the_newest_count_whatever_order_they_were_written_in(
    store: SqlStore,
) -> None:
    names = [f"s{number}" for number in range(NEWEST_OF_A_TOOL)]
    append_later(store, accept(store), names)
    one(store, "glue", worked("s1"))  # begun a day before the others
    seen = seen_of(store, "glue")
    assert seen is not None
    assert (seen.worked, seen.failed) == (0, NEWEST_OF_A_TOOL)
    # both databases happen to keep the order of the subquery; nothing but this promises it
    assert str(_ENDS).rpartition(")")[2].split()[:3] == ["AS", "anon_1", "ORDER"]


def append_later(store: SqlStore, claim: Claim, names: list[str]) -> Claim:
    """Steps of one tool that failed a day after the others."""
    makes = [make for name in names for make in (begun(name, "glue"), broke(name))]
    at = "2026-11-24T10:00:00.000000+00:00"
    batch = [
        make(Stamp(run_id=claim.run_id, seq=seq, at=at))
        for seq, make in enumerate(makes, claim.next_seq)
    ]
    store.append(claim, batch)
    return Claim(claim.run_id, claim.epoch, claim.next_seq + len(batch))


def test_who_made_what_a_tool_read_is_counted(store: SqlStore) -> None:
    words = text("handed over", name="a.txt")
    attachment = Attachment(name="a.txt", type=words.type, resource=words)
    for number in range(2):
        cut = file(f"cut {number}")
        add(
            store,
            accept(store, Request(text="x", attachments=(attachment,))),
            begun("s1", "cut", words),
            succeeded("s1", "out", cut),
            begun("s2", "glue", cut),
            worked("s2"),
            begun("s3", "glue", cut),
            failed("s3"),
            finished("partial"),
        )
    known = store.priors()
    assert known.feeds == {("cut", "glue"): 2}
    assert known.before("glue") == [("cut", 2)]
    assert known.after("cut") == [("glue", 2)]


def test_what_a_person_handed_over_was_made_by_no_tool(store: SqlStore) -> None:
    picture = file("known")
    one(store, "cut", succeeded("s1", "out", picture))
    attachment = Attachment(name="a.png", type=picture.type, resource=picture)
    claim = accept(store, Request(text="x", attachments=(attachment,)))
    add(store, claim, begun("s1", "glue", picture), worked("s1"), finished())
    assert store.priors().feeds == {}


def test_experience_is_read_when_asked_for_and_again_when_it_is_old() -> None:
    now_s, read = [0.0], []

    def fetch() -> Priors:
        read.append(now_s[0])
        return Priors()

    experience = Experience(fetch, lambda: now_s[0])
    assert read == []
    first = experience.priors()
    now_s[0] = FRESH_S - 0.1
    assert experience.priors() is first
    now_s[0] = FRESH_S
    assert experience.priors() is not first
    assert read == [0.0, FRESH_S]
