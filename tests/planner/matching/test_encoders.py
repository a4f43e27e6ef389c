"""What holds for every encoder: from a folder, kept in a folder, and the one that comes along."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from encoders import write_encoder

from controlllm_planner.matching.clause_encoder import shipped_encoder
from controlllm_planner.matching.kept_vectors import KeptVectors
from controlllm_planner.matching.sentence_encoder import GRAIN, Encoder, SentenceEncoder

MEANINGS = {"dog": (1, 0, 0), "hound": (0.9, 0.1, 0), "song": (0, 1, 0), "loud": (0, 0, 1)}


@pytest.fixture(params=["folder", "kept", "shipped"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Encoder]:
    """Makes an encoder that has read nothing yet."""
    if request.param == "shipped":
        return shipped_encoder.__wrapped__
    made = SentenceEncoder(write_encoder(tmp_path, MEANINGS))
    if request.param == "folder":
        return lambda: made
    numbers = count()
    return lambda: KeptVectors(made, tmp_path / f"cache-{next(numbers)}")


@pytest.fixture
def encoder(make: Callable[[], Encoder]) -> Encoder:
    return make()


def test_texts_that_are_encoded_together_do_not_touch_each_other(
    make: Callable[[], Encoder],
) -> None:
    texts = ["dog", "loud song " * 40, "", "hound loud", "   ", *["song dog loud"] * 80]
    encoder = make()
    together = encoder.encode(texts)
    alone = {text: make().encode([text])[0] for text in set(texts)}
    assert together == pytest.approx(np.stack([alone[text] for text in texts]), abs=2 / GRAIN)
    assert together.shape == (len(texts), encoder.width)


def test_what_is_read_in_between_changes_no_bit(encoder: Encoder) -> None:
    clauses, cards = ["loud dog", "hound"], [f"song {number}" for number in range(99)]
    first = [encoder.encode(texts) for texts in (clauses, cards)]
    encoder.encode([*cards, *clauses, "a much longer text with a loud dog and a song " * 3])
    again = [encoder.encode(texts) for texts in (clauses, cards)]
    assert all(map(np.array_equal, first, again))


def test_a_text_has_a_direction_and_a_blank_one_has_none(encoder: Encoder) -> None:
    texts = ["dog", "", "loud hound", " \n"]
    lengths = np.linalg.norm(encoder.encode(texts), axis=1)
    assert lengths == pytest.approx([1, 0, 1, 0], abs=1e-3)


def test_a_very_long_text_is_read_by_its_beginning(encoder: Encoder) -> None:
    long, longer = encoder.encode(["dog " * 2_000, "dog " * 2_000 + "song " * 100_000])
    assert np.array_equal(long, longer)


def test_no_text_gives_no_vector(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.width)


def test_a_word_is_nearer_to_its_like(encoder: Encoder) -> None:
    dog, hound, song = encoder.encode(["dog", "hound", "song"])
    assert dog @ hound > dog @ song


def test_an_encoder_has_a_name_by_which_its_vectors_are_kept(encoder: Encoder) -> None:
    assert len(encoder.digest) == 64
    assert int(encoder.digest, 16)
