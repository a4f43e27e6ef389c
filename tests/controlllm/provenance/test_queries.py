"""What can be asked of the record."""

from __future__ import annotations

from dataclasses import replace

import histories
import pytest
import worlds
from histories import (
    CARD_HASH,
    accept,
    add,
    at,
    cached,
    digest,
    file,
    finished,
    started,
    succeeded,
    text,
    used,
)
from sqlalchemy import update

from controlllm.errors import ConfigurationError, RunNotFound, UnknownHandle
from controlllm.events import RunId
from controlllm.provenance.engine import open_engine, writing
from controlllm.provenance.store import SqlStore
from controlllm.provenance.tables import events
from controlllm.records import LinkRecord, RunRecord, StepRecord
from controlllm_planner.task import Attachment, Budget, Constraints, Request
from controlllm_tools.resources import MediaFacts, Resource, ResourceType


def named(start: str, rest: str, *, type_: str = "image") -> Resource:
    """An artefact with a digest of our choice."""
    sha256 = start + digest(rest)[len(start) :]
    return replace(file(rest), sha256=sha256, type=ResourceType(type_))


def make(store: SqlStore, *resources: Resource) -> RunId:
    """A run with one step that made these."""
    claim = add(store, accept(store), started("s1"), succeeded("s1", "made", *resources))
    return add(store, claim, finished()).run_id


# Runs and their steps


def test_a_run_is_told_with_how_far_it_is(store: SqlStore) -> None:
    claim = accept(store, Request(text="do it"))
    begun = RunRecord(
        id=claim.run_id,
        goal="do it",
        state="running",
        plan=histories.NO_STEPS.digest,
        created_at=at(1),
        finished_at=None,
        cancel_requested=False,
        owner="host/1/1",
    )
    assert store.run(claim.run_id) == begun
    store.request_cancel(claim.run_id)
    add(store, claim, finished("cancelled"))
    ended = replace(begun, state="cancelled", finished_at=at(3), cancel_requested=True, owner=None)
    assert store.run(claim.run_id) == ended


def test_an_unknown_run_is_refused_with_the_latest_ones(store: SqlStore) -> None:
    with pytest.raises(RunNotFound, match="no run has the id 'x'; the latest are: none yet"):
        store.run(RunId("x"))
    ids = [accept(store).run_id for _ in range(6)]
    latest = ", ".join(reversed(ids[1:]))
    for ask in (store.run, store.request, store.events, store.plan_of):
        with pytest.raises(RunNotFound, match=f"the latest are: {latest}$"):
            ask(RunId("x"))


def test_the_latest_runs_come_first(store: SqlStore) -> None:
    ids = [accept(store).run_id for _ in range(4)]
    assert [record.id for record in store.runs(3)] == ids[:0:-1]


def test_a_request_comes_back_as_it_was(store: SqlStore) -> None:
    picture = replace(file("picture"), facts=MediaFacts(width_px=3, duration_s=0.1))
    request = Request(
        text="zwölf \N{GRINNING FACE}\nlines, 'quotes' and \"quotes\"",
        attachments=(
            Attachment(name="z.png", type=ResourceType("image"), resource=picture),
            Attachment(name="a.txt", type=ResourceType("text"), resource=text("nul \u0000")),
        ),
        constraints=Constraints(
            budget=Budget(wall_s=1.5, usd=0.1, stored_bytes=2**40),
            deny_tools=frozenset({"crop", "blur"}),
            allow_effects=frozenset({"network"}),
            preference="best",
            seed=-7,
        ),
    )
    assert store.request(accept(store, request).run_id) == request


def test_steps_are_told_in_the_order_in_which_they_were_begun(store: SqlStore) -> None:
    plan = worlds.planner().plan(worlds.request("blur a.png", "a.png:image"))
    store.keep_plan(plan, worlds.CARDS, at(1))
    card = worlds.CARDS[0]
    begun = lambda stamp: replace(started("z")(stamp), card_hash=card.card_hash)  # noqa: E731
    claim = add(store, accept(store), begun, started("a"), succeeded("a", "image", file("a")))
    store.append(claim, [])
    add(store, claim, cached("m", (), (("image", (file("b"),)),), ("run-0", "s1")))
    run_id = claim.run_id
    blank = StepRecord(
        run_id=run_id,
        step="z",
        tool="tool",
        version=card.version,
        card_hash=card.card_hash,
        key=digest(f"{run_id} z"),
        state="running",
        attempts=1,
        started_at=at(3),
        finished_at=None,
        seconds=None,
        error=None,
        message=None,
        cached_run=None,
        cached_step=None,
        begun_seq=3,
        ended_seq=None,
    )
    unknown = replace(blank, version="?", card_hash=CARD_HASH)
    assert store.steps(run_id) == [
        blank,
        replace(
            unknown,
            step="a",
            key=digest(f"{run_id} a"),
            state="succeeded",
            started_at=at(4),
            finished_at=at(5),
            seconds=0.5,
            begun_seq=4,
            ended_seq=5,
        ),
        replace(
            unknown,
            step="m",
            key=digest("('run-0', 's1')"),
            state="cached",
            attempts=0,
            started_at=None,
            finished_at=at(6),
            cached_run="run-0",
            cached_step="s1",
            begun_seq=6,
            ended_seq=6,
        ),
    ]


def test_events_of_a_newer_version_are_refused_with_the_reason(
    store: SqlStore, database_url: str
) -> None:
    claim = accept(store)
    newer = {"type": "step_dreamt", "seq": 1, "run_id": claim.run_id, "at": at(1)}
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(update(events).values(body=newer))
    engine.dispose()
    expected = rf"run {claim.run_id} was written by a newer version .*'step_dreamt' is not an event"
    with pytest.raises(ConfigurationError, match=expected):
        store.events(claim.run_id)


