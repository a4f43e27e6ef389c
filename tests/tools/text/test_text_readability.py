"""Counts are exact; syllables are nearly always right; hard texts score as hard."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product
from controlllm_tools.samples.texts import ARTICLE
from controlllm_tools.text.text_readability import readability, syllables_of

Use = Callable[..., Mapping[str, Product]]

SYLLABLES = {
    1: "a the boat makes loved watched tides whole file our through strength queue",
    2: "harbour water needed houses people table bridges nation rhythm something tables",
    3: "fishermen important beautiful family video history piano idea created",
    4: "information community impossible television",
    5: "university electricity",
}


def test_counts_are_exact(use: Use) -> None:
    product = use("text_readability", text="Red boats sail. They sail far!\n\nWhy? Nobody knows.")
    facts: dict[str, Any] = json.loads(product["facts"].text or "")
    assert product["facts"].type == "facts.text"
    assert (facts["words"], facts["different_words"]) == (9, 8)
    assert (facts["sentences"], facts["paragraphs"]) == (4, 2)
    assert facts["words_a_sentence"] == 2.2
    assert facts["reading_minutes"] == pytest.approx(9 / 238, abs=0.01)


def test_syllables_follow_the_dictionary() -> None:
    wrong = {
        word: (count, syllables_of(word))
        for count, words in SYLLABLES.items()
        for word in words.split()
        if syllables_of(word) != count
    }
    assert wrong == {}


def test_the_formulas_are_those_of_the_papers() -> None:
    facts = readability("The cat sat on the mat. The dog ran to the big red barn.")
    words, sentences, syllables = 14, 2, 14
    ease = 206.835 - 1.015 * words / sentences - 84.6 * syllables / words
    assert facts["reading_ease"] == round(ease, 1)
    assert facts["grade"] == 0.0
    assert facts["level"] == "very easy"


def test_officialese_is_harder_than_a_story() -> None:
    hard = readability(
        "Notwithstanding the aforementioned provisions, the administrative authority retains "
        "discretionary responsibility for the implementation of supplementary regulations "
        "concerning environmental sustainability and institutional accountability."
    )
    easy = readability(ARTICLE)
    assert float(str(hard["reading_ease"])) < 10
    assert float(str(easy["reading_ease"])) > 60
    assert hard["level"] == "very difficult"


def test_another_language_is_counted_but_not_graded() -> None:
    facts = readability("Die Boote verlassen den Hafen, bevor die Sonne über der Stadt aufgeht.")
    assert facts["words"] == 12
    assert facts["language"] == "de"
    assert "grade" not in facts
    assert "German" in str(facts["note"])


def test_a_text_without_words_is_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="no words to count"):
        use("text_readability", text="... !")
