"""What a clause does besides asking for a tool."""

from __future__ import annotations

import pytest

from controlllm_planner.decompose.speech_acts import (
    allows,
    describes,
    refuses,
    tells_of_new,
    wants_to_know,
)


@pytest.mark.parametrize("clause", ["don't blur it", "But please never crop it", "Do not touch it"])
def test_a_refusal_is_known(clause: str) -> None:
    assert refuses(clause)
    assert not refuses(f"Blur it and {clause}")


def test_what_may_serve_is_told_from_what_is_asked_for() -> None:
    assert allows("You can also use pictures")
    assert not allows("Can you use pictures?")


@pytest.mark.parametrize(
    "clause",
    [
        "check whether it rains",
        "tell me how many there are",
        "find the total number of cars",
        "give me a count of the cars",
    ],
)
def test_what_wants_an_answer_is_known(clause: str) -> None:
    assert wants_to_know(clause)


@pytest.mark.parametrize("clause", ["count the cars", "number the pages", "a large number"])
def test_what_only_sounds_like_it_wants_no_answer(clause: str) -> None:
    assert not wants_to_know(clause)


def about_picture(clause: str) -> bool:
    start = clause.index("picture")
    return describes(clause, start, start + len("picture"))


@pytest.mark.parametrize(
    "clause",
    [
        "The new picture should be a calm lake at dawn",
        "the picture must clearly show two swans",
        "This finished picture ought to look old",
        "Your picture will be full of light",
        "the new picture contains a lake and a boat",
    ],
)
def test_what_something_should_be_like_is_described(clause: str) -> None:
    assert about_picture(clause)


@pytest.mark.parametrize(
    "clause",
    [
        "The picture should be translated",
        "The picture has to be reversed",
        "The picture is too dark",
        "The picture must then be quickly resized",
        "The picture should be in Spanish",
        "The picture should be cut in two",
        "A picture should be a lake",
        "Make the picture look old",
    ],
)
def test_what_should_be_done_to_it_is_not(clause: str) -> None:
    assert not about_picture(clause)


def test_a_new_thing_is_told_from_one_that_was_there() -> None:
    assert tells_of_new("The new picture should be a lake")
    assert tells_of_new("the newly generated picture shows a lake")
    assert not tells_of_new("The picture should look like a cartoon")
