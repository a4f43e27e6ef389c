"""Text that was pasted into a request without quotation marks."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_planner.decompose.mentions import mark
from controlllm_planner.decompose.pasted import pasted_texts
from controlllm_planner.task import Attachment
from controlllm_tools.resources import ResourceType

NEWS = "The council met on Monday. It decided to close the pool, and to cut the cost."


def pasted(text: str) -> list[str]:
    return [text[start:end] for start, end in pasted_texts(text)]


@pytest.mark.parametrize(
    "lead",
    [
        "Summarise this article:\n",
        "Give me the keywords of the following text: ",
        "Translate into German: ",
        "Could you read this out loud: ",
        "Is this review kind or unkind: ",
        "Draw a sign that says: ",
        "Turn this article into a web page: ",
        "Summarise the text below.\n\n",
        r"Here is a possible story:\n",
    ],
)
def test_what_a_lead_announces_is_handed_over_and_holds_no_wish(lead: str) -> None:
    assert pasted(lead + NEWS) == [NEWS]


@pytest.mark.parametrize(
    "wish",
    [
        " Then translate it into French.",
        " After that, read it aloud",
        "\nRead it aloud.",
        "\n\nPlease make a title for it and find three tags.",
    ],
)
def test_the_wish_behind_a_pasted_text_is_no_part_of_it(wish: str) -> None:
    assert pasted(f"Summarise this article: {NEWS}{wish}") == [NEWS]


@pytest.mark.parametrize(
    "wish", ["Translate the text above.", "Please summarise this.", "Read it aloud and save it."]
)
def test_a_text_may_stand_before_the_wish_that_points_back_at_it(wish: str) -> None:
    assert pasted(f"{NEWS}\n\n{wish}") == [NEWS]


POINTS = "- the harvest was late\n- the rain never stopped\n- prices went up"


@pytest.mark.parametrize(
    "lead",
    [
        "Summarise these points:\n",
        "Make a slogan of the following notes: ",
        "Sum up my findings:\n",
    ],
)
def test_a_list_may_be_handed_over(lead: str) -> None:
    assert pasted(lead + POINTS) == [POINTS]
    assert pasted(f"{lead}{POINTS}\n\nThen read it aloud.") == [POINTS]


@pytest.mark.parametrize(
    "text",
    [
        "Give me these texts:\n- a title\n- a summary",
        "Please take these steps:\n- crop the picture\n- blur the faces",
        "I need the following:\n- a title\n- a summary",
        "Write these sentences:\n1. a joke\n2. a riddle",
        "Edit the picture as in my notes:\n- crop to 300x300\n- sharpen",
        "Please apply my notes:\n- crop it\n- sharpen it",
        "Change the photo according to these notes:\n1. make it brighter",
    ],
)
def test_a_list_of_what_is_wanted_is_no_pasted_text(text: str) -> None:
    assert pasted(text) == []


def test_a_story_goes_on_where_it_tells_what_was_done_then() -> None:
    story = "She packed. Then she left. Finally, the moment came. Next to her sat a cat."
    assert pasted(f"Find a title for this story: {story}") == [story]


def test_a_text_may_begin_like_a_wish() -> None:
    assert pasted("Read this out loud: Take the next exit.") == ["Take the next exit."]


def test_a_letter_may_ask_for_things_and_has_paragraphs() -> None:
    letter = "Dear Bob,\nplease send the invoice.\n\nIt is late.\n\nBest regards\nTom"
    assert pasted(f"Is this letter polite: {letter}") == [letter]


def test_a_title_ends_where_the_next_wish_begins() -> None:
    assert pasted("Make a card with the title: Our summer, five seconds long") == ["Our summer"]


@pytest.mark.parametrize(
    "text",
    [
        "Please do the following:\n1. crop it\n2. blur the faces",
        "I need three pictures: an edge map, a depth map and a pose",
        "Answer this question: how many dogs are in the picture?",
        "Extract these from the text:\n- names\n- dates",
        "Make a QR code for the text: https://example.org",
        'Translate this text: "good morning"',
        "Read this text: scan.png",
        "Crop the picture.\n\nThen blur it.",
        "From the document: extract the names and translate them",
        "Edit this text: make it shorter",
        "Summarise it",
        "",
    ],
)
def test_wishes_files_addresses_and_quotations_are_no_pasted_text(text: str) -> None:
    assert pasted(text) == []


def test_a_pasted_text_becomes_a_quotation_beside_its_lead() -> None:
    marked = mark(f"Summarise this article:\n{NEWS}", ())
    assert [(each.kind, each.text) for each in marked.mentions] == [("quote", NEWS)]
    assert marked.readable(marked.text) == f"Summarise this article: {NEWS}"


def test_files_are_not_hidden_in_a_pasted_text() -> None:
    files = [Attachment(name="a.png", type=ResourceType("image"))]
    marked = mark("Do as this note says: please crop a.png", files)
    assert [each.kind for each in marked.mentions] == ["attachment"]


def test_more_texts_than_there_are_marks_stay_as_they_were_written() -> None:
    text = "title: a, " * 7_000
    marked = mark(text, ())
    assert len(marked.mentions) < 7_000
    assert marked.readable(marked.text).split() == text.split()


@given(st.text(alphabet="ab:. \n\\ntext", max_size=200))
def test_pasted_texts_stand_in_order_and_hold_words(text: str) -> None:
    done = 0
    for start, end in pasted_texts(text):
        assert done <= start < end <= len(text)
        assert text[start:end].strip()
        done = end


@pytest.mark.parametrize("part", ["text: a. then make ", "title: a, ", "text: ", "a\n", r"\n"])
def test_long_requests_are_read_in_linear_time(part: str) -> None:
    began = time.monotonic()
    list(pasted_texts(part * (100_000 // len(part))))
    assert time.monotonic() - began < 10  # it takes below a second; quadratic code took minutes
