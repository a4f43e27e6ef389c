"""What every journal keeps to, in memory and in both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import histories
import pytest
from histories import (
    OPENING,
    accept,
    add,
    cached,
    delivered,
    digest,
    failed,
    file,
    finished,
    progressed,
    started,
    succeeded,
    text,
    types_of,
    used,
)
from journals import LEASE_S, Clock

from controlllm.errors import RunConflict, RunNotFound
from controlllm.events import (
    RunEvent,
    RunId,
)
from controlllm.execution.journal import RunJournal
from controlllm.records import CachedResult, Claim
from controlllm_planner.task import Request
from controlllm_tools.resources import MediaFacts, Resource


def alive(owner: str) -> bool:
    return False


def gone(owner: str) -> bool:
    return True


# Order, equality and refusals


def test_events_come_back_as_they_were_in_order_and_without_gaps(journal: RunJournal) -> None:
    new = histories.new_run()
    claim = journal.create(new)
    picture = file("picture")
    batches = [
        [started("s1"), progressed()],
        [succeeded("s1", "image", picture), started("s2", used("image", picture))],
        [succeeded("s2", "text", text("two words"), text("")), finished()],
    ]
    expected: list[RunEvent] = list(new.opening())
    for batch in batches:
        numbered = enumerate(batch, claim.next_seq)
        expected += [make(histories.stamp(claim.run_id, seq)) for seq, make in numbered]
        claim = add(journal, claim, *batch)
    assert journal.events(claim.run_id) == expected
    assert [event.stamp.seq for event in journal.events(claim.run_id)] == list(range(1, 9))
    assert journal.events(claim.run_id, after=5) == expected[5:]


def test_no_events_are_nothing_to_do(journal: RunJournal) -> None:
    claim = accept(journal)
    journal.append(claim, [])
    assert types_of(journal.events(claim.run_id)) == OPENING


def test_an_id_is_given_once(journal: RunJournal) -> None:
    new = histories.new_run()
    journal.create(new)
    with pytest.raises(RunConflict, match=f"there is a run {new.id} already"):
        journal.create(replace(new, request=Request(text="x")))
    assert journal.events(new.id) == list(new.opening())


@pytest.mark.parametrize("seq", [1, 2, 3, 5])
def test_events_with_the_wrong_number_are_refused_whole(journal: RunJournal, seq: int) -> None:
    claim = add(journal, accept(journal), started("s1"))
    before = journal.events(claim.run_id)
    wrong = replace(claim, next_seq=seq)
    with pytest.raises(RunConflict, match=f"goes on at event 4, not {seq}; nothing was written"):
        add(journal, wrong, succeeded("s1", "image", file("a")), started("s2"))
    assert journal.events(claim.run_id) == before
    assert add(journal, claim, progressed()).next_seq == 5


def test_a_batch_with_a_gap_is_a_defect_of_the_caller(journal: RunJournal) -> None:
    claim = accept(journal)
    batch = [progressed()(histories.stamp(claim.run_id, seq)) for seq in (3, 5)]
    with pytest.raises(ValueError, match=r"expected event 4 .* got event 5"):
        journal.append(claim, batch)
    assert types_of(journal.events(claim.run_id)) == OPENING


def test_an_event_of_another_run_is_a_defect_of_the_caller(journal: RunJournal) -> None:
    claim, other = accept(journal), accept(journal)
    batch = [progressed()(histories.stamp(other.run_id, 3))]
    with pytest.raises(ValueError, match=f"expected event 3 of run {claim.run_id}"):
        journal.append(claim, batch)


@pytest.mark.promise("P3")
def test_a_late_write_of_an_earlier_owner_changes_nothing(
    journal: RunJournal, clock: Clock
) -> None:
    zombie = add(journal, accept(journal), started("s1", key="k"))
    clock.now_s += LEASE_S + 1
    owner = journal.claim(zombie.run_id, "host/2/2", alive)
    with pytest.raises(RunConflict, match="was taken over by another process; nothing was written"):
        add(journal, zombie, succeeded("s1", "image", file("a")), finished())
    assert not journal.renew(zombie)
    journal.release(zombie)
    assert journal.find_result(digest("k")) is None
    with pytest.raises(RunConflict, match="is being executed by host/2/2"):
        journal.claim(zombie.run_id, "host/3/3", alive)
    add(journal, owner, progressed())
    assert types_of(journal.events(zombie.run_id)) == [
        *OPENING,
        "step_started",
        "step_progressed",
    ]


def test_a_finished_run_takes_nothing_more(journal: RunJournal) -> None:
    claim = add(journal, accept(journal), finished("partial"))
    with pytest.raises(RunConflict, match="is already finished: partial"):
        add(journal, claim, progressed())
    with pytest.raises(RunConflict, match="is already finished: partial"):
        journal.claim(claim.run_id, "host/2/2", gone)
    with pytest.raises(RunConflict, match="is already finished: partial"):
        journal.request_cancel(claim.run_id)
    assert types_of(journal.events(claim.run_id)) == [*OPENING, "run_finished"]


def test_an_unknown_run_is_refused_with_the_ones_there_are(journal: RunJournal) -> None:
    known = accept(journal).run_id
    unknown = RunId("nobody")
    for ask in (
        lambda: journal.events(unknown),
        lambda: journal.claim(unknown, "host/1/1", alive),
        lambda: journal.request_cancel(unknown),
    ):
        with pytest.raises(RunNotFound, match=f"'nobody'; the latest are: {known}"):
            ask()
    assert not journal.is_cancel_requested(unknown)


# Claims


def test_a_living_owner_keeps_its_run(journal: RunJournal) -> None:
    claim = accept(journal, owner="host/1/1")
    with pytest.raises(RunConflict, match="is being executed by host/1/1; wait for it, or cancel"):
        journal.claim(claim.run_id, "host/2/2", alive)
    assert add(journal, claim, progressed()).next_seq == 4


def test_the_run_of_a_dead_owner_is_free_at_once(journal: RunJournal) -> None:
    claim = add(journal, accept(journal, owner="host/1/1"), progressed())
    asked: list[str] = []

    def is_gone(owner: str) -> bool:
        asked.append(owner)
        return True

    taken = journal.claim(claim.run_id, "host/2/2", is_gone)
    assert taken == Claim(claim.run_id, epoch=claim.epoch + 1, next_seq=4)
    assert asked == ["host/1/1"]


def test_a_lease_runs_out_unless_it_is_renewed(journal: RunJournal, clock: Clock) -> None:
    claim = accept(journal)
    clock.now_s += LEASE_S - 1
    assert journal.renew(claim)
    clock.now_s += LEASE_S - 1
    with pytest.raises(RunConflict, match="is being executed"):
        journal.claim(claim.run_id, "host/2/2", alive)
    clock.now_s += 1
    taken = journal.claim(claim.run_id, "host/2/2", alive)
    assert taken.epoch == claim.epoch + 1
    assert not journal.renew(claim)


def test_a_run_given_back_is_free_at_once(journal: RunJournal) -> None:
    claim = add(journal, accept(journal), progressed())
    journal.release(claim)
    taken = journal.claim(claim.run_id, "host/2/2", alive)
    assert taken == Claim(claim.run_id, epoch=claim.epoch + 1, next_seq=4)


@pytest.mark.promise("P3")
def test_of_eight_threads_that_claim_a_run_one_wins(journal: RunJournal) -> None:
    claim = accept(journal, owner="dead")
    together = threading.Barrier(8)

    def race(number: int) -> Claim | str:
        together.wait()
        try:
            return journal.claim(claim.run_id, f"alive/{number}", lambda owner: owner == "dead")
        except RunConflict as error:
            return error.message

    with ThreadPoolExecutor(8) as threads:
        ends = list(threads.map(race, range(8)))
    won = [end for end in ends if isinstance(end, Claim)]
    assert won == [Claim(claim.run_id, epoch=claim.epoch + 1, next_seq=3)]
    winner = f"alive/{ends.index(won[0])}"
    lost = f"run {claim.run_id} is being executed by {winner}; wait for it, or cancel it"
    assert [end for end in ends if end is not won[0]] == [lost] * 7


def test_a_wish_to_cancel_reaches_the_owner(journal: RunJournal) -> None:
    claim, other = accept(journal), accept(journal)
    assert not journal.is_cancel_requested(claim.run_id)
    journal.request_cancel(claim.run_id)
    journal.request_cancel(claim.run_id)
    assert journal.is_cancel_requested(claim.run_id)
    assert not journal.is_cancel_requested(other.run_id)
    assert add(journal, claim, progressed()).next_seq == 4


# Results that are used again


def test_a_result_is_found_with_equal_outputs_in_their_order(journal: RunJournal) -> None:
    facts = MediaFacts(width_px=640, height_px=480, duration_s=0.1, channels=0)
    frames = tuple(
        replace(file(f"frame {n}"), name=f"frame-{n}.png", caption="a frame", facts=facts)
        for n in (3, 1, 2, 1)
    )
    outputs = (
        ("zebra", frames),
        ("apple", (text("ä \N{GRINNING FACE} \u0000 end", type_="text.title"),)),
        ("mango", (Resource.of_value("number", 42),)),
        ("empty", ()),
    )
    claim = add(journal, accept(journal), started("s1", key="k"), delivered("s1", outputs))
    expected = CachedResult(claim.run_id, "s1", outputs)
    assert journal.find_result(digest("k")) == expected
    assert journal.find_result(digest("another")) is None


def test_the_same_bytes_may_be_text_to_one_step_and_a_number_to_another(
    journal: RunJournal,
) -> None:
    words, number = text("42"), Resource.of_value("number", 42)
    assert words.sha256 == number.sha256
    claim = add(journal, accept(journal), started("s1"), succeeded("s1", "words", words))
    claim = add(
        journal, claim, started("s2", key="k"), succeeded("s2", "number", number), finished()
    )
    result = journal.find_result(digest("k"))
    assert result == CachedResult(claim.run_id, "s2", (("number", (number,)),))


def test_only_steps_that_succeeded_are_sources(journal: RunJournal) -> None:
    claim = add(journal, accept(journal), started("s1", key="running"))
    claim = add(journal, claim, started("s2", key="failed"), failed("s2"))
    outputs = (("image", (file("a"),)),)
    add(journal, claim, cached("s3", (), outputs, ("elsewhere", "s9")))
    assert journal.find_result(digest("running")) is None
    assert journal.find_result(digest("failed")) is None
    assert journal.find_result(digest("('elsewhere', 's9')")) is None


def test_a_result_of_a_run_that_failed_later_is_used_again(journal: RunJournal) -> None:
    claim = add(journal, accept(journal), started("s1", key="k"))
    claim = add(journal, claim, succeeded("s1", "image", file("a")), finished("failed"))
    expected = CachedResult(claim.run_id, "s1", (("image", (file("a"),)),))
    assert journal.find_result(digest("k")) == expected


def test_of_several_results_the_latest_is_found(journal: RunJournal) -> None:
    for content in ("old", "new"):
        claim = add(journal, accept(journal), progressed(), started("s1", key="k"))
        claim = add(journal, claim, *[progressed()] * (5 if content == "new" else 1))
        add(journal, claim, succeeded("s1", "image", file(content)))
    result = journal.find_result(digest("k"))
    assert result == CachedResult(claim.run_id, "s1", (("image", (file("new"),)),))
