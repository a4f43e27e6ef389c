"""What is peculiar to the record in a database: plans, decisions, values, shared content."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import histories
import pytest
import worlds
from histories import accept, add, delivered, file, finished, started, succeeded, text, used
from pydantic import TypeAdapter

from controlllm.errors import RunConflict
from controlllm.events import FINAL_STATES, Planned, RunState
from controlllm.provenance.engine import open_engine
from controlllm.provenance.store import SPOKEN_NAME, SqlStore, spoken_values
from controlllm.records import FROM_PERSON, Claim, LinkRecord
from controlllm_planner.plan import Plan, Value
from controlllm_planner.task import Attachment, Request
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import Resource, ResourceType


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    store = SqlStore(open_engine(database_url), now_s=lambda: 0.0, lease_s=15.0)
    yield store
    store.close()


def plan_for(words: str) -> Plan:
    return worlds.planner().plan(worlds.request(words, "a.png:image"))


def save(store: SqlStore, claim: Claim, plan: Plan) -> Claim:
    stamp = histories.stamp(claim.run_id, claim.next_seq)
    planned = Planned(stamp=stamp, plan=plan.digest, steps=len(plan.steps), estimate_s=1.0)
    return store.save_plan(claim, plan, worlds.CARDS, planned)


def test_a_plan_comes_back_as_it_was(store: SqlStore) -> None:
    plan = plan_for("highlight the dog in a.png, then caption it")
    assert plan.decisions
    store.keep_plan(plan, worlds.CARDS, histories.START)
    assert store.plan(plan.digest) == plan
    assert store.plan("0" * 64) is None
    read = TypeAdapter(ToolCard).validate_python
    assert [read(store.card(card.card_hash)) for card in worlds.CARDS] == list(worlds.CARDS)
    assert store.card("0" * 64) is None


def test_a_plan_that_was_shown_is_frozen_into_a_run(store: SqlStore) -> None:
    plan = plan_for("blur a.png")
    store.keep_plan(plan, worlds.CARDS, histories.START)
    claim = accept(store)
    assert store.plan_of(claim.run_id) is None
    saved = save(store, claim, plan)
    assert saved == replace(claim, next_seq=3)
    assert store.run(claim.run_id).plan == plan.digest
    assert histories.types_of(store.events(claim.run_id)) == ["run_submitted", "planned"]


def test_each_run_keeps_the_words_and_decisions_of_its_own_plan(store: SqlStore) -> None:
    """Two requests may come to the same plan for different reasons."""
    plan = plan_for("blur a.png")
    reason = replace(plan.decisions[0], reason="because of these \u0000 words", score=0.25)
    other = replace(plan, goal="make a.png soft", decisions=(reason,))
    assert other.digest == plan.digest
    runs = [accept(store, Request(text=each.goal)) for each in (plan, other)]
    for claim, each in zip(runs, (plan, other), strict=True):
        save(store, claim, each)
    assert store.plan_of(runs[0].run_id) == plan
    expected = replace(other, decisions=(replace(reason, reason="because of these  words"),))
    assert store.plan_of(runs[1].run_id) == expected


def test_a_plan_that_no_tool_was_weighed_for_is_stored(store: SqlStore) -> None:
    plan = replace(plan_for("blur a.png"), decisions=())
    claim = accept(store, Request(text=plan.goal))
    save(store, claim, plan)
    assert store.plan_of(claim.run_id) == plan


def test_the_plan_of_a_run_is_frozen(store: SqlStore) -> None:
    claim = save(store, accept(store), plan_for("blur a.png"))
    with pytest.raises(RunConflict, match="has its plan already; nothing was written"):
        save(store, claim, plan_for("caption a.png"))
    assert histories.types_of(store.events(claim.run_id)) == ["run_submitted", "planned"]


def test_a_plan_of_an_earlier_owner_is_refused_whole(store: SqlStore) -> None:
    zombie, plan = accept(store), plan_for("blur a.png")
    store.claim(zombie.run_id, "host/2/2", lambda owner: True)
    with pytest.raises(RunConflict, match="was taken over by another process"):
        save(store, zombie, plan)
    assert store.plan(plan.digest) is None
    assert store.plan_of(zombie.run_id) is None


def with_values(plan: Plan, *values: Value) -> Plan:
    step = plan.steps[0]
    said = replace(step, inputs=(*step.inputs, ("label", values)))
    return replace(plan, steps=(said, *plan.steps[1:]))


def test_values_from_the_words_are_artefacts_that_steps_read(store: SqlStore) -> None:
    plan = with_values(plan_for("blur a.png"), Value("dog"), Value(3, "number"), Value("\u0000"))
    attachment = Attachment(name="a.png", type=ResourceType("image"), resource=file("a"))
    claim = accept(store, Request(text=plan.goal, attachments=(attachment,)))
    claim = save(store, claim, plan)
    said = tuple(
        each.with_name(SPOKEN_NAME)
        for each in (text("dog"), Resource.of_value("number", 3), text("\u0000"))
    )
    port = f"words:{plan.steps[0].id}.label"
    assert spoken_values(plan) == ((port, said),)
    claim = add(store, claim, started(plan.steps[0].id, used("label", *said)))
    handed_over = [each for each in store.links_of_run(claim.run_id) if each.direction == "made"]
    assert handed_over == [
        LinkRecord(
            run_id=claim.run_id,
            step=FROM_PERSON,
            direction="made",
            port=name,
            position=position,
            resource=resource,
        )
        for name, held in (("a.png", (file("a"),)), (port, said))
        for position, resource in enumerate(held)
    ]


@pytest.mark.parametrize("state", sorted(FINAL_STATES))
def test_steps_under_way_are_stopped_with_their_run(store: SqlStore, state: RunState) -> None:
    claim = add(store, accept(store), started("s1"), started("s2"), succeeded("s2", "image"))
    claim = add(store, claim, started("s3"), finished(state))
    record = store.run(claim.run_id)
    assert (record.state, record.finished_at, record.owner) == (state, histories.at(6), None)
    states = {step.step: step.state for step in store.steps(claim.run_id)}
    assert states == {"s1": "stopped", "s2": "succeeded", "s3": "stopped"}


def test_a_failed_write_leaves_no_row_of_its_batch(store: SqlStore) -> None:
    """An input that nobody stored breaks a rule of the database in the middle of the batch."""
    claim = add(store, accept(store), started("s1"))
    made = delivered("s1", (("image", (file("made"),)),))
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        add(store, claim, made, started("s2", used("image", file("never stored"))))
    assert histories.types_of(store.events(claim.run_id)) == ["run_submitted", "step_started"]
    assert store.stored_digests() == frozenset()
    assert [(step.step, step.state) for step in store.steps(claim.run_id)] == [("s1", "running")]
    assert add(store, claim, made).next_seq == 4


def test_writers_of_the_same_contents_in_another_order_do_not_block_each_other(
    store: SqlStore,
) -> None:
    together = threading.Barrier(2)

    def write(backwards: bool) -> None:
        claim = accept(store)
        for turn in range(4):
            held = [file(f"{turn} {number}") for number in range(200)]
            outputs = (("files", tuple(reversed(held) if backwards else held)),)
            together.wait()
            claim = add(store, claim, started(f"s{turn}"), delivered(f"s{turn}", outputs))

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, (False, True)))
    assert len(store.stored_digests()) == 800
