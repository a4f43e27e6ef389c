"""Sentences of cards beside clauses."""

from pathlib import Path

import numpy as np
import pytest
from encoders import write_encoder
from worlds import card

from controlllm_planner.matching.card_sentences import SENTENCE_FEATURES, CardSentences
from controlllm_planner.matching.sentence_encoder import SentenceEncoder

MEANINGS = {"bark": (1, 0, 0, 0), "sing": (0, 1, 0, 0), "loudly": (0, 0, 1, 0)}
CARDS = (
    card("bark", "text:text", "audio:audio", "loudly", examples=("bark", "bark loudly")),
    card("sing", "text:text", "audio:audio", "sing"),
)


@pytest.fixture
def encoder(tmp_path: Path) -> SentenceEncoder:
    return SentenceEncoder(write_encoder(tmp_path, MEANINGS))


def test_a_clause_is_held_against_name_summary_mean_and_nearest_sentence(
    encoder: SentenceEncoder,
) -> None:
    meanings, near = CardSentences(CARDS, encoder).of(["bark", "sing loudly"])
    half = 0.5**0.5
    mean = np.array([1 + half, 0, 1 + half, 0]) / np.linalg.norm([1 + half, 0, 1 + half, 0])
    assert meanings[1] == pytest.approx([0, half, half, 0], abs=1e-3)
    assert near[0, 0] == pytest.approx([1, 0, mean[0], 1], abs=1e-3)
    assert near[0, 1] == pytest.approx([0, 0, 0, 0], abs=1e-3)
    assert near[1, 0] == pytest.approx([0, half, half * mean[2], half], abs=1e-3)
    assert near[1, 1] == pytest.approx([half] * 4, abs=1e-3)


def test_what_is_kept_in_a_folder_gives_the_same_figures(
    encoder: SentenceEncoder, tmp_path: Path
) -> None:
    plain = CardSentences(CARDS, encoder)
    for _ in range(2):
        kept = CardSentences(CARDS, encoder, tmp_path / "cache")
        assert np.array_equal(kept.names, plain.names)
        assert np.array_equal(kept.texts, plain.texts)
        assert np.array_equal(kept.of(["bark loudly"])[1], plain.of(["bark loudly"])[1])


@pytest.mark.parametrize("count", [0, 1, 2])
def test_any_number_of_cards_and_clauses_has_figures(encoder: SentenceEncoder, count: int) -> None:
    sentences = CardSentences(CARDS[:count], encoder)
    for texts in ([], ["bark"], ["", "sing"]):
        meanings, near = sentences.of(texts)
        assert meanings.shape == (len(texts), 4)
        assert near.shape == (len(texts), count, SENTENCE_FEATURES)
