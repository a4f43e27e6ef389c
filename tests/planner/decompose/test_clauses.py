"""Cutting requests into clauses."""

import pytest
from worlds import CARDS

from controlllm_planner.decompose.clauses import split_clauses, verbs_of

VERBS = verbs_of(CARDS)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Blur the photo.", ["Blur the photo."]),
        ("Blur the photo and draw boxes", ["Blur the photo", "draw boxes"]),
        ("Blur it, then describe it", ["Blur it", "describe it"]),
        ("First blur it. Describe the result!", ["First blur it.", "Describe the result!"]),
        ("blur it and after that, read the words", ["blur it", "read the words"]),
        ("blur it; detect objects", ["blur it", "detect objects"]),
        ("blur cats and dogs", ["blur cats and dogs"]),
        ("detect cats, dogs and birds", ["detect cats, dogs and birds"]),
        ("read, summarise, and speak the text", ["read", "summarise", "speak the text"]),
        ("a nice day and a warm one", ["a nice day and a warm one"]),
    ],
)
def test_clauses_follow_connectives_and_verbs_but_not_lists(text: str, clauses: list[str]) -> None:
    assert split_clauses(text, VERBS) == clauses


def test_verbs_come_from_the_cards() -> None:
    assert "choreograph" not in split_clauses("dance and choreograph it", frozenset())
    assert {"blur", "dub", "segment"} <= VERBS


@pytest.mark.parametrize("text", ["", " ", "...", "!?", "\n\n"])
def test_nothing_said_gives_no_clause(text: str) -> None:
    assert split_clauses(text, VERBS) == []
