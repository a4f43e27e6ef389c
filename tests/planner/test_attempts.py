"""A task is tried again with less, more or something else asked of it."""

from __future__ import annotations

from controlllm_planner.attempts import of_more, relaxed
from controlllm_planner.decompose.by_matching import WISH_AS_TEXT
from controlllm_planner.task import (
    NEVER,
    Ending,
    FromAttachment,
    Given,
    Spoken,
    Task,
    TaskId,
)
from controlllm_tools.resources import ResourceType

WORDS = Given(
    type=ResourceType("text"), origin=Spoken("blur it"), required=False, weight=WISH_AS_TEXT
)
QUOTED = Given(type=ResourceType("text"), origin=Spoken("a cat"), required=True)


def thing(name: str, type_: str = "image", *, required: bool = False) -> Given:
    return Given(
        type=ResourceType(type_), origin=FromAttachment(name), required=required, weight=0.3
    )


def task(*given: Given, via: tuple[ResourceType, ...] = (), tools: tuple[str, ...] = ()) -> Task:
    endings = tuple(Ending(tool, 1.0, 1.0) for tool in tools)
    wants = (ResourceType("image"),)
    return Task(id=TaskId("t1"), goal="x", wants=wants, given=given, via=via, endings=endings)


def test_less_is_asked_in_turn() -> None:
    asked = task(QUOTED, via=(ResourceType("boxes"),), tools=("blur",))
    eased, attempts = zip(*relaxed(asked), strict=True)
    assert eased == ("nothing", "things", "things", "tools")
    first, without_via, free, any_tool = attempts
    assert first is asked
    assert (without_via.via, without_via.given) == ((), asked.given)
    assert [each.required for each in free.given] == [False]
    assert (free.endings, any_tool.endings) == (asked.endings, ())
    plain = task(thing("a.png", required=True))
    assert list(relaxed(plain)) == [("nothing", plain)]


def test_before_a_person_is_asked_the_words_of_the_wish_go_and_one_thing_of_each_type_must_do() -> (
    None
):
    held = thing("a.png", required=True), WORDS, thing("b.mp4", "video"), thing("c.mp4", "video")
    without_words, with_video = of_more(task(*held))
    assert [each.weight for each in without_words.given] == [0.3, NEVER, 0.3, 0.3]
    assert [each.required for each in with_video.given] == [True, False, True, False]


def test_few_things_are_tried_however_many_there_are() -> None:
    held = [thing(f"{n}", f"image.kind{n}") for n in range(100)]
    assert len(list(of_more(task(*held)))) <= 5
