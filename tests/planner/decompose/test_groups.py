"""Neighbouring clauses joined to wishes."""

import numpy as np

from controlllm_planner.decompose.clauses import Span
from controlllm_planner.decompose.groups import Read, grouped, joined
from controlllm_planner.decompose.parts import Part
from controlllm_planner.matching.features import ClauseWords
from controlllm_planner.matching.match import Match

BLUR, CROP = Match(np.array([0.9, 0.1]), 0.0), Match(np.array([0.1, 0.9]), 0.0)
NOTHING = Match(np.array([0.05, 0.05]), 0.9)


def part(text: str, *, hands_over: bool = False, points: bool = False) -> Part:
    words = ClauseWords(text=text, points=points, hands_over=hands_over)
    return Part(Span(text, 0, 0, hands_over=hands_over), words)


def groups(*read: tuple[Part, Match, bool] | Read) -> list[list[str]]:
    found, _ = grouped([each if isinstance(each, Read) else Read(*each) for each in read])
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


def test_what_leads_up_to_a_wish_goes_to_the_clause_that_states_it() -> None:
    crop, blur = part("crop it"), part("blur it")
    stated = (crop, CROP, True), (blur, BLUR, True)
    aim = Read(part("I want it blurred"), BLUR, asks=False, stated_by=blur)
    assert groups(aim, *stated) == [["crop it"], ["I want it blurred", "blur it"]]
    # a file is for what is done first
    named = Read(part("I want a blurred", points=True), BLUR, asks=False, stated_by=blur)
    assert groups(named, *stated) == [["I want a blurred", "crop it"], ["blur it"]]


def test_where_no_clause_asks_the_likeliest_one_does() -> None:
    faint, nothing = Match(np.array([0.3, 0.0]), 0.7), Match(np.array([0.1, 0.0]), 0.9)
    assert groups((part("blur"), faint, False), (part("it"), NOTHING, False)) == [["blur", "it"]]
    assert groups((part("blur"), nothing, False)) == []


def test_what_is_unclear_or_refused_is_in_no_wish() -> None:
    unclear = Read(part("crop it"), CROP, asks=True, is_unclear=True)
    refused = Read(part("do not crop it"), CROP, asks=False)
    assert groups((part("blur it"), BLUR, True), unclear, refused) == [["blur it"]]


def test_clauses_are_joined_as_they_were_said() -> None:
    text = "make it black and white, softly"
    spans = [Span("make it black", 0, 0), Span("white", 18, 0), Span("softly", 25, 0)]
    assert joined(spans, text) == text
    assert joined([spans[0], spans[2]], text) == "make it black softly"
