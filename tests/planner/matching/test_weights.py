"""Weights of the matcher, as files hold them."""

import io

import numpy as np

from controlllm_planner.matching.weights import read_weights


def test_weights_without_a_temperature_are_taken_as_they_are() -> None:
    file = io.BytesIO()
    names = ("tool", "clause", "mute", "words", "cards", "at_hand", "flow")
    np.savez(
        file,
        **{f"words.{name}": np.ones(2) for name in names},
        **{"words.name_share": 0.5, "words.bias": 1},
    )
    file.seek(0)
    weights = read_weights(file, "words")
    assert (weights.temperature, weights.bias, weights.near) == (1.0, 1.0, None)
    assert weights.words.dtype == np.float32
