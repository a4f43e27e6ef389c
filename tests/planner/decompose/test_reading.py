"""Reading a request into wishes."""

import numpy as np
import pytest
from worlds import GRAPH, request

from controlllm_planner.decompose.last_tool import TEXT
from controlllm_planner.decompose.mentions import mark
from controlllm_planner.decompose.reading import Reader, Wish, spoken_types
from controlllm_planner.matching.match import Match
from controlllm_planner.matching.model import Matcher
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.registry import Registry

TEXT_NUMBER = GRAPH.type_number[TEXT]
LEXICAL = LexicalRelevance(GRAPH)
READER = Reader(GRAPH, LEXICAL, Matcher.shipped(GRAPH, LEXICAL))


def read(text: str, *attachments: str) -> tuple[list[Wish], list[str]]:
    asked = request(text, *attachments)
    marked = mark(asked.text, asked.attachments)
    return READER.wishes(marked, [each.type for each in asked.attachments])


def wishes(text: str, *attachments: str) -> list[Wish]:
    return read(text, *attachments)[0]


def tool(wish: Wish) -> str:
    return GRAPH.cards[wish.match.likeliest].name


def test_each_clause_that_asks_for_a_tool_is_a_wish_in_the_order_it_was_said() -> None:
    found = wishes("Blur a.png, then describe it and make a title for the text", "a.png:image")
    assert [tool(wish) for wish in found] == ["blur_picture", "caption_picture", "make_title"]


def test_a_clause_that_hands_over_belongs_to_the_wish_behind_it() -> None:
    (wish,) = wishes("I have a photo a.png of my dog. Blur it.", "a.png:image")
    assert [mention.text for mention in wish.mentions] == ["a.png"]
    assert tool(wish) == "blur_picture"


def test_a_clause_that_asks_for_nothing_belongs_to_the_wish_before_it() -> None:
    (wish,) = wishes("Blur a.png. My grandmother will love it.", "a.png:image")
    assert "grandmother" in wish.goal


@pytest.mark.parametrize("said", ["You can use boxes.", "You may use a title too."])
def test_what_may_be_used_is_no_wish_of_its_own(said: str) -> None:
    (wish,) = wishes(f"Blur a.png. {said}", "a.png:image")
    assert tool(wish) == "blur_picture"


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("Draw an image that features trees, cats, dogs.", "Draw an image ."),
        ("Draw a new image showing the detection of a dog!", "Draw a new image !"),
        ("Draw an image that shows the boxes", "Draw an image that shows the boxes"),
        ("Find the image that shows a dog", "Find the image that shows a dog"),
    ],
)
def test_what_a_new_thing_is_to_show_asks_for_no_tool(text: str, read_as: str) -> None:
    (part,) = READER.parts(mark(text, ()), ())
    assert part.words.text == read_as


def test_what_the_new_thing_should_be_like_is_no_wish_of_its_own() -> None:
    text = "Draw a new picture from the boxes of a.png. The new picture should show a lake."
    (wish,) = wishes(text, "a.png:image")
    assert wish.goal.endswith("should show a lake.")
    assert len(wishes("Blur a.png. The picture should be described.", "a.png:image")) == 2


def test_a_wish_is_read_without_what_it_points_at_and_said_back_with_it() -> None:
    (wish,) = wishes("Blur a.png with strength 7", "a.png:image")
    assert "a.png" not in wish.goal
    assert wish.readable == "Blur a.png with strength 7"
    assert [number.value for number in wish.numbers] == [7]


def test_a_wish_knows_its_verb_its_types_and_its_label() -> None:
    (wish,) = wishes("Highlight the dog on this picture with boxes", "a.png:image")
    assert (wish.verb, wish.label) == ("highlight", "dog")
    assert [mention.type for mention in wish.types] == ["image", "boxes"]


def test_a_type_of_the_catalogue_is_no_label() -> None:
    assert wishes("Describe the photo", "a.png:image")[0].label == ""


def test_clauses_that_ask_for_the_same_of_nothing_new_are_one_wish() -> None:
    assert len(wishes("Blur a.png and blur it well", "a.png:image")) == 1


def test_the_same_of_another_file_is_another_wish() -> None:
    found = wishes("Blur a.png with strength 2, blur b.png", "a.png:image", "b.png:image")
    assert [[m.text for m in wish.mentions if m.attachment >= 0] for wish in found] == [
        ["a.png"],
        ["b.png"],
    ]


def test_the_clauses_that_ask_for_nothing_known_are_told() -> None:
    found, missed = read("Fribble the gronk", "a.png:image")
    assert found == []
    assert missed == ["Fribble the gronk"]


def test_a_clause_that_hardly_asks_for_any_tool_asks_for_none(registry: Registry) -> None:
    graph = ToolGraph.from_registry(registry)
    lexical = LexicalRelevance(graph)
    reader = Reader(graph, lexical, Matcher.shipped(graph, lexical))
    for text in ("make me a picture of a dog", "walk the dog", "order a pizza"):
        found, missed = reader.wishes(mark(text, ()), [])
        assert (found, missed) == ([], [text])


