"""Neighbouring clauses joined to wishes."""

import numpy as np

from controlllm_planner.decompose.clauses import Span
from controlllm_planner.decompose.groups import grouped, joined
from controlllm_planner.decompose.mentions import MarkedText
from controlllm_planner.decompose.parts import Part
from controlllm_planner.matching.features import ClauseWords
from controlllm_planner.matching.match import Match

BLUR, CROP = Match(np.array([0.9, 0.1]), 0.0), Match(np.array([0.1, 0.9]), 0.0)
NOTHING = Match(np.array([0.05, 0.05]), 0.9)


def part(text: str, *, hands_over: bool = False, points: bool = False) -> Part:
    words = ClauseWords(text=text, points=points, hands_over=hands_over)
    return Part(Span(text, 0, 0, hands_over=hands_over), words)


def groups(*read: tuple[Part, Match, bool]) -> list[list[str]]:
    parts, matches, asking = zip(*read, strict=True)
    marked = MarkedText(" ".join(each.span.text for each in parts), ())
    found, _ = grouped(parts, matches, asking, [False] * len(parts), marked)
    return [[each.span.text for each in group] for group, _ in found]


def test_a_clause_that_asks_for_nothing_says_more_of_the_wish_before() -> None:
    blur, more, crop = part("blur it"), part("by a little"), part("crop it")
    found = groups((blur, BLUR, True), (more, NOTHING, False), (crop, CROP, True))
    assert found == [["blur it", "by a little"], ["crop it"]]


def test_a_clause_that_asks_for_the_same_of_nothing_else_says_more_of_it_too() -> None:
    assert groups((part("blur it"), BLUR, True), (part("softly"), BLUR, True)) == [
        ["blur it", "softly"]
    ]
    first, second = part("blur a", points=True), part("blur b", points=True)
    assert groups((first, BLUR, True), (second, BLUR, True)) == [["blur a"], ["blur b"]]


def test_what_is_handed_over_goes_to_the_wish_behind_it_or_to_the_one_that_asked_for_it() -> None:
    given = part("here is a", hands_over=True)
    assert groups((given, NOTHING, False), (part("blur it"), BLUR, True)) == [
        ["here is a", "blur it"]
    ]
    wished = (part("blur it"), BLUR, True), (part("crop it"), CROP, True)
    late = part("the picture to blur is a", hands_over=True)
    assert groups(*wished, (late, BLUR, False)) == [
        ["blur it", "the picture to blur is a"],
        ["crop it"],
    ]


def test_clauses_are_joined_as_they_were_said() -> None:
    text = "make it black and white, softly"
    spans = [Span("make it black", 0, 0), Span("white", 18, 0), Span("softly", 25, 0)]
    assert joined(spans, text) == text
    assert joined([spans[0], spans[2]], text) == "make it black softly"
