"""Cutting requests into clauses."""

import re
from collections.abc import Callable

import pytest
from worlds import CARDS

from controlllm_planner.decompose.clauses import (
    Span,
    Vocabulary,
    head_verb,
    split_clauses,
    verbs_of,
)

VERBS = verbs_of(CARDS)


def never(_: str) -> bool:
    return False


def cut(
    text: str,
    *,
    verbs: frozenset[str] = VERBS,
    goal: Callable[[str], bool] = never,
    type_: Callable[[str], bool] = never,
) -> list[Span]:
    vocabulary = Vocabulary(verbs=verbs, names_a_goal=goal, begins_with_a_type=type_)
    return split_clauses(text, vocabulary)


def clauses_of(text: str, goal: Callable[[str], bool] = never) -> list[str]:
    return [span.text for span in cut(text, goal=goal)]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Blur the photo.", ["Blur the photo."]),
        ("Blur the photo and draw boxes", ["Blur the photo", "draw boxes"]),
        ("Blur it, then describe it", ["Blur it", "describe it"]),
        ("First blur it. Describe the result!", ["First blur it.", "Describe the result!"]),
        ("blur it and after that, read the words", ["blur it", "read the words"]),
        ("blur it and upload it to the cloud", ["blur it", "upload it to the cloud"]),
        ("blur it and slowly shred them", ["blur it", "slowly shred them"]),
        ("a lake and behind it a hut", ["a lake and behind it a hut"]),
        ("blur it and neatly describe it", ["blur it", "neatly describe it"]),
        ("blur it; detect objects", ["blur it", "detect objects"]),
        ("Describe the photo after blurring it", ["blurring it", "Describe the photo"]),
        ("Describe it once you blur it", ["you blur it", "Describe it"]),
        ("Before describing it, blur it", ["blur it", "Before describing it"]),
        ("After blurring it, describe it", ["After blurring it", "describe it"]),
        ("Blur it before describing it", ["Blur it", "describing it"]),
        (
            "Before describing it, blur it and draw boxes. Read it",
            ["blur it", "draw boxes.", "Before describing it", "Read it"],
        ),
        (
            "Before describing it and reading it, blur it, then draw boxes",
            ["blur it", "draw boxes", "Before describing it", "reading it"],
        ),
        (
            "Before you describe it by reading it: blur it",
            ["blur it", "Before you describe it", "reading it"],
        ),
        ("Before describing it and reading it", ["Before describing it", "reading it"]),
        (
            "Describe it after blurring it and reading it",
            ["blurring it", "reading it", "Describe it"],
        ),
        (
            "Describe it after blurring it, reading it, and draw boxes",
            ["blurring it", "reading it", "Describe it", "draw boxes"],
        ),
        (
            "Describe it after you blur it and read it",
            ["you blur it", "read it", "Describe it"],
        ),
        (
            "Describe it after reading it by blurring it",
            ["reading it", "blurring it", "Describe it"],
        ),
        (
            "Describe it after reading it after blurring it",
            ["blurring it", "reading it", "Describe it"],
        ),
        (
            "read it and describe it after blurring it, then draw boxes",
            ["read it", "blurring it", "describe it", "draw boxes"],
        ),
        ("use the mask to blur it", ["use the mask", "blur it"]),
        ("blur it by drawing boxes", ["blur it", "drawing boxes"]),
        ("blur it, could you describe it", ["blur it", "could you describe it"]),
        ("blur cats and dogs", ["blur cats and dogs"]),
        ("detect cats, dogs and birds", ["detect cats, dogs and birds"]),
        ("read, summarise, and speak the text", ["read", "summarise", "speak the text"]),
        ("a nice day and a warm one", ["a nice day and a warm one"]),
    ],
)
def test_clauses_follow_connectives_and_verbs_but_not_lists(text: str, clauses: list[str]) -> None:
    assert clauses_of(text) == clauses