def test_tools_that_make_the_same_kind_of_thing_are_likely_together() -> None:
    tools = np.zeros(len(GRAPH.cards))
    texts = [n for n, each in enumerate(GRAPH.tools) if each.outputs[0].type == TEXT_NUMBER]
    tools[texts[:2]] = 0.19, 0.18
    assert READER.is_likely(Match(tools, 0.1))
    tools[texts[1]] = 0.0
    assert not READER.is_likely(Match(tools, 0.1))


@pytest.mark.parametrize("joint", [", don't", " but do not", ", but please never"])
def test_what_should_not_be_done_is_no_wish(joint: str) -> None:
    found = wishes(f"Blur a.png{joint} describe it", "a.png:image")
    assert [tool(wish) for wish in found] == ["blur_picture"]


def test_numbers_are_parted_by_the_files_they_stand_with() -> None:
    text = "Blur a.png with strength 7 and b.png with strength 3"
    (wish,) = wishes(text, "a.png:image", "b.png:image")
    parted = {file: [n.value for n in each] for file, each in wish.numbers_of_file.items()}
    assert parted == {0: [7], 1: [3]}


def test_a_question_wants_an_answer() -> None:
    assert wishes("What words are in the picture a.png?", "a.png:image")[0].is_question
    assert not wishes("Could you blur a.png?", "a.png:image")[0].is_question


def test_the_parts_of_a_request_are_read_with_types_in_place_of_files() -> None:
    asked = request("Draw a new picture based on the boxes of a.png", "a.png:image")
    marked = mark(asked.text, asked.attachments)
    (part,) = READER.parts(marked, ["image"])
    assert "a.png" not in part.words.text
    assert part.words.new == ("image",)
    assert "boxes" in part.words.sources
    assert part.words.points


def test_quotations_are_text_and_addresses_are_addresses_too() -> None:
    marked = mark('speak "hello" of https://example.org', ())
    assert sorted(spoken_types(marked)) == ["text", "text", "url"]


def test_equal_requests_are_read_alike() -> None:
    text = "Blur a.png, then describe it"
    for one, other in zip(wishes(text, "a.png:image"), wishes(text, "a.png:image"), strict=True):
        assert (one.goal, one.label, one.verb) == (other.goal, other.label, other.verb)
        assert np.array_equal(one.match.tools, other.match.tools)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["blur it. ", "a nice day, ", "the dog and ", '"a" ', "7 ", "x "])
def test_requests_as_long_as_they_may_be_are_read_in_bounded_time(piece: str) -> None:
    read(piece * (20_000 // len(piece)), "a.png:image")


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Check if there is a dog in a.png", True),
        ("Tell me how many people are in a.png", True),
        ("I want to know what the picture a.png shows", True),
        ("Find the total number of dogs in a.png", True),
        ("Blur a.png, and describe how you like", False),
        ("Blur a.png", False),
    ],
)
def test_what_wants_an_answer_is_known_without_a_question_mark(text: str, asks: bool) -> None:
    held = request(text, "a.png:image")
    marked = mark(held.text, held.attachments)
    parts = READER.parts(marked, [each.type for each in held.attachments])
    assert any(part.words.asks for part in parts) is asks


def test_the_words_of_a_wish_are_those_that_were_said() -> None:
    text = "Make a title for a story, and for its end, of a cat and a dog"
    assert " ".join(wish.readable for wish in wishes(text)) == text


def test_a_label_does_not_go_on_behind_a_quotation() -> None:
    (wish,) = wishes('Highlight the dog "Rex" barking in a.png', "a.png:image")
    assert wish.label == "dog"
    (wish,) = wishes("Highlight the 3 dogs in a.png", "a.png:image")
    assert wish.label == "dogs"


@pytest.mark.parametrize(
    ("before", "called"),
    [
        ("the headline", "text.title"),
        ("a headline card", "text.title"),
        ("the picture headline", "text.title"),
        ("the headline and", None),
        ("the sign", None),
        ("this headline in red:", "text.title"),
    ],
)
def test_a_quotation_is_called_by_the_words_before_it(before: str, called: str | None) -> None:
    (wish, *_) = wishes(f'Make a collage of the pictures with {before} "Summer"', "a.png:image")
    assert [str(each) if each else None for each in wish.called] == [called]


@pytest.mark.parametrize("said", ["the generated picture", "this newly created picture"])
def test_where_a_thing_comes_from_is_no_wish(said: str) -> None:
    def read(thing: str) -> str:
        return READER.parts(mark(f"Describe {thing} in words", ()), ())[0].words.text

    assert read(said) == read(f"{said.split(maxsplit=1)[0]} picture")
