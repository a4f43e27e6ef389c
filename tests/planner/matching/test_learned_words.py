"""Words that were learned ask for more than their vectors say."""

import numpy as np
import pytest

from controlllm_planner.matching.learned_words import LearnedWords

WORDS = LearnedWords(
    np.array([2, 5]),
    np.array([[1.0, 0.0], [0.0, 4.0]], dtype=np.float32),
    np.array([0.5, -1.0], dtype=np.float32),
    table_size=9,
)


@pytest.mark.parametrize(
    ("pieces", "shares", "asked", "mute"),
    [
        ([2], [1.0], [1.0, 0.0], 0.5),
        ([5, 2], [0.5, 2.0], [2.0, 2.0], 0.5),
        ([2, 2], [0.5, 0.5], [1.0, 0.0], 0.5),
        ([7, 2, 0], [9.0, 1.0, 9.0], [1.0, 0.0], 0.5),
        ([7], [9.0], [0.0, 0.0], 0.0),
        ([], [], [0.0, 0.0], 0.0),
    ],
)
def test_each_learned_piece_adds_by_its_share_and_others_add_nothing(
    pieces: list[int], shares: list[float], asked: list[float], mute: float
) -> None:
    more, none = WORDS.of(pieces, np.array(shares, dtype=np.float32))
    assert more.tolist() == asked
    assert none == mute
