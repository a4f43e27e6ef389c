"""What every journal keeps: any event, any text, and writers that come at the same time."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from typing import TypeVar

import histories
import pytest
from histories import (
    OPENING,
    accept,
    add,
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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journals import LEASE_S

from controlllm.errors import RunConflict
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
from controlllm.provenance.engine import open_engine
from controlllm.provenance.store import SqlStore
from controlllm_planner.task import Attachment, Request
from controlllm_tools.resources import MediaFacts, Resource, ResourceType

T = TypeVar("T")


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
BY_TYPE = {
    "str": IDENTITY,
    "int": WHOLE,
    "float": NUMBER,
    "float | None": st.none() | NUMBER,
    "int | None": st.none() | st.integers(0, 2**62),
}


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
