"""Vectors for words."""

import numpy as np
import pytest

from controlllm_planner.matching.word_vectors import WordVectors, shipped_vectors, to_unit


@pytest.fixture(scope="module")
def vectors() -> WordVectors:
    return shipped_vectors()


def near(vectors: WordVectors, one: str, other: str) -> float:
    return float(vectors.unit(vectors.pieces(one)) @ vectors.unit(vectors.pieces(other)))


@pytest.mark.parametrize(
    ("word", "akin", "strange"),
    [
        ("transcribe", "speech to text", "image segmentation"),
        ("enlarge", "resize", "translate"),
        ("photo", "picture", "audio"),
        ("soundtrack", "music", "document"),
        ("translate", "language", "picture"),
        ("shrink", "smaller", "louder"),
    ],
)
def test_words_of_like_meaning_stand_nearer_than_others(
    vectors: WordVectors, word: str, akin: str, strange: str
) -> None:
    assert near(vectors, word, akin) > near(vectors, word, strange) + 0.1


def test_a_word_that_is_not_in_the_table_is_put_together_from_pieces(vectors: WordVectors) -> None:
    word = "transcribable"
    assert word not in vectors.number
    assert len(vectors.pieces(word)) > 1
    assert near(vectors, word, "transcribe") > near(vectors, word, "photo")


def test_the_longest_piece_that_fits_is_taken() -> None:
    table = WordVectors(np.eye(4, dtype=np.float32), ["blur", "b", "##lur", "##red"])
    assert table.pieces("blurred") == [0, 3]


def test_a_word_with_an_unknown_part_is_left_out() -> None:
    table = WordVectors(np.eye(2, dtype=np.float32), ["blur", "##red"])
    assert table.pieces("blurx blur blurred") == [0, 0, 1]


def test_names_in_code_style_give_their_words(vectors: WordVectors) -> None:
    expected = vectors.pieces("object detection")
    assert vectors.pieces("object_detection") == vectors.pieces("ObjectDetection") == expected


def test_words_that_say_nothing_are_left_out(vectors: WordVectors) -> None:
    assert vectors.pieces("would you please do the") == []


@pytest.mark.parametrize("text", ["", "🎉🎉", "写真を切り抜いて", "\x00\ue000", "---"])
def test_what_has_no_known_word_points_nowhere(vectors: WordVectors, text: str) -> None:
    assert not vectors.unit(vectors.pieces(text)).any()


def test_a_direction_has_length_one_whatever_the_number_of_words(vectors: WordVectors) -> None:
    for text in ("photo", "photo of a cat", "photo " * 500):
        assert np.linalg.norm(vectors.unit(vectors.pieces(text))) == pytest.approx(1.0, abs=1e-5)


def test_rare_words_say_more_than_common_ones(vectors: WordVectors) -> None:
    lengths = [np.linalg.norm(vectors.table[vectors.number[w]]) for w in ("one", "soundtrack")]
    assert lengths[0] < lengths[1]


def test_zero_stays_zero() -> None:
    assert np.array_equal(to_unit(np.zeros((2, 3), dtype=np.float32)), np.zeros((2, 3)))


def test_the_table_that_is_shipped_is_whole(vectors: WordVectors) -> None:
    assert vectors.table.shape == (len(vectors.number), 128)
    assert np.isfinite(vectors.table).all()
    assert len(vectors.number) > 20_000


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["a", "transcribe", "a ", "9", "x'", "é", "aA", "_"])
def test_long_texts_are_read_in_bounded_time(vectors: WordVectors, piece: str) -> None:
    assert len(vectors.pieces(piece * (100_000 // len(piece)))) <= 100_000
