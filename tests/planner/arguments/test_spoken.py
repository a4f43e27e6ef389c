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


RESIZE: list[tuple[str, Values]] = [
    ("make it 200x200", {"width": 200, "height": 200}),
    ("resize to 1024 x 768", {"width": 1024, "height": 768}),
    ("resize to 300 by 200 pixels", {"width": 300, "height": 200}),
    ("resize to 300px", {"width": 300}),
    ("scale it to 300 pixels wide", {"width": 300}),
    ("resize to 100 pixels high", {"height": 100}),
    ("300px wide and 200px tall", {"width": 300, "height": 200}),
    ("width of 200", {"width": 200}),
    ("height: 100, width: 200", {"width": 200, "height": 100}),
    ("200 width 100 height", {"width": 200, "height": 100}),
    ("height 100 width 200", {"width": 200, "height": 100}),
    ("two hundred pixels wide", {"width": 200}),
    ("scale by 1.5x", {"scale": 1.5}),
    ("scale by 2", {"scale": 2}),
    ("enlarge by a factor of 3", {"scale": 3}),
    ("make it three times larger", {"scale": 3}),
    ("make it twice as large", {"scale": 2}),
    ("double it", {"scale": 2}),
    ("half the size", {"scale": 0.5}),
    ("1.5 times", {"scale": 1.5}),
    ("scale to 150%", {"scale": 1.5}),
    ("shrink by 20%", {"scale": 0.8}),
]


@pytest.mark.parametrize(("text", "values"), RESIZE)
def test_sizes_and_factors_of_a_picture(registry: Registry, text: str, values: Values) -> None:
    assert spoken(registry.cards["resize_image"], text) == values


CROP: list[tuple[str, Values]] = [
    (
        "crop from (100, 50) with width 200 and height 100",
        {"left": 100, "top": 50, "width": 200, "height": 100},
    ),
    ("crop 300x200 at (10, 20)", {"left": 10, "top": 20, "width": 300, "height": 200}),
    ("crop from 100, 50", {"left": 100, "top": 50}),
    ("crop to 300 by 200 pixels", {"width": 300, "height": 200}),
    ("cut off the top 50 pixels", {"top": 50, "part": "top"}),
    ("the left half of the photo", {"part": "left"}),
    ("cut 50 pixels off the left and 20 from the top", {"left": 50, "top": 20}),
    ("width 300, then 20x20", {"width": 300}),
]


@pytest.mark.parametrize(("text", "values"), CROP)
def test_points_and_sizes_of_a_rectangle(registry: Registry, text: str, values: Values) -> None:
    assert spoken(registry.cards["crop_image"], text) == values


def test_a_point_goes_to_ports_of_the_names_x_and_y() -> None:
    assert spoken(card_with(number("x"), number("y")), "at (3, 4)") == {"x": 3, "y": 4}


COUNTS: list[tuple[str, str, Values]] = [
    ("key_frames", "take 3 stills from the video", {"count": 3}),
    ("key_frames", "give me five telling frames", {"count": 5}),
    ("key_frames", "one still", {"count": 1}),
    ("extract_keywords", "list 5 keywords", {"count": 5}),
    ("extract_keywords", "the ten most important words", {"count": 10}),
    ("summarize_text", "sum it up in two sentences", {"sentences": 2}),
    ("text_to_speech", "read it at 120 words a minute", {"speed": 120}),
    ("text_to_speech", "read it with speed 200", {"speed": 200}),
    ("dub_video", "put it under at -20dB", {"gain_db": -20}),
    ("dub_video", "with a 3 second fade", {"fade_s": 3}),
    ("crop_to_box", "crop with a margin of 20%", {"margin": 0.2}),
]


@pytest.mark.parametrize(("name", "text", "values"), COUNTS)
def test_a_number_goes_to_what_the_noun_beside_it_names(
    registry: Registry, name: str, text: str, values: Values
) -> None:
    assert spoken(registry.cards[name], text) == values


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("music, 1 minute long", 60),
        ("90 seconds of music", 90),
        ("compose music for 2 min", 120),
        ("a 20s track", 20),
        ("1 minute and 30 seconds of music", 90),
    ],
)
def test_a_length_of_time_is_given_in_seconds(
    registry: Registry, text: str, seconds: float
) -> None:
    assert spoken(registry.cards["compose_music"], text) == {"seconds": seconds}


def test_a_length_of_time_is_given_in_the_unit_of_the_port() -> None:
    card = card_with(number("duration", "length in minutes"))
    assert spoken(card, "90 seconds long") == {"duration": 1.5}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose_music", "music with a 2 second fade"),
        ("compose_music", "music in the style of the 80s"),
        ("dub_video", "add 20 seconds of music"),
        ("text_to_speech", "read it in 1 minute"),
        ("text_to_speech", "read the first 20 words"),
        ("key_frames", "the one with the faces of 3 people"),
        ("key_frames", "stills of the first 20 seconds"),
        ("resize_image", "scale it to 300"),
        ("resize_image", "play it twice as fast"),
        ("resize_image", "cut off 50 pixels"),
        ("crop_image", "the better half of the photo"),
        ("summarize_text", "sum up these 3 pages"),
        ("resize_image", f"{'9' * 400} pixels wide"),
    ],
)
def test_no_value_is_invented(registry: Registry, name: str, text: str) -> None:
    assert spoken(registry.cards[name], text) == {}


@pytest.mark.parametrize("which", ["all three", "these 3", "those three"])
def test_how_many_things_are_handed_over_is_no_value(registry: Registry, which: str) -> None:
    values = spoken(registry.cards["convert_image"], f"convert {which} to webp")
    assert values == {"format": "webp"}


def test_ports_that_share_a_word_are_told_apart_by_the_other_one() -> None:
    card = card_with(number("min_length"), number("max_length"))
    values = {"min_length": 5, "max_length": 20}
    assert spoken(card, "max length 20 and min length 5") == values


def test_a_choice_is_taken_when_its_word_is_said(registry: Registry) -> None:
    assert spoken(registry.cards["text_to_speech"], "a man reads it") == {"voice": "man"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("translate it to Spanish", {"language": "spanish"}),
        ("translate it from French to English", {"from_language": "french", "language": "english"}),
        ("put the letter from Spanish into other words", {"from_language": "spanish"}),
    ],
)
def test_a_language_is_the_source_only_behind_from(
    registry: Registry, text: str, values: Values
) -> None:
    assert spoken(registry.cards["translate_text"], text) == values
