"""Verbs of several words."""

import pytest

from controlllm_planner.matching.idioms import Idioms
from controlllm_planner.matching.word_vectors import shipped_vectors

IDIOMS = Idioms(["take away", "get rid of", "point out", "point", "read out loud", "look at"])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("take away the umbrella", ["take away", "the", "umbrella"]),
        ("taking the red umbrella away now", ["take away", "the", "red", "umbrella", "now"]),
        ("please get rid of it", ["please", "get rid of", "it"]),
        ("read it out loud", ["read", "it", "out", "loud"]),
        ("read out loud what is there", ["read out loud", "what", "is", "there"]),
        ("take it and put it away", ["take away", "it", "and", "put", "it"]),
        ("take the one with the very long name away", None),
        ("look it at", None),
        ("away with it", None),
        ("", []),
    ],
)
def test_a_verb_of_several_words_is_one_word_where_it_begins(
    text: str, read: list[str] | None
) -> None:
    words = text.split()
    assert IDIOMS.joined(words) == (words if read is None else read)


def test_a_particle_belongs_to_one_verb() -> None:
    found = IDIOMS.joined("take take it away".split())
    assert found == ["take away", "take", "it"]


def test_the_longest_verb_counts() -> None:
    idioms = Idioms(["take out", "take out of doors"])
    assert idioms.joined("take out of doors".split()) == ["take out of doors"]


@pytest.mark.parametrize(
    ("idiom", "akin", "strange"),
    [
        ("get rid of", "remove", "find"),
        ("point out", "remark", "tip"),
        ("turn down", "reject", "left"),
    ],
)
def test_the_table_knows_what_they_mean(idiom: str, akin: str, strange: str) -> None:
    vectors = shipped_vectors()
    said, near, far = (vectors.unit(vectors.pieces(each)) for each in (idiom, akin, strange))
    assert len(vectors.pieces(idiom)) == 1
    assert float(said @ near) > float(said @ far)
