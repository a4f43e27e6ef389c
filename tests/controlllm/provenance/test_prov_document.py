"""The story of a run in W3C PROV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from eventful_run import CARDS, FINISHED_AT, GOAL, STARTED_AT, EventfulRun, eventful_run
from prov.model import (
    ProvActivity,
    ProvAgent,
    ProvAssociation,
    ProvAttribution,
    ProvCommunication,
    ProvDelegation,
    ProvDerivation,
    ProvDocument,
    ProvEntity,
    ProvGeneration,
    ProvRecord,
    ProvSpecialization,
    ProvUsage,
)

from controlllm.provenance.prov_document import NAMESPACE, prov_document
from controlllm.provenance.story import RunStory


@pytest.fixture
def told(tmp_path: Path) -> Iterator[EventfulRun]:
    told = eventful_run(tmp_path)
    yield told
    told.store.close()


@pytest.fixture
def document(told: EventfulRun) -> ProvDocument:
    return prov_document(RunStory.read(told.store, told.run_id))


def short(name: object, told: EventfulRun) -> str:
    """A name without what all names of the run share."""
    local = getattr(name, "localpart", str(name))
    return str(local).replace(f"/{told.run_id}", "")


def related(document: ProvDocument, kind: type[ProvRecord], told: EventfulRun) -> list[list[str]]:
    """The first two ends of every relation of a kind."""
    return [
        [short(value, told) for _, value in record.formal_attributes[:2]]
        for record in document.get_records(kind)
    ]


def about(document: ProvDocument, record: ProvRecord) -> dict[str, object]:
    return {str(name): value for name, value in record.extra_attributes}


def test_it_reads_back_as_it_was_written(document: ProvDocument) -> None:
    text = document.serialize(format="json")
    assert text is not None
    again = ProvDocument.deserialize(content=text, format="json")
    assert again == document
    assert text.isascii()


def test_the_run_and_its_steps_are_activities(document: ProvDocument, told: EventfulRun) -> None:
    activities = {short(a.identifier, told): a for a in document.get_records(ProvActivity)}
    assert list(activities) == [
        "run",
        "step/s1",
        "step/s2",
        "step/s2b",
        "step/s3",
        "step/run-0/s8",
        "step/s4",
        "step/s5",
    ]
    run = activities["run"]
    assert run.get_startTime() == datetime.fromisoformat(STARTED_AT)
    assert run.get_endTime() == datetime.fromisoformat(FINISHED_AT)
    assert about(document, run) == {"prov:label": GOAL, "c:state": "partial"}
    step = activities["step/s4"]
    assert about(document, step) == {
        "prov:label": "s4 speak",
        "c:state": "failed",
        "c:attempts": 2,
        "c:key": told.store.steps(told.run_id)[4].key,
        "c:error": "invalid_input",
        "c:message": "no voice [31m speaks this",
    }


def test_steps_are_informed_by_their_run_and_by_the_step_they_were_taken_from(
    document: ProvDocument, told: EventfulRun
) -> None:
    assert related(document, ProvCommunication, told) == [
        ["step/s1", "run"],
        ["step/s2", "run"],
        ["step/s2b", "run"],
        ["step/s3", "run"],
        ["step/s3", "step/run-0/s8"],
        ["step/s4", "run"],
        ["step/s5", "run"],
    ]


def test_tools_act_for_the_engine_and_the_engine_for_the_person(
    document: ProvDocument, told: EventfulRun
) -> None:
    tools = {name: f"tool/{name}/{card.card_hash}" for name, card in CARDS.items()}
    agents = {short(a.identifier, told): a for a in document.get_records(ProvAgent)}
    assert list(agents) == ["person", "engine", *tools.values()]
    stack = agents[tools["stack"]]
    assert {str(name): str(value) for name, value in about(document, stack).items()} == {
        "prov:type": "prov:SoftwareAgent",
        "prov:label": "stack",
        "c:version": "1",
        "c:card_sha256": CARDS["stack"].card_hash,
        "c:licence": "MIT",
    }
    assert related(document, ProvDelegation, told) == [
        ["engine", "person"],
        *([tool, "engine"] for tool in tools.values()),
    ]
    by_step = {"s1": "stills", "s2": "collage", "s2b": "stack", "s3": "make_title"}
    by_step |= {"s4": "speak", "s5": "shout"}
    assert related(document, ProvAssociation, told) == [
        ["run", "engine"],
        *([f"step/{step}", tools[tool]] for step, tool in by_step.items()),
    ]
    plans = {short(a.formal_attributes[2][1], told) for a in document.get_records(ProvAssociation)}
    assert plans == {f"plan/{told.plan.digest}"}


def test_steps_used_what_there_was_and_generated_what_they_made(
    document: ProvDocument, told: EventfulRun
) -> None:
    frames = [f"made/s1/frames/{n}" for n in (0, 1, 0)]
    assert related(document, ProvUsage, told) == [
        ["step/s1", "given/words%3As1.seconds/0"],
        ["step/s1", "given/my%20clip.mp4/0"],
        *(["step/s2", frame] for frame in frames),
        *(["step/s2b", frame] for frame in frames),
        ["step/s3", "given/notes.txt/0"],
        ["step/s4", "made/s3/title/0"],
        ["step/s5", "made/s3/title/0"],
    ]
    assert related(document, ProvGeneration, told) == [
        ["made/s1/frames/0", "step/s1"],
        ["made/s1/frames/1", "step/s1"],
        ["made/s1/frames/2", "step/s1"],
        ["made/s2b/image/0", "step/s2b"],
        ["made/s3/title/0", "step/s3"],
    ]


def test_what_a_step_made_derives_from_what_it_read(
    document: ProvDocument, told: EventfulRun
) -> None:
    stills = ["given/words%3As1.seconds/0", "given/my%20clip.mp4/0"]
    assert related(document, ProvDerivation, told) == [
        *([f"made/s1/frames/{n}", read] for n in range(3) for read in stills),
        ["made/s2b/image/0", "made/s1/frames/0"],
        ["made/s2b/image/0", "made/s1/frames/1"],
        ["made/s3/title/0", "given/notes.txt/0"],
    ]


def test_equal_bytes_are_one_content_that_several_entities_specialise(
    document: ProvDocument, told: EventfulRun
) -> None:
    handed_on = [
        place
        for place, content in related(document, ProvSpecialization, told)
        if content == f"content/{told.frames[1].sha256}"
    ]
    assert handed_on == ["made/s1/frames/1", "made/s2b/image/0"]
    generated = [entity for entity, _ in related(document, ProvGeneration, told)]
    assert len(generated) == len(set(generated))


def test_what_was_handed_over_is_the_persons(document: ProvDocument, told: EventfulRun) -> None:
    assert related(document, ProvAttribution, told) == [
        ["given/my%20clip.mp4/0", "person"],
        ["given/notes.txt/0", "person"],
        ["given/words%3As1.seconds/0", "person"],
    ]
    entities = {short(e.identifier, told): e for e in document.get_records(ProvEntity)}
    assert about(document, entities["given/my%20clip.mp4/0"]) == {
        "prov:type": "video",
        "prov:label": "my clip.mp4",
        "c:mime": "video/mp4",
        "c:caption": "9.5 s",
        "c:duration_s": 9.5,
    }
    assert about(document, entities[f"content/{told.notes.sha256}"]) == {
        "c:sha256": told.notes.sha256,
        "c:size_bytes": told.notes.size_bytes,
        "c:text": "Some notes with ä \u0000.",
    }


def test_names_are_uris_of_ours(document: ProvDocument, told: EventfulRun) -> None:
    named = [r for r in document.get_records() if r.identifier is not None]
    assert {r.identifier.namespace.uri for r in named} == {NAMESPACE}
    assert all(" " not in r.identifier.uri for r in named)