def test_the_name_of_something_that_can_be_made_begins_a_clause() -> None:
    text = "blur the photo, a summary of the text"
    assert clauses_of(text, lambda words: "summary" in words) == [
        "blur the photo",
        "a summary of the text",
    ]
    assert clauses_of(text) == [text]


def test_one_more_file_of_a_list_begins_no_clause() -> None:
    text = "arrange \ue000 and \ue001 as a collage"
    assert clauses_of(text, lambda words: "collage" in words) == [text]


@pytest.mark.parametrize("number", ["\ue001,\ue002", "1,500", "1,500,000"])
def test_the_comma_within_a_number_begins_no_clause(number: str) -> None:
    # the verb of "pixelate it" has the stem of "pixels"
    (span,) = cut(f"make \ue000 {number} pixels wide", verbs=VERBS | {"pixel"})
    assert span.text == f"make \ue000 {number} pixels wide"


def test_a_comma_between_two_numbers_may_begin_a_clause() -> None:
    text = "blur it at \ue000, \ue001 pixels"
    assert clauses_of(text) == [text]
    assert [span.text for span in cut(text, verbs=VERBS | {"pixel"})] == [
        "blur it at \ue000",
        "\ue001 pixels",
    ]


def test_a_part_of_what_is_listed_begins_no_clause() -> None:
    found = cut(
        "compose a page with pictures, a summary and a title",
        goal=lambda words: "summary" in words,
        type_=lambda text: text.startswith(("a summary", "a title")),
    )
    assert len(found) == 1


@pytest.mark.parametrize(
    "text",
    [
        "With the depth map \ue000, draw a house",
        "Based on this photo, draw a house",
        "From \ue000, \ue001 and \ue002, draw a house",
        "Next, for the first clip \ue000, draw a house",
    ],
)
def test_what_a_wish_starts_from_stays_with_it_when_it_opens_the_sentence(text: str) -> None:
    assert clauses_of(text) == [text]


def test_then_opens_a_wish_also_where_its_verb_is_the_name_of_a_thing() -> None:
    text = "Draw a box in the corner of it, then frame it"
    names = frozenset({"draw", "frame"})
    assert [s.text for s in cut(text, verbs=names, type_=lambda words: True)] == [
        "Draw a box in the corner of it",
        "frame it",
    ]


def test_a_list_of_what_is_seen_in_something_is_no_list_of_wishes() -> None:
    text = "Draw a picture that features trees, summaries, titles and other things"
    named = dict.fromkeys(("summaries", "titles", "other things"), True)
    assert clauses_of(text, lambda words: words.strip() in named) == [text]
    assert len(clauses_of(f"{text}, a summary", lambda words: "a summary" in words)) == 2
    assert clauses_of(f"{text}, blur it")[1] == "blur it"


@pytest.mark.parametrize(
    "text", ["For the poster draw boxes, blur it", "In the end they met again, draw a house"]
)
def test_an_opening_that_says_more_is_cut_off(text: str) -> None:
    assert clauses_of(text) == text.split(", ")


@pytest.mark.parametrize(
    "text", ["What is in the photo, and who took it?", "With this photo, what is on it?"]
)
def test_a_question_stays_whole(text: str) -> None:
    (span,) = cut(text)
    assert (span.text, span.is_question) == (text, True)


def test_a_question_needs_no_mark_when_it_begins_like_one() -> None:
    asked, wished = cut("What is the number of dogs in it. Blur it.")
    assert (asked.is_question, wished.is_question) == (True, False)
    assert cut("How many dogs are there, and blur it.")[0].is_question
    assert not cut("What I want is a picture.")[0].is_question


@pytest.mark.parametrize("text", ["Could you blur it?", "Blur it, is that too much to ask?"])
def test_a_wish_in_the_form_of_a_question_is_a_wish(text: str) -> None:
    assert not cut(text)[0].is_question


