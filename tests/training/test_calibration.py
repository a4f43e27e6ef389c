"""Temperatures that make probabilities honest."""

import numpy as np
import pytest

from training.calibration import Choice, best_temperature, expected_error, judged


def drawn(sharpness: float, count: int = 4_000) -> list[Choice]:
    """Choices whose scores are honest when they are divided by a sharpness."""
    chance = np.random.default_rng(0)
    choices = []
    for _ in range(count):
        honest = np.append(-4.0, chance.normal(size=4) * 1.5)
        odds = np.exp(honest) / np.exp(honest).sum()
        needed = int(chance.choice(5, p=odds)) - 1
        choices.append(Choice(honest * sharpness, frozenset({needed} - {-1})))
    return choices


@pytest.mark.parametrize("sharpness", [0.6, 1.0, 2.5])
def test_the_temperature_undoes_too_much_or_too_little_sureness(sharpness: float) -> None:
    choices = drawn(sharpness)
    temperature = best_temperature(choices)
    assert temperature == pytest.approx(sharpness, rel=0.12)
    assert expected_error(*judged(choices, temperature)) < 0.03
    if sharpness != 1.0:
        assert expected_error(*judged(choices, 1.0)) > 0.06


def test_the_error_is_the_mean_distance_of_what_is_said_from_what_is_right() -> None:
    said = np.array([0.95, 0.95, 0.55, 0.55, 1.0])
    right = np.array([1.0, 0.0, 1.0, 0.0, 1.0])
    # 0.9 to 1: said 2.9, right 2 of 3; 0.5 to 0.6: said 1.1, right 1 of 2
    assert expected_error(said, right) == pytest.approx((0.9 + 0.1) / 5)


def test_a_clause_that_rather_asks_for_nothing_is_not_judged() -> None:
    scores = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 3.0]])
    said, right = judged([Choice(row, frozenset({1})) for row in scores], 1.0)
    assert said == pytest.approx([np.exp(3) / (np.exp(3) + 2)])
    assert right.tolist() == [1.0]
