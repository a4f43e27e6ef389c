"""Where values come from, and which tools only connect."""

from dataclasses import replace

import pytest
from worlds import CARDS, TYPES, card, planner, request

from controlllm_planner.planner import Planner
from controlllm_planner.reasoning.scene import Scene
from controlllm_planner.reasoning.sources import Connection, Filled, connections, filled
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Port

PLANNER = planner()


def scene(text: str, *attachments: str, made_by: Planner = PLANNER, at: int = 0) -> Scene:
    asked = request(text, *attachments)
    trace = made_by.trace(asked)
    return Scene(
        planner=made_by,
        request=asked,
        priors=made_by.priors(),
        before=trace.answers[:at],
        answer=trace.answers[at],
    )


def values(told: Scene) -> list[Filled]:
    return list(filled(told, told.steps(told.best)))


def test_connecting_tools_are_told_with_who_takes_what_they_make() -> None:
    told = scene("Dub clip.mp4 with a suitable background music", "clip.mp4:video")
    assert Connection(
        tool="compose", takes=("beats",), makes="music", reader="dub", needs="audio"
    ) in list(connections(told))
    assert {each.tool for each in connections(told)} == {"compose", "measure_video"}


def test_an_inherited_result_is_told_with_the_tool_that_found_it_out() -> None:
    told = scene("Dub clip.mp4 with a suitable background music", "clip.mp4:video")
    assert values(told) == [
        Filled(
            tool="compose",
            port="seconds",
            value="s1.seconds",
            source="found out by measure_video",
            is_result=True,
        )
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [("with strength 7", "from '7'"), ("at a strength of 2.5 please", "from '2.5 please'")],
)
def test_a_number_is_told_with_the_words_it_stands_in(words: str, said: str) -> None:
    (strength,) = values(scene(f"Blur a.png {words}", "a.png:image"))
    assert (strength.port, strength.source) == ("strength", said)


def test_a_number_is_not_told_with_words_that_say_what_not_to_do() -> None:
    (strength,) = values(
        scene("Never draw 7 boxes. Blur a.png with strength 7 please", "a.png:image")
    )
    assert (strength.port, strength.source) == ("strength", "from '7 please'")


def test_a_length_said_in_minutes_is_found_for_its_seconds() -> None:
    made_by = planner(
        ToolGraph(
            [*CARDS, card("cut", "video:video seconds:number.seconds?", "video:video")], TYPES
        )
    )
    (seconds,) = values(scene("Cut clip.mp4 to 2 minutes", "clip.mp4:video", made_by=made_by))
    assert (seconds.value, seconds.source) == (120, "from '2 minutes'")


def test_a_choice_is_told_by_its_word() -> None:
    way = Port(name="direction", type="option", optional=True, choices=("left", "right"))
    turn = card("turn", "image:image", "image:image", "Turn a picture.")
    made_by = planner(ToolGraph([*CARDS, replace(turn, inputs=(*turn.inputs, way))], TYPES))
    (chosen,) = values(scene("Turn a.png left", "a.png:image", made_by=made_by))
    assert (chosen.value, chosen.source) == ("left", "from the word 'left'")


def test_a_quotation_a_label_and_the_words_themselves_are_told_apart() -> None:
    (quoted,) = values(scene('Read aloud "Good morning"'))
    assert (quoted.value, quoted.source) == ("Good morning", "from the quotation")
    meant = values(scene("Highlight the dog in a.png", "a.png:image"))
    assert [(each.value, each.source) for each in meant] == [
        ("dog", "from the words, as the thing that is meant")
    ]
