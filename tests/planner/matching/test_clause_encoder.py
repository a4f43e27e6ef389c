"""The encoder that comes along."""

import pytest

from controlllm_planner.matching.clause_encoder import pieces_of, shipped_encoder
from controlllm_planner.matching.word_vectors import shipped_vectors

ENCODER = shipped_encoder()


def likeness(one: str, other: str) -> float:
    first, second = ENCODER.encode([one, other])
    return float(first @ second)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("delete the man from the photo", "erase the person in it", "draw a picture of a man"),
        ("how many people are there?", "count the persons", "describe the people"),
        ("make the picture larger", "enlarge the image", "make the picture darker"),
        ("who wrote it and when?", "tell me the author and the date", "write it again"),
        ("say it in French", "translate it into French", "say it louder"),
    ],
)
def test_a_clause_stands_nearer_to_one_that_means_the_same(text: str, near: str, far: str) -> None:
    assert likeness(text, near) > likeness(text, far)


def test_all_words_are_read_in_order_those_that_say_little_too() -> None:
    vectors = shipped_vectors()
    named = {row: piece for piece, row in vectors.number.items()}
    rows = pieces_of("Put it_on theTable, not OFF!", vectors.number, 48)
    assert [named[row] for row in rows] == ["put", "it", "on", "the", "table", "not", "off"]
    assert len(pieces_of("word " * 99, vectors.number, 48)) == 48
