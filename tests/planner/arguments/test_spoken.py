"""Parameters from the words of a task, for the cards of this repository."""

import pytest
from worlds import planner, request

from controlllm_planner.arguments.spoken import spoken_parameters
from controlllm_planner.decompose.numbers import spoken_numbers
from controlllm_planner.plan import Value
from controlllm_planner.planner import Planner
from controlllm_planner.task import Request, Task, TaskId
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.registry import Registry

Values = dict[str, str | int | float | bool]


def spoken(card: ToolCard, text: str) -> Values:
    return spoken_parameters(card, Task(id=TaskId("t1"), goal=text, numbers=spoken_numbers(text)))


def card_with(*ports: Port) -> ToolCard:
    return ToolCard(name="tool", version="1", summary="Do it.", inputs=ports, outputs=())


def number(name: str, description: str = "", type_: str = "number") -> Port:
    return Port(name=name, type=type_, optional=True, description=description)


@pytest.fixture(scope="module")
def own_planner(registry: Registry) -> Planner:
    return planner(ToolGraph.from_registry(registry))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Put a border around photo.png. Do not make it red.", {}),
        ("Put a green border around photo.png. Do not make it red.", {"colour": "green"}),
        ("Save photo.png as webp, but never as jpeg", {"format": "webp"}),
        ("Save photo.png as webp, but not as jpeg", {"format": "webp"}),
        ("Rotate photo.png by 90 degrees, don't rotate it clockwise", {"degrees": 90}),
        (
            "Resize photo.png to 300x200, don't keep the shape",
            {"width": 300, "height": 200, "keep_shape": False},
        ),
        ("Make photo.png 1,500 pixels wide", {"width": 1500}),
    ],
)
def test_what_a_request_says_not_to_do_fills_no_parameter(
    own_planner: Planner, text: str, values: Values
) -> None:
    assert values_of(own_planner, request(text, "photo.png:image")) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Trim video.mp4 to the last 0.5 seconds", {"part": "last", "duration_s": 0.5}),
        ("Cut from the last 3 seconds of video.mp4", {"part": "last", "duration_s": 3}),
    ],
)
def test_a_stretch_at_the_end_of_a_file_is_a_length(
    own_planner: Planner, text: str, values: Values
) -> None:
    assert values_of(own_planner, request(text, "video.mp4:video")) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Filter t.csv where price is above 10", {"where": "price > 10"}),
        ("Filter t.csv where price is above 10 and city is Rome", {}),
        (
            "Filter t.csv where price is above 10 or city is Rome",
            {"where": "price > 10 or city is Rome"},
        ),
        (
            "Filter t.csv where price is above 10 and sort it by city",
            {"where": "price > 10", "sort_by": "city"},
        ),
    ],
)
def test_half_a_condition_of_a_request_is_not_taken(
    own_planner: Planner, text: str, values: Values
) -> None:
    assert values_of(own_planner, request(text, "t.csv:table")) == values


def values_of(planner: Planner, asked: Request) -> Values:
    """The values in the one step of a plan."""
    (step,) = planner.plan(asked).steps
    bound = ((port, value) for port, values in step.inputs for value in values)
    return {port: value.value for port, value in bound if isinstance(value, Value)}


def test_two_languages_behind_to_are_two_translations(own_planner: Planner) -> None:
    made = own_planner.plan(request("Translate a.txt to French and Spanish", "a.txt:text"))
    said = [value for step in made.steps for value in dict(step.inputs)["language"]]
    assert said == [Value("french", "option"), Value("spanish", "option")]
    assert made.notes == ()


def test_of_two_choices_of_another_kind_none_is_taken_and_that_is_told(
    own_planner: Planner,
) -> None:
    made = own_planner.plan(request("Rotate a.mp4 to the left and right", "a.mp4:video"))
    assert not any(isinstance(v, Value) for _, values in made.steps[0].inputs for v in values)
    assert made.notes == (
        "the words say 'left' and 'right', of which rotate_video takes one: it was told neither",
    )
