"""Words count by how near they come to the words of a catalogue."""

import numpy as np
import pytest

from controlllm_planner.matching.known_words import KnownWords
from controlllm_planner.matching.word_vectors import Matrix, shipped_vectors

VECTORS = shipped_vectors()
CARDS = "Remove an object from a picture. Translate a text. Blur the image."


def rows(text: str) -> list[int]:
    return VECTORS.pieces(text)


def known(text: str = CARDS) -> KnownWords:
    return KnownWords(VECTORS, rows(text))


def meaning(words: KnownWords, text: str) -> Matrix:
    meant: Matrix = words.shares(rows(text)) @ VECTORS.table[rows(text)]
    return meant


@pytest.mark.parametrize(("near", "far"), [("remove", "umbrella"), ("photo", "holothurian")])
def test_a_word_like_those_of_the_cards_counts_more(near: str, far: str) -> None:
    assert known().nearness(rows(near)).min() > known().nearness(rows(far)).max()


def test_a_word_of_the_cards_counts_in_full_and_every_word_a_little() -> None:
    assert known().nearness(rows("translate")) == pytest.approx([1.0], abs=1e-5)
    assert known().nearness(rows("the xylophone of mesopotamia")).min() > 0.05


def test_what_is_taken_away_changes_little_of_what_is_meant() -> None:
    one, other = (meaning(known(), f"remove the {thing}") for thing in ("umbrella", "truck"))
    by_words = VECTORS.unit(rows("remove the umbrella")) @ VECTORS.unit(rows("remove the truck"))
    assert float(one @ other) > float(by_words)


def test_no_words_mean_nothing_and_no_cards_are_no_error() -> None:
    assert not meaning(known(), "").any()
    assert np.isfinite(meaning(known(""), "remove it")).all()


def test_the_shares_of_words_add_up_to_a_direction() -> None:
    assert np.linalg.norm(meaning(known(), "remove the umbrella")) == pytest.approx(1.0, abs=1e-5)


def test_a_piece_counts_the_same_whenever_it_is_looked_up() -> None:
    words = known()
    together = words.nearness(rows("photo umbrella photo"))
    assert together.tolist() == [*words.nearness(rows("photo umbrella")), together[0]]
