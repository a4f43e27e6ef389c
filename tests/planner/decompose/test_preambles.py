"""Clauses that lead up to a wish which is stated later."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from controlllm_planner.decompose.clauses import Span
from controlllm_planner.decompose.parts import Part
from controlllm_planner.decompose.preambles import preambles
from controlllm_planner.matching.features import ClauseWords
from controlllm_planner.matching.match import Match

BLUR, CROP = Match(np.array([0.9, 0.1]), 0.0), Match(np.array([0.1, 0.9]), 0.0)


def part(text: str, sentence: int, *, hands_over: bool = False, points: bool = False) -> Part:
    span = Span(text, 0, sentence, hands_over=hands_over)
    return Part(span, ClauseWords(text=text, points=points, hands_over=hands_over))


def found(*read: tuple[Part, Match], said: Sequence[str] = ()) -> dict[int, int]:
    parts, matches = zip(*read, strict=True)
    values = [frozenset(each.split()) for each in said] or [frozenset()] * len(parts)
    return preambles(parts, matches, [True] * len(parts), values)


def test_an_aim_that_is_asked_for_later_is_no_wish() -> None:
    aim = part("I need the photo blurred.", 0)
    done = (part("Please crop it", 1), CROP), (part("blur it", 1), BLUR)
    assert found((aim, BLUR), *done) == {0: 2}


def test_a_sentence_stays_whole_when_nothing_repeats_a_part_of_it() -> None:
    aim = part("I'd like it blurred", 0), BLUR
    more = part("cropped.", 0), CROP
    assert found(aim, more, (part("Please blur it.", 1), BLUR)) == {}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Blur it.", "Blur the frame."),
        ("This is too sharp, blur it.", "Blur the frame."),
        ("I want it blurred, please.", "Blur the frame."),
        ("I want it blurred.", "Then blur it again."),
        ("I want the first one blurred.", "Blur the third."),
        ("I want it blurred.", "Blur the result."),
    ],
)
def test_what_is_wished_twice_is_done_twice(first: str, second: str) -> None:
    assert found((part(first, 0), BLUR), (part(second, 1), BLUR)) == {}


def test_an_aim_that_says_another_value_is_a_wish_of_its_own() -> None:
    aim, wish = (part("I want it blurred.", 0), BLUR), (part("Blur it.", 1), BLUR)
    assert found(aim, wish, said=["french 90", "german"]) == {}
    assert found(aim, wish, said=["french", ""]) == {}
    assert found(aim, wish, said=["french", "french 90"]) == {0: 1}
    assert found(aim, wish, said=["", "french"]) == {0: 1}


def test_a_file_of_several_makes_an_aim_a_wish_of_its_own() -> None:
    aim = part("I want a blurred.", 0, points=True), BLUR
    other = part("Crop b.", 1, points=True), CROP
    wish = part("Blur it.", 2), BLUR
    assert found(aim, other, wish) == {}
    assert found(aim, (part("Crop it.", 1), CROP), wish) == {0: 2}
    assert found(aim, (part("Blur b.", 1, points=True), BLUR)) == {}


def test_two_clauses_of_one_sentence_are_two_wishes() -> None:
    assert found((part("I want it blurred", 0), BLUR), (part("the frame blurred", 0), BLUR)) == {}


def test_what_hands_something_over_asks_for_nothing_that_is_asked_for_anyway() -> None:
    given = part("I have a blurred photo", 0, hands_over=True, points=True)
    assert found((given, BLUR), (part("blur it as in b", 0, points=True), BLUR)) == {0: 1}
    behind = part("Here is what to blur", 1, hands_over=True, points=True)
    assert found((part("Blur it.", 0), BLUR), (behind, BLUR)) == {1: 0}


def test_two_things_that_one_sentence_hands_over_are_for_one_wish() -> None:
    given = part("I have a photo to blur", 0, hands_over=True)
    frame = Span("its frame", start=30, sentence=0, hands_over=True)
    beside = replace(part("its frame", 0, hands_over=True), span=frame)
    assert found((given, BLUR), (beside, BLUR)) == {0: 1}
    assert found((given, BLUR), (part("I've another", 1, hands_over=True), BLUR)) == {}