# Links and artefacts


def test_links_tell_what_each_side_calls_the_same_content(store: SqlStore) -> None:
    words, number = text("42", name="answer.txt"), Resource.of_value("number", 42)
    attachment = Attachment(name="answer", type=ResourceType("text"), resource=words)
    claim = accept(store, Request(text="x", attachments=(attachment,)))
    claim = add(store, claim, started("s1", used("text", words)), succeeded("s1", "value", number))
    run_id = claim.run_id
    handed_over = LinkRecord(
        run_id=run_id, step="", direction="made", port="answer", position=0, resource=words
    )
    made = LinkRecord(
        run_id=run_id, step="s1", direction="made", port="value", position=0, resource=number
    )
    read = replace(made, direction="used", port="text", resource=words.with_name(""))
    assert store.links_of_run(run_id) == [handed_over, made, read]
    assert store.links_of_artifact(words.sha256) == [handed_over, made, read]


def test_a_handle_stands_for_its_artefact(store: SqlStore) -> None:
    picture, title = named("12ab", "p"), text("A title", name="t.txt", type_="text.title")
    make(store, picture, title)
    for handle in (picture.handle, picture.sha256, "12ab", "image:12AB", " image:12ab "):
        assert store.artifact(handle) == picture
    assert store.artifact(title.handle) == title
    assert title.handle.startswith("text:")
    assert store.artifact(f"text.title:{title.sha256[:12]}") == title


@pytest.mark.promise("P2")
def test_an_unknown_handle_is_refused_with_the_valid_ones(store: SqlStore) -> None:
    with pytest.raises(UnknownHandle, match=r"'image:12ab' is no known artefact; .*none yet"):
        store.artifact("image:12ab")
    old, new = named("aa", "old"), named("bb", "new")
    claim = add(store, accept(store), started("s1"), succeeded("s1", "made", old))
    add(store, claim, started("s2"), succeeded("s2", "made", new))
    for handle in ("image:12ab", "video:aa", "", "image:", "' OR 1=1 --", "a%", "_", "zz"):
        with pytest.raises(UnknownHandle) as refused:
            store.artifact(handle)
        assert refused.value.message == (
            f"{handle!r} is no known artefact; there are: {new.handle}, {old.handle}"
        )


def test_an_ambiguous_handle_is_refused_with_what_it_may_mean(store: SqlStore) -> None:
    first, second = named("ab1", "x"), named("ab2", "y", type_="video.loop")
    # the first one is known under so many names that the second one is easily missed
    for _ in range(60):
        make(store, first)
    make(store, second, named("cd", "z"))
    with pytest.raises(UnknownHandle) as refused:
        store.artifact("ab")
    assert refused.value.message == (
        f"'ab' stands for several artefacts; there are: {first.handle}, {second.handle}"
    )
    assert store.artifact("video:ab") == second


def test_of_very_many_artefacts_a_few_are_shown(store: SqlStore) -> None:
    make(store, *(named(f"e{number:02}", "x") for number in range(30)))
    with pytest.raises(UnknownHandle) as refused:
        store.artifact("e")
    assert refused.value.message.count("image:") == 8


def test_an_artefact_goes_by_the_name_its_maker_gave_it(store: SqlStore) -> None:
    upload, made = file("same", name="upload.png"), file("same", name="made.png")
    attachment = Attachment(name="upload.png", type=ResourceType("image"), resource=upload)
    request = Request(text="x", attachments=(attachment,))
    accept(store, request)
    assert store.artifact(upload.handle) == upload
    add(store, accept(store, request), started("s1"), succeeded("s1", "image", made))
    assert store.artifact(upload.handle) == made


def test_the_latest_artefacts_come_first(store: SqlStore) -> None:
    claim = accept(store)
    pictures = [named(start, start) for start in ("c", "a", "d", "b")]
    for number, picture in enumerate(pictures):
        step = f"s{9 - number}"
        claim = add(store, claim, started(step), succeeded(step, "image", picture))
    assert store.latest_artifacts(3) == [pictures[3], pictures[2], pictures[1]]


def test_a_sweep_keeps_what_is_a_file_in_one_run_and_inline_in_another(store: SqlStore) -> None:
    inline = text("same")
    stored = replace(inline, text=None, name="same.txt")
    make(store, inline)
    run_id = make(store, stored)
    assert stored.sha256 in store.stored_digests()
    outputs = [link.resource.name for link in store.links_of_run(run_id)]
    assert outputs == ["same.txt"]


def test_a_plan_is_found_by_the_beginning_of_its_digest(store: SqlStore) -> None:
    plan = worlds.planner().plan(worlds.request("blur a.png", "a.png:image"))
    store.keep_plan(plan, worlds.CARDS, at(1))
    assert store.find_plans(plan.digest[:8]) == [plan.digest]
    assert store.find_plans(plan.digest) == [plan.digest]
    for nothing in ("", "%", "zz", f"{plan.digest}0", "0" * 12):
        assert store.find_plans(nothing) == []


def test_of_plans_that_begin_alike_two_are_enough_to_know(store: SqlStore) -> None:
    made = worlds.planner().plan(worlds.request("blur a.png", "a.png:image"))
    plans = [replace(made, seed=seed) for seed in range(40)]
    for plan in plans:
        store.keep_plan(plan, (), histories.START)
    digests = sorted(plan.digest for plan in plans)
    start = next(d[0] for d in digests if sum(e[0] == d[0] for e in digests) > 2)
    assert store.find_plans(start) == [d for d in digests if d[0] == start][:2]
