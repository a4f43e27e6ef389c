"""What is peculiar to the record in a database: plans, decisions, values, shared content."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import histories
import pytest
import worlds
from histories import accept, add, delivered, file, finished, started, succeeded, text, used
from pydantic import TypeAdapter

from controlllm.errors import RunConflict
from controlllm.events import FINAL_STATES, RunState
from controlllm.provenance.store import SPOKEN_NAME, SqlStore, spoken_values
from controlllm.records import FROM_PERSON, LinkRecord
from controlllm_planner.plan import Plan, Value
from controlllm_planner.task import Attachment, Request
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import Resource, ResourceType


def plan_for(words: str) -> Plan:
    return worlds.planner().plan(worlds.request(words, "a.png:image"))


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
    claim = accept(store, None, plan, worlds.CARDS)
    assert store.run(claim.run_id).plan == plan.digest
    assert store.plan_of(claim.run_id).digest == plan.digest


def test_each_run_keeps_the_words_and_decisions_of_its_own_plan(store: SqlStore) -> None:
    """Two requests may come to the same plan for different reasons."""
    plan = plan_for("blur a.png")
    reason = replace(plan.decisions[0], reason="because of these \u0000 words", score=0.25)
    other = replace(plan, goal="make a.png soft", decisions=(reason,))
    assert other.digest == plan.digest
    runs = [accept(store, Request(text=each.goal), each, worlds.CARDS) for each in (plan, other)]
    assert store.plan_of(runs[0].run_id) == plan
    expected = replace(other, decisions=(replace(reason, reason="because of these  words"),))
    assert store.plan_of(runs[1].run_id) == expected


def test_a_plan_that_no_tool_was_weighed_for_is_stored(store: SqlStore) -> None:
    plan = replace(plan_for("blur a.png"), decisions=())
    claim = accept(store, Request(text=plan.goal), plan)
    assert store.plan_of(claim.run_id) == plan


def test_a_run_that_is_refused_leaves_no_plan_behind(store: SqlStore) -> None:
    there, plan = histories.new_run(), plan_for("blur a.png")
    store.create(there)
    with pytest.raises(RunConflict, match=f"there is a run {there.id} already"):
        store.create(replace(there, plan=plan, cards=tuple(worlds.CARDS)))
    assert store.plan(plan.digest) is None
    assert store.plan_of(there.id) == there.plan
    assert store.card(worlds.CARDS[0].card_hash) is None


def with_values(plan: Plan, *values: Value) -> Plan:
    step = plan.steps[0]
    said = replace(step, inputs=(*step.inputs, ("label", values)))
    return replace(plan, steps=(said, *plan.steps[1:]))


def test_values_from_the_words_are_artefacts_that_steps_read(store: SqlStore) -> None:
    plan = with_values(plan_for("blur a.png"), Value("dog"), Value(3, "number"), Value("\u0000"))
    attachment = Attachment(name="a.png", type=ResourceType("image"), resource=file("a"))
    claim = accept(store, Request(text=plan.goal, attachments=(attachment,)), plan)
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
    assert (record.state, record.finished_at, record.owner) == (state, histories.at(7), None)
    states = {step.step: step.state for step in store.steps(claim.run_id)}
    assert states == {"s1": "stopped", "s2": "succeeded", "s3": "stopped"}


def test_a_failed_write_leaves_no_row_of_its_batch(store: SqlStore) -> None:
    """An input that nobody stored breaks a rule of the database in the middle of the batch."""
    claim = add(store, accept(store), started("s1"))
    made = delivered("s1", (("image", (file("made"),)),))
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        add(store, claim, made, started("s2", used("image", file("never stored"))))
    assert histories.types_of(store.events(claim.run_id)) == [*histories.OPENING, "step_started"]
    assert store.stored_digests() == frozenset()
    assert [(step.step, step.state) for step in store.steps(claim.run_id)] == [("s1", "running")]
    assert add(store, claim, made).next_seq == 5


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
