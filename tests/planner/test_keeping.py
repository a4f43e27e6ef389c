"""Of many things those are kept that a wish names."""

from __future__ import annotations

import pytest
from worlds import CARDS, GRAPH, TYPES, calls, card, planner, request

from controlllm_planner.keeping import is_whole, keepers_of, with_label
from controlllm_planner.task import (
    NEVER,
    Ending,
    FromAttachment,
    FromTask,
    Given,
    Spoken,
    Task,
    TaskId,
)
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType

BOXES = ResourceType("boxes")
LABEL = Given(
    type=ResourceType("text.label"), origin=Spoken("the dog"), required=False, weight=NEVER
)
QUOTED = Given(type=ResourceType("text"), origin=Spoken("a cat"), required=True)
PICTURE = Given(
    type=ResourceType("image"), origin=FromAttachment("a.png"), required=False, weight=0.3
)


def task(*given: Given, tools: tuple[str, ...] = ()) -> Task:
    endings = tuple(Ending(tool, 1.0, 1.0) for tool in tools)
    return Task(id=TaskId("t1"), goal="x", wants=(BOXES,), given=given, endings=endings)


def test_a_label_must_be_used_and_other_words_not() -> None:
    asked = with_label(task(QUOTED, PICTURE, LABEL, tools=("blur", "crop")), {"crop"}, {"select"})
    assert [(each.required, each.weight) for each in asked.given] == [
        (False, NEVER),
        (False, 0.3),
        (True, 0.0),
    ]
    assert [ending.tool for ending in asked.endings] == ["crop", "select"]


def test_a_tool_keeps_some_of_just_what_the_wish_ends_with() -> None:
    assert list(keepers_of(task(tools=("detect_objects",)), GRAPH)) == ["select_boxes"]
    assert list(keepers_of(task(tools=("draw_boxes",)), GRAPH)) == []
    assert list(keepers_of(task(), GRAPH)) == []


def test_what_is_found_is_narrowed_to_what_is_named() -> None:
    plan = planner().plan(request("Detect the dog in a.png", "a.png:image"))
    assert calls(plan) == [
        "s1 detect_objects(image=a.png)",
        "s2 select_boxes(boxes=s1.boxes, label='dog')",
    ]


def test_a_tool_that_keeps_by_label_gets_the_label_and_not_the_whole_wish() -> None:
    plan = planner().plan(request("Select the boxes of the dog in a.png", "a.png:image"))
    assert calls(plan) == [
        "s1 detect_objects(image=a.png)",
        "s2 select_boxes(boxes=s1.boxes, label='dog')",
    ]


def test_the_results_of_an_earlier_wish_are_narrowed_once() -> None:
    found = Given(type=BOXES, origin=FromTask(TaskId("t1")))
    assert is_whole(found, "dog", {})
    assert is_whole(found, "dog", {TaskId("t1"): "cat"})
    assert not is_whole(found, "dog", {TaskId("t1"): "dog"})
    assert not is_whole(PICTURE, "dog", {})


@pytest.mark.parametrize("text", ["Detect the objects in a.png, then highlight the dog"])
def test_a_label_of_a_later_wish_narrows_what_was_found_before(text: str) -> None:
    plan = planner().plan(request(text, "a.png:image"))
    assert [step.tool for step in plan.steps] == ["detect_objects", "select_boxes", "draw_boxes"]


def test_a_mask_that_is_kept_is_not_the_picture_that_is_wanted() -> None:
    erase = card("erase", "image:image mask:image.mask", "image:image", "Erase a part.")
    keep = card("select_mask", "mask:image.mask label:text", "mask:image.mask", "Select masks.")
    graph = ToolGraph([*CARDS, erase, keep], TYPES)
    assert list(keepers_of(task(tools=("erase",)), graph)) == []
    assert list(keepers_of(task(tools=("segment_picture",)), graph)) == ["select_mask"]
