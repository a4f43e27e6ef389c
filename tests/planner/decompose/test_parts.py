"""Which clauses of a request ask for something."""

from __future__ import annotations

import numpy as np
import pytest

from controlllm_planner.decompose.clauses import Span
from controlllm_planner.decompose.parts import Part, left_aside, with_context
from controlllm_planner.matching.features import ClauseWords
from controlllm_planner.matching.match import Match


def part(*, hands_over: bool = False, points: bool = False) -> Part:
    span = Span("words", 0, 0, hands_over=hands_over)
    return Part(span, ClauseWords(text="words", points=points, hands_over=hands_over))


def match(*tools: float) -> Match:
    return Match(np.array(tools), 1 - sum(tools))


def test_what_is_handed_over_says_what_the_wish_behind_it_asks_for() -> None:
    parts = [part(hands_over=True, points=True), part()]
    (_, both), asking = with_context(parts, [match(0.7, 0.1), match(0.2, 0.6)], [True, True])
    assert asking == [False, True]
    assert both.tools == pytest.approx([0.14 / 0.2 * 0.8, 0.06 / 0.2 * 0.8])
    assert both.none == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("parts", "second"),
    [
        ([part(hands_over=True), part(points=True)], match(0.2, 0.6)),
        ([part(hands_over=True), part()], match(0.05, 0.9)),
        ([part(hands_over=True), part(hands_over=True)], match(0.2, 0.6)),
        ([part(), part()], match(0.2, 0.6)),
        ([part(hands_over=True)], match(0.2, 0.6)),
    ],
)
def test_two_wishes_stay_two(parts: list[Part], second: Match) -> None:
    matches, asked = [match(0.7, 0.1), second][: len(parts)], [True] * len(parts)
    assert with_context(parts, matches, asked) == (matches, asked)


def test_a_clause_of_which_nobody_can_tell_what_it_asks_for_is_left_aside_beside_a_clear_one() -> (
    None
):
    clear = match(0.9, 0.05)
    unclear = match(0.25, 0.2)
    kinds = [0.9, 0.45]
    assert left_aside([clear, unclear], [True, True], kinds) == [False, True]
    assert left_aside([clear, unclear], [True, False], kinds) == [False, False]
    assert left_aside([unclear, unclear], [True, True], kinds) == [False, False]


def test_a_clause_that_clearly_wants_a_kind_of_thing_is_not_left_aside_for_many_ways_to_it() -> (
    None
):
    assert left_aside([match(0.9, 0.05), match(0.25, 0.2)], [True, True], [0.9, 0.8]) == [False] * 2