def test_what_is_handed_over_is_told_from_what_is_asked_for() -> None:
    handed, asked = cut("I have a photo of Rome, please blur it")
    assert (handed.hands_over, asked.hands_over) == (True, False)


@pytest.mark.parametrize("gap", [" and ", ", then ", ".  ", "; "])
def test_a_clause_knows_where_it_stands(gap: str) -> None:
    text = f"  blur it{gap}draw boxes"
    for span in cut(text):
        assert span.text in text[span.start : span.start + len(span.text) + 2]


def test_sentences_are_numbered() -> None:
    assert [span.sentence for span in cut("Blur it and describe it. Read it.")] == [0, 0, 1]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Describe it as speech", ["Describe it as speech"]),
        ("Describe the photo as speech", ["Describe the photo", "as speech"]),
        ("Describe the photo as a speech by two", ["Describe the photo", "as a speech by two"]),
        ("Describe the photo as a friend would", ["Describe the photo as a friend would"]),
        ("Use the photo as a mask", ["Use the photo as a mask"]),
        ("Describe things such as speech", ["Describe things such as speech"]),
        ("Describe the photo as well as speech", ["Describe the photo", "speech"]),
    ],
)
def test_the_form_of_a_result_is_a_clause(text: str, clauses: list[str]) -> None:
    def names(words: str) -> bool:
        return re.match(r"(?:a |well as )?(?:speech|mask)", words) is not None

    assert [span.text for span in cut(text, goal=names, type_=names)] == clauses


def test_an_adverb_neither_begins_a_wish_nor_names_what_is_made() -> None:
    assert len(cut("make it lively and visually appealing", verbs=frozenset({"visual"}))) == 1
    named = clauses_of("make it lively and visually appealing", goal=lambda words: "vis" in words)
    assert len(named) == 1
    assert head_verb("visually apply it", frozenset({"visual", "appli"})) == "appli"


def test_verbs_come_from_the_cards() -> None:
    assert len(cut("dance and choreograph a lot", verbs=frozenset())) == 1
    assert len(cut("dance and choreograph a lot")) == 2
    assert {"blur", "dub", "segment"} <= VERBS


def test_the_first_verb_of_a_clause_is_its_head() -> None:
    assert head_verb("please blur or describe it", VERBS) == "blur"
    assert head_verb("a nice day", VERBS) == ""


RUNS = [" ", ",", ", ", " ,", "\t", " \n", "and ", ". ", " ,\t", ", and ", "then ", "also ", ": "]
RUNS += ["\\n", "of x ", "with ", " to ", "in order to ", " by ", "x", "\ue000 ", "?", "\u3000"]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("gap", RUNS)
def test_long_runs_between_two_wishes_are_cut_in_linear_time(gap: str) -> None:
    # quadratic work on a run of 100 000 characters takes minutes: the test would not end
    clauses = cut(f"blur it{gap * (100_000 // len(gap))} draw boxes")
    assert clauses[0].text.startswith("blur it")
    assert clauses[-1].text.endswith("draw boxes")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("gap", [" ", "with ", "\t", "for x "])
def test_long_questions_are_known_in_linear_time(gap: str) -> None:
    assert len(cut(f"what{gap * (100_000 // len(gap))}?")) == 1


@pytest.mark.parametrize("text", ["", " ", "...", "!?", "\n\n"])
def test_nothing_said_gives_no_clause(text: str) -> None:
    assert cut(text) == []


def test_what_needs_to_be_done_to_a_thing_that_is_handed_over_is_a_wish() -> None:
    found = cut("I have a photo which needs to be blurred and then carefully rounded.")
    assert [(span.text, span.hands_over) for span in found] == [
        ("I have a photo", True),
        ("needs to be blurred", False),
        ("carefully rounded.", False),
    ]
    (aside,) = cut("I have a photo that needs to be old, and then some")
    assert aside.hands_over
