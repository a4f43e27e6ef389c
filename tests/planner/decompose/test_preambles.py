"""Clauses that lead up to a wish which is stated later."""

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


def found(*read: tuple[Part, Match]) -> list[int]:
    parts, matches = zip(*read, strict=True)
    return sorted(preambles(parts, matches, [True] * len(parts)))


def test_a_sentence_that_tells_what_is_asked_for_later_is_no_wish() -> None:
    told = part("I need the photo blurred.", 0)
    assert found((told, BLUR), (part("Please crop it", 1), CROP), (part("blur it", 1), BLUR)) == [0]


def test_a_sentence_stays_whole_when_nothing_repeats_a_part_of_it() -> None:
    told = part("I'd like it blurred", 0), BLUR
    more = part("cropped.", 0), CROP
    assert found(told, more, (part("Please blur it.", 1), BLUR)) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Blur it.", "Blur the frame."),
        ("I want it blurred, please.", "Blur the frame."),
        ("I want it blurred.", "Then blur it again."),
        ("I want it put into French.", "Put it into German."),
    ],
)
def test_what_is_wished_twice_is_done_twice(first: str, second: str) -> None:
    assert found((part(first, 0), BLUR), (part(second, 1), BLUR)) == []


def test_two_files_are_two_wishes() -> None:
    first, second = part("I want a blurred.", 0, points=True), part("Blur b.", 1, points=True)
    assert found((first, BLUR), (second, BLUR)) == []


def test_two_clauses_of_one_sentence_are_two_wishes() -> None:
    assert found((part("I want it blurred", 0), BLUR), (part("the frame blurred", 0), BLUR)) == []


def test_what_hands_something_over_asks_for_nothing_that_is_asked_for_anyway() -> None:
    given = part("I have a blurred photo", 0, hands_over=True, points=True)
    assert found((given, BLUR), (part("blur it as in b", 0, points=True), BLUR)) == [0]
    behind = part("Here is what to blur", 1, hands_over=True, points=True)
    assert found((part("Blur it.", 0), BLUR), (behind, BLUR)) == [1]


def test_of_two_things_that_are_handed_over_both_may_ask() -> None:
    given = part("I have a photo to blur", 0, hands_over=True)
    assert found((given, BLUR), (part("I've another", 1, hands_over=True), BLUR)) == []
