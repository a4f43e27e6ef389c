"""Numbers read as a person would say them."""

from __future__ import annotations

import pytest

from controlllm_tools.media.phrases import listed, number_word, on_scale, quoted


@pytest.mark.parametrize(("count", "word"), [(0, "no"), (1, "one"), (12, "twelve"), (13, "13")])
def test_small_counts_are_words(count: int, word: str) -> None:
    assert number_word(count) == word


@pytest.mark.parametrize(("value", "word"), [(0.1, "dark"), (0.2, "dim"), (0.9, "light")])
def test_a_value_has_the_word_of_its_step(value: float, word: str) -> None:
    assert on_scale(value, (0.2, "dark"), (0.5, "dim"), "light") == word


@pytest.mark.parametrize(
    ("words", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_listed(words: list[str], text: str) -> None:
    assert listed(words) == text


def test_a_quotation_cannot_end_early_and_is_cut() -> None:
    assert quoted("SALE” and I say “buy", 100) == "“SALE' and I say 'buy”"
    assert len(quoted("x" * 500, 60)) <= 62
