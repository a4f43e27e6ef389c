"""Several languages or formats in one wish."""

from dataclasses import replace

import pytest
from worlds import card

from controlllm_planner.decompose.listed_values import for_each_value, offers_only
from controlllm_planner.task import Clause, Task, TaskId
from controlllm_tools.card import Port, ToolCard


def with_choices(*choices: str) -> ToolCard:
    made = card("render", "text:text", "result:text", "Render a text.")
    return replace(made, inputs=(*made.inputs, Port(name="as", type="option", choices=choices)))


INTO_LANGUAGES, INTO_FORMATS = with_choices("english", "spanish"), with_choices("mp3", "flac")


def said(goal: str, tool: ToolCard, *clauses: str) -> list[tuple[str, list[str]]]:
    read = tuple(Clause(text=text, asks=True) for text in clauses or (goal,))
    task = Task(id=TaskId(""), goal=goal, given=(), wants=(), clauses=read)
    return [(each.goal, [one.text for one in each.clauses]) for each in for_each_value(task, tool)]


@pytest.mark.parametrize(
    ("goal", "each"),
    [
        ("translate it into Spanish and French", "translate it into {}"),
        ("translate it to both Spanish and French, please", "translate it to {}, please"),
        ("put it in Spanish as well as in French", "put it in {}"),
        ("translate it to Spanish & to French", "translate it to {}"),
        ("translate it from English to Spanish and French", "translate it from English to {}"),
        ("translate it into Spanish and French and read it", "translate it into {} and read it"),
    ],
)
def test_each_language_is_wished_for_alone(goal: str, each: str) -> None:
    wanted = [(each.format(name), [each.format(name)]) for name in ("Spanish", "French")]
    assert said(goal, INTO_LANGUAGES) == wanted


def test_a_list_that_was_cut_into_clauses_is_one_list() -> None:
    goal = "render it into Spanish, German and French"
    found = said(goal, INTO_LANGUAGES, "render it into Spanish, German", "French")
    assert found == [
        (f"render it into {name}", [f"render it into {name}"])
        for name in ("Spanish", "German", "French")
    ]


def test_formats_may_have_a_dot() -> None:
    found = said("save it as .mp3, .flac and .ogg", INTO_FORMATS)
    assert [goal for goal, _ in found] == [f"save it as {each}" for each in ("mp3", "flac", "ogg")]
    chained = said("save it as mp3 and flac and ogg", INTO_FORMATS)
    assert [goal for goal, _ in chained] == [goal for goal, _ in found]


def test_a_value_is_said_once_however_the_list_was_cut() -> None:
    found = said("render to mp3 and flac", INTO_FORMATS, "render to mp3", "flac")
    assert [clauses for _, clauses in found] == [["render to mp3"], ["render to flac"]]


@pytest.mark.parametrize(
    ("goal", "tool"),
    [
        ("translate it into Spanish", INTO_LANGUAGES),
        ("translate it into Spanish and read it", INTO_LANGUAGES),
        ("compare the Spanish and French parts", INTO_LANGUAGES),
        ("translate my notes in Spanish and French into Portuguese", INTO_LANGUAGES),
        ("translate it to English and read it to Anna in Spanish and French", INTO_LANGUAGES),
        ("convert the files in wav and flac to mp3", INTO_FORMATS),
        ("trim the mp3 and flac files, convert them to wav and mp3", INTO_FORMATS),
        ("translate it into Spanish and French", INTO_FORMATS),
        ("turn it to the left and right", with_choices("left", "right")),
    ],
)
def test_all_else_stays_one_wish(goal: str, tool: ToolCard) -> None:
    assert said(goal, tool) == [(goal, [goal])]


def test_choices_of_one_kind_may_name_dialects() -> None:
    names = frozenset({"english", "spanish"})
    assert offers_only(("English-US", "spanish"), names)
    assert not offers_only(("english", "unknown"), names)
    assert not offers_only((), names)
