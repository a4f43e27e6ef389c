"""What exports are made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from eventful_run import CARDS, EventfulRun, eventful_run
from histories import accept, add, finished

from controlllm.errors import RunConflict, RunNotFound
from controlllm.events import RunId
from controlllm.provenance.story import RunStory
from controlllm_tools.resources import Resource


@pytest.fixture
def told(tmp_path: Path) -> Iterator[EventfulRun]:
    told = eventful_run(tmp_path)
    yield told
    told.store.close()


def test_a_story_holds_what_the_record_knows_of_a_run(told: EventfulRun) -> None:
    story = RunStory.read(told.store, told.run_id)
    assert story.run == told.store.run(told.run_id)
    assert story.plan == told.plan
    assert [(step.step, step.tool, step.state) for step in story.steps] == [
        ("s1", "stills", "succeeded"),
        ("s2", "collage", "failed"),
        ("s2b", "stack", "succeeded"),
        ("s3", "make_title", "cached"),
        ("s4", "speak", "failed"),
        ("s5", "shout", "stopped"),
    ]
    assert {card["name"] for card in story.cards.values()} == set(CARDS)


def test_a_value_that_only_an_unused_alternative_needs_was_not_given(told: EventfulRun) -> None:
    seconds = Resource.of_value("number", 3, name="said in the request")
    given = {link.port: link.resource for link in RunStory.read(told.store, told.run_id).given}
    assert given == {
        "my clip.mp4": told.clip,
        "notes.txt": told.notes,
        "words:s1.seconds": seconds,
    }


def test_an_output_is_what_stands_for_it_in_the_end(told: EventfulRun) -> None:
    outputs = RunStory.read(told.store, told.run_id).outputs
    assert [(link.step, link.port, link.resource) for link in outputs] == [
        ("s2b", "image", told.stacked),
        ("s3", "title", told.title),
    ]


def test_a_run_without_steps_has_no_story(told: EventfulRun) -> None:
    claim = accept(told.store)
    with pytest.raises(RunConflict, match=f"run {claim.run_id} has not begun any step"):
        RunStory.read(told.store, claim.run_id)
    add(told.store, claim, finished("failed"))
    with pytest.raises(RunConflict, match="there is nothing to export yet"):
        RunStory.read(told.store, claim.run_id)


def test_an_unknown_run_has_no_story(told: EventfulRun) -> None:
    with pytest.raises(RunNotFound, match="no run has the id 'nobody'"):
        RunStory.read(told.store, RunId("nobody"))
