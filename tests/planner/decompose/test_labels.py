"""The thing that a wish is about."""

import pytest
from worlds import GRAPH, TYPES

from controlllm_planner.decompose.labels import label_of
from controlllm_planner.decompose.mentions import TypeWords

TYPE_WORDS = TypeWords(TYPES, GRAPH.type_names)


def names_a_type(phrase: str) -> bool:
    return any(mention.end == len(phrase) for mention in TYPE_WORDS.find(phrase))


def label(goal: str) -> str:
    return label_of(goal, names_a_type)


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ("highlight the dog", "dog"),
        ("highlight the red car in the picture", "red car"),
        ("mask all cats of the photo", "cats"),
        ("cut out a yellow rain coat from", "yellow rain coat"),
        ("draw a box around the bicycle, please", "bicycle"),
        ("find every traffic-light in this film", "traffic-light"),
        ("take the jogging action from the clip", "jogging"),
        ("check if a boat is in the picture", "boat"),
        ("tell whether bicycles are present in it", "bicycles"),
    ],
)
def test_the_thing_that_is_named_is_the_label(goal: str, said: str) -> None:
    assert label(goal) == said


@pytest.mark.parametrize(
    "goal",
    [
        "",
        "blur it",
        "blur the picture",
        "draw the bounding boxes on the photo",
        "highlight all objects in the picture",
        "cut off the left side",
        "the first one",
        "see if you can blur it",
        "check whether it is dark",
        "count the 12",
    ],
)
def test_types_and_general_words_are_no_label(goal: str) -> None:
    assert label(goal) == ""


def test_of_several_things_the_last_is_meant() -> None:
    assert label("leave the tree and highlight the dog") == "dog"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["the ", "the x ", "a ", "x ", "x-", " ", "'", "of x ", "the\t"])
def test_long_wishes_are_read_in_linear_time(piece: str) -> None:
    assert len(label("highlight " + piece * (100_000 // len(piece)))) <= 100_000
