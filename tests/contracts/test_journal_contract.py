"""What every journal keeps to, in memory and in both databases."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TypeVar

import histories
import pytest
from databases import postgresql_database
from histories import (
    OPENING,
    accept,
    add,
    cached,
    delivered,
    digest,
    file,
    finished,
    started,
    succeeded,
    text,
    types_of,
    used,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlllm.errors import RunConflict, RunNotFound
from controlllm.events import (
    EVENT_TYPES,
    MESSAGE_LIMIT_CHARS,
    RunEvent,
    RunId,
    Stamp,
    StepFailed,
    StepProgressed,
    StepSucceeded,
)
from controlllm.execution.journal import RunJournal
from controlllm.execution.memory_journal import MemoryJournal
from controlllm.provenance.engine import open_engine
from controlllm.provenance.store import SqlStore
from controlllm.records import CachedResult, Claim
from controlllm_planner.task import Attachment, Request
from controlllm_tools.resources import MediaFacts, Resource, ResourceType

T = TypeVar("T")

LEASE_S = 15.0


@dataclass(slots=True)
class Clock:
    """A clock that a test moves."""

    now_s: float = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def alive(owner: str) -> bool:
    return False


def gone(owner: str) -> bool:
    return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> Iterator[RunJournal]:
    if request.param == "memory":
        yield MemoryJournal(now_s=clock, lease_s=LEASE_S)
    elif request.param == "sqlite":
        yield from opened(f"sqlite:///{tmp_path}/record.db", clock)
    else:
        with postgresql_database() as url:
            yield from opened(url, clock)


def opened(url: str, clock: Callable[[], float]) -> Iterator[SqlStore]:
    store = SqlStore(open_engine(url), now_s=clock, lease_s=LEASE_S)
    yield store
    store.close()


def progressed(step: str = "s1", message: str = "half way") -> histories.Make:
    return lambda stamp: StepProgressed(stamp=stamp, step=step, fraction=0.5, message=message)


def failed(step: str, message: str = "it broke") -> histories.Make:
    return lambda stamp: StepFailed(stamp=stamp, step=step, error="tool_failed", message=message)


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


# Every event, any text

NASTY = (
    "",
    "plain",
    "\N{GRINNING FACE} \N{WOMAN}\u200d\N{MICROSCOPE} ä",
    "\u0000",
    "a\u0000b",
    "\ud800 half a pair",
    "'; DROP TABLE runs; --",
    '"quoted" \\ back\\u0000slash',
    "line\nline\r\nline\ttab",
    "\x1b[31mred\x1b[0m \x9b0m",
    "%(name)s {} :named ?",
    "x" * 60_000,
)
ANY_TEXT = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(), max_size=40), st.text(max_size=40)
)
IDENTITY = st.text("abcdefghij.-_0123456789", min_size=1, max_size=20)
KNOWN = (file("known"), text("known", type_="text.title"))
"""What a step may read; it is handed over with the run."""
DIGEST = st.text("0123456789abcdef", min_size=64, max_size=64)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(0, 2**31 - 1)
TYPE = st.sampled_from(["image", "text", "text.title", "audio.music"]).map(ResourceType)
FACTS = st.builds(
    MediaFacts,
    width_px=st.none() | WHOLE,
    duration_s=st.none() | st.floats(0, 1e6),
    pages=st.none() | WHOLE,
)


@st.composite
def resources(draw: st.DrawFn) -> Resource:
    content = draw(st.none() | ANY_TEXT)
    name, caption = draw(ANY_TEXT), draw(ANY_TEXT)
    stored = Resource(
        type=draw(TYPE),
        sha256=draw(DIGEST),
        size_bytes=draw(st.integers(0, 2**62)),
        mime="image/png",
        name=name,
        facts=draw(FACTS),
        caption=caption,
    )
    if content is None:
        return stored
    sha256 = digest(content.encode("utf-8", "replace").decode())
    return replace(stored, sha256=sha256, text=content, mime="text/plain", facts=MediaFacts())


PORTS = st.lists(IDENTITY, unique=True, max_size=3)


def by_port(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    held = st.lists(values, max_size=3).map(tuple)
    return PORTS.flatmap(lambda names: st.tuples(*(st.tuples(st.just(n), held) for n in names)))


BY_FIELD: dict[str, st.SearchStrategy[object]] = {
    "goal": ANY_TEXT,
    "message": ANY_TEXT,
    "because": IDENTITY,
    "outputs": by_port(resources()),
    "steps": st.lists(IDENTITY, max_size=3).map(tuple),
    "state": st.sampled_from(["running", "succeeded", "partial", "failed", "cancelled"]),
    "plan": DIGEST,
    "card_hash": DIGEST,
    "key": DIGEST,
    "inputs": by_port(st.sampled_from([(str(each.type), each.sha256) for each in KNOWN])),
}
BY_TYPE = {"str": IDENTITY, "int": WHOLE, "float": NUMBER}


def events_of(event_type: type[RunEvent]) -> st.SearchStrategy[Callable[[Stamp], RunEvent]]:
    values = {
        field.name: BY_FIELD[field.name] if field.name in BY_FIELD else BY_TYPE[str(field.type)]
        for field in fields(event_type)
        if field.name != "stamp"
    }
    made = st.fixed_dictionaries(values)
    return made.map(lambda drawn: lambda stamp: event_type(stamp=stamp, **drawn))


EVENTS = st.one_of([events_of(each) for each in EVENT_TYPES.values()])


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(made=st.lists(EVENTS, min_size=1, max_size=4))
def test_every_event_comes_back_as_it_was(
    journal: RunJournal, made: list[Callable[[Stamp], RunEvent]]
) -> None:
    handed_over = tuple(
        Attachment(name=f"{number}", type=each.type, resource=each)
        for number, each in enumerate(KNOWN)
    )
    claim = accept(journal, Request(text="read these", attachments=handed_over))
    numbered = enumerate(made, claim.next_seq)
    batch = [make(histories.stamp(claim.run_id, seq)) for seq, make in numbered]
    journal.append(claim, batch)
    assert journal.events(claim.run_id, after=2) == batch
    # equal numbers may still differ in kind, as 1 and 1.0 do
    assert list(map(repr, journal.events(claim.run_id, after=2))) == list(map(repr, batch))


@pytest.mark.parametrize("words", NASTY, ids=range(len(NASTY)))
def test_no_words_of_a_person_or_a_tool_are_refused(journal: RunJournal, words: str) -> None:
    attachment = Attachment(
        name=f"{words[:100]}.txt",
        type=ResourceType("text"),
        resource=replace(text("content"), name=words, caption=words),
    )
    claim = accept(journal, Request(text=words, attachments=(attachment,)))
    inputs = used("text", text("content"))
    claim = add(journal, claim, started("s1", inputs, key="k"), progressed("s1", words))
    made = replace(text("made"), name=words, caption=words)
    claim = add(journal, claim, succeeded("s1", "text", made))
    add(journal, claim, started("s2"), failed("s2", words), finished("partial"))
    stored = journal.events(claim.run_id)
    said = "".join(histories.words_of(event) for event in stored)
    allowed = {"\n", "\t"}
    assert not {c for c in said if unicodedata.category(c) in {"Cc", "Cs"}} - allowed
    assert types_of(stored)[-2:] == ["step_failed", "run_finished"]
    result = journal.find_result(digest("k"))
    assert result is not None
    assert result.outputs == event_of(stored, StepSucceeded).outputs


def test_a_message_is_kept_to_a_length(journal: RunJournal) -> None:
    claim = add(journal, accept(journal), started("s1"), failed("s1", "x" * 1_000_000))
    stored = event_of(journal.events(claim.run_id), StepFailed)
    assert stored.message == "x" * (MESSAGE_LIMIT_CHARS - 1) + "…"


def event_of(events: list[RunEvent], type_: type[T]) -> T:
    return next(event for event in events if isinstance(event, type_))


# Several writers at once


def test_threads_that_write_to_their_runs_lose_nothing(journal: RunJournal) -> None:
    together = threading.Barrier(6)

    def write(number: int) -> list[RunEvent]:
        claim = accept(journal)
        shared = file(f"shared by {number % 2}")
        together.wait()
        for step in range(15):
            claim = add(journal, claim, started(f"s{step}"), progressed(f"s{step}"))
            own = file(f"{number} {step}")
            outputs = (("own", (own,)), ("shared", (shared, own)))
            claim = add(journal, claim, delivered(f"s{step}", outputs))
        return journal.events(claim.run_id)

    with ThreadPoolExecutor(6) as threads:
        written = list(threads.map(write, range(6)))
    for events in written:
        assert [event.stamp.seq for event in events] == list(range(1, 48))
        assert types_of(events)[2:] == ["step_started", "step_progressed", "step_succeeded"] * 15


def test_of_two_writers_with_one_claim_each_event_has_one_author(journal: RunJournal) -> None:
    """A process may be cloned with its claim; then each number still has one event."""
    claim = accept(journal)
    together = threading.Barrier(4)

    def race(author: int) -> list[int]:
        won = []
        together.wait()
        for seq in range(3, 23):
            with contextlib.suppress(RunConflict):
                add(journal, replace(claim, next_seq=seq), progressed("s1", f"{author}"))
                won.append(seq)
        return won

    with ThreadPoolExecutor(4) as threads:
        won = list(threads.map(race, range(4)))
    authors = {seq: author for author, seqs in enumerate(won) for seq in seqs}
    assert sum(map(len, won)) == len(authors)
    events = journal.events(claim.run_id, after=2)
    assert [event.stamp.seq for event in events] == list(range(3, len(authors) + 3))
    assert {e.stamp.seq: int(e.message) for e in events if isinstance(e, StepProgressed)} == authors


WRITER = """
import sys
sys.path[:0] = sys.argv[3:]
from controlllm.provenance.engine import open_engine
from controlllm.provenance.store import SqlStore
from histories import accept, add, delivered, file, started
store = SqlStore(open_engine(sys.argv[1]), now_s=lambda: 0.0, lease_s=15.0)
import histories
from controlllm.events import RunId
histories.new_id = lambda: RunId(sys.argv[2])
claim = accept(store)
print("ready", flush=True)
sys.stdin.readline()
for step in range(30):
    outputs = (("own", (file(f"{sys.argv[2]} {step}"),)), ("shared", (file(f"{step}"),)))
    claim = add(store, claim, started(f"s{step}"))
    claim = add(store, claim, delivered(f"s{step}", outputs))
store.close()
"""


def test_two_processes_that_write_to_one_database_lose_nothing(database_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, database_url, name, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("left", "right")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    ends = [process.communicate("go\n", timeout=120)[0] for process in processes]
    assert [(end, process.returncode) for end, process in zip(ends, processes, strict=True)] == [
        ("", 0),
        ("", 0),
    ]
    store = SqlStore(open_engine(database_url), now_s=lambda: 0.0, lease_s=LEASE_S)
    expected = [*OPENING, *["step_started", "step_succeeded"] * 30]
    for name in ("left", "right"):
        events = store.events(RunId(name))
        assert types_of(events) == expected
        assert [event.stamp.seq for event in events] == list(range(1, 63))
        assert [step.state for step in store.steps(RunId(name))] == ["succeeded"] * 30
    assert len(store.stored_digests()) == 90
    store.close()
