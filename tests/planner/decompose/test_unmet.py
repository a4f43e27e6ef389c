"""Clauses that ask for what no tool is known for."""

import numpy as np
import pytest

from controlllm_planner.decompose.clauses import Span
from controlllm_planner.decompose.parts import Part
from controlllm_planner.decompose.unmet import unmet
from controlllm_planner.decompose.verbs import ASKING
from controlllm_planner.matching.features import ClauseWords
from controlllm_planner.matching.match import Match

NOTHING, BLUR = Match(np.array([0.05, 0.05]), 0.9), Match(np.array([0.8, 0.1]), 0.1)


def of(text: str, *clauses: str, asks: int = -1, match: Match = NOTHING) -> list[bool]:
    spans = [Span(clause, text.index(clause), 0) for clause in clauses or (text,)]
    parts = [Part(span, ClauseWords(text=span.text)) for span in spans]
    asking = [at == asks for at in range(len(parts))]
    return unmet(parts, [match] * len(parts), asking, text, ASKING)


@pytest.mark.parametrize(
    "text",
    [
        "tell me what is left",
        "could you please check that it fits",
        "email it to Bob",
        "quickly shred them all",
        "book a flight to Rome",
        "embed the subtitles in it",
        "Who wrote Hamlet?",
    ],
)
def test_a_clause_that_begins_like_a_wish_and_asks_for_no_tool_is_unmet(text: str) -> None:
    assert of(text) == [True]
    assert of(text, match=BLUR) == [False]
    assert of(text, asks=0) == [False]


@pytest.mark.parametrize(
    "text",
    [
        "with a bit of blue",
        "use it softly with care",
        "using the photo of a lake",
        "make sure that it fits",
        "making it a little brighter",
        "scheduled for the fifth of May",
        "please help me with this",
        "don't tell anybody of it",
        "you can use pictures for it",
        "save it",
        "inside it",
        "possibly a lake",
        "Who wrote Hamlet",
    ],
)
def test_what_only_says_more_or_is_no_wish_is_not_unmet(text: str) -> None:
    assert of(text) == [False]


def test_what_a_wish_is_for_is_not_unmet_but_what_else_is_wanted_is() -> None:
    assert of("crop it to email it to Bob", "crop it", "email it to Bob", asks=0) == [False, False]
    assert of("crop it and email it to Bob", "crop it", "email it to Bob", asks=0) == [False, True]
    assert of("I want to email it to Bob", "I want", "email it to Bob") == [False, True]
