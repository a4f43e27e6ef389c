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


@pytest.mark.parametrize("gap", [" ", ",", ", ", " ,", "\t", " \n", "and ", ". "])
def test_long_runs_between_two_wishes_are_cut_in_linear_time(gap: str) -> None:
    # quadratic work on a run of 100 000 characters takes minutes: the test would not end
    clauses = split_clauses(f"blur it{gap * (100_000 // len(gap))} draw boxes", VERBS)
    assert clauses[0].startswith("blur it")
    assert clauses[-1].endswith("draw boxes")


@pytest.mark.parametrize("text", ["", " ", "...", "!?", "\n\n"])
def test_nothing_said_gives_no_clause(text: str) -> None:
    assert split_clauses(text, VERBS) == []
