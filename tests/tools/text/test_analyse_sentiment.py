"""Praise is positive, blame is negative, and other languages than English are not guessed at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]

GOOD = "The crew was friendly and the food was wonderful."
BAD = "The room was dirty and the heating was terrible."
PLAIN = "The hotel stands beside the station."


def judge(use: Use, text: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(use("analyse_sentiment", text=text)["sentiment"].text or "")
    return facts


def test_praise_and_blame_are_told_apart(use: Use) -> None:
    assert judge(use, GOOD)["label"] == "positive"
    assert judge(use, BAD)["label"] == "negative"
    assert judge(use, GOOD)["score"] > 0.5
    assert judge(use, BAD)["score"] < -0.3


def test_a_denial_turns_it_round(use: Use) -> None:
    assert judge(use, "The food was not good.")["label"] == "negative"


def test_plain_sentences_do_not_dilute_what_is_said(use: Use) -> None:
    alone, among = judge(use, BAD), judge(use, " ".join([PLAIN] * 20 + [BAD]))
    assert among["score"] == alone["score"]
    assert among["sentences"] == {"positive": 0, "neutral": 20, "negative": 1}
    assert judge(use, PLAIN)["label"] == "neutral"


def test_the_strongest_sentences_are_quoted_on_their_side(use: Use) -> None:
    facts = judge(use, f"{GOOD} {PLAIN} {BAD}")
    assert facts["most_positive"] == [GOOD]
    assert facts["most_negative"] == [BAD]


def test_another_language_is_named_and_not_judged(use: Use) -> None:
    facts = judge(use, "Das Zimmer war schmutzig und die Heizung war leider die ganze Zeit kaputt.")
    assert facts == {
        "label": "unknown",
        "language": "de",
        "note": "the text seems to be German; only English is judged",
    }


def test_an_empty_text_is_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="nothing to judge"):
        use("analyse_sentiment", text="")
