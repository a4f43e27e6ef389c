"""Why there is no route, in words, and why each tool is or is not in a plan."""

from dataclasses import replace

import pytest
from worlds import CARDS, GRAPH, TYPES, card, planner, request

from controlllm_planner.errors import NoSolution
from controlllm_planner.planner import Planner
from controlllm_planner.task import Constraints, Given, Spoken, Task, TaskId
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType

PLANNER = planner()


def no_solution(made_by: Planner, given: str, wants: str, goal: str = "") -> NoSolution:
    task = Task(
        id=TaskId("t1"),
        goal=goal,
        given=(Given(type=ResourceType(given), origin=Spoken("")),),
        wants=(ResourceType(wants),),
    )
    error = made_by.no_solution(task, Constraints(), cut_short=0)
    assert isinstance(error, NoSolution)
    return error


def test_no_route_is_told_with_what_leads_where_and_what_would_connect() -> None:
    error = no_solution(PLANNER, "audio.music", "dance", "dance to it")
    assert str(error) == (
        "no route to dance for 'dance to it': music leads nowhere, and no chain of tools to dance; "
        "a tool from music to beats (choreograph would go on from there) would connect these"
    )
    assert [m.output for m in error.missing] == ["beats"]


def test_what_is_of_the_wanted_kind_is_named_as_it_may_do_as_well() -> None:
    cards = [*CARDS, card("sing", "audio:audio lyrics:dance", "song:audio.music")]
    graph = ToolGraph([each for each in cards if each.name != "choreograph"], TYPES)
    error = no_solution(planner(graph), "text", "audio.music")
    assert "text leads to audio, and no chain of tools to music" in str(error)


def test_where_nothing_of_the_kind_can_be_made_the_kinds_there_are_named() -> None:
    error = no_solution(PLANNER, "image", "dance")
    assert "image leads to audio, boxes and text, and no chain of tools to dance" in str(error)


def test_a_tool_that_is_there_and_may_not_be_used_is_named_first() -> None:
    here = replace(PLANNER, unavailable={"measure_video": "needs ffmpeg"})
    error = no_solution(here, "video", "beats")
    said = str(error)
    assert "measure_video would open one, but may not be used: needs ffmpeg; a tool from" in said
    assert [each.tool for each in error.closed] == ["measure_video"]


def test_what_can_be_made_but_not_from_all_of_it_asks_for_less() -> None:
    task = Task(
        id=TaskId("t1"),
        goal="write",
        given=tuple(
            Given(type=ResourceType(name), origin=Spoken("")) for name in ("image", "dance")
        ),
        wants=(ResourceType("text"),),
    )
    error = PLANNER.no_solution(task, Constraints(), cut_short=0)
    assert "no chain of tools leads from image and dance to text for 'write'" in str(error)


def test_a_large_set_of_what_can_be_made_is_cut() -> None:
    kinds = [f"kind_{letter}" for letter in "abcdefghij"]
    cards = [card(f"make_{kind}", "text:text", f"out:{kind}") for kind in kinds]
    graph = ToolGraph([*cards, card("far", "lost:dance", "out:beats")], TYPES)
    said = str(no_solution(planner(graph), "text", "beats"))
    assert "kind_f and more" not in said
    assert "kind f and more" in said
    assert "kind g" not in said


@pytest.mark.parametrize("words", ["Describe a.png", "Blur a.png"])
def test_every_decision_has_a_reason(words: str) -> None:
    made = PLANNER.plan(request(words, "a.png:image"))
    assert made.decisions
    assert all(each.reason for each in made.decisions)
    assert {each.verdict for each in made.decisions} <= {"kept", "dominated", "pruned_by_type"}
    assert GRAPH.card(made.decisions[0].candidate)
