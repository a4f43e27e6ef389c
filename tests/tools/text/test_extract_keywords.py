"""Keywords are what a text is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.key_phrases import distinct, key_phrases
from controlllm_tools.perform import Product
from controlllm_tools.samples.texts import ARTICLE

Use = Callable[..., Mapping[str, Product]]

GREEN = (
    "Photosynthesis turns sunlight into chemical energy. Photosynthesis takes place in "
    "chloroplasts, which contain chlorophyll. Chlorophyll absorbs blue and red light."
)


def keywords(use: Use, text: str, **inputs: object) -> list[str]:
    return (use("extract_keywords", text=text, **inputs)["keywords"].text or "").split("\n")


def test_the_subject_comes_first_and_small_words_never(use: Use) -> None:
    found = keywords(use, GREEN)
    assert {"Photosynthesis", "chlorophyll", "chemical energy"} <= set(found[:4])
    small = {"the", "which", "in", "into", "and", "takes"}
    assert not small & {word.lower() for phrase in found for word in phrase.split()}


def test_a_name_is_one_keyword(use: Use) -> None:
    assert "Elin Moss" in keywords(use, ARTICLE)


def test_the_count_is_a_limit_and_nothing_is_said_twice(use: Use) -> None:
    assert len(keywords(use, ARTICLE)) == 8
    found = keywords(use, ARTICLE, count=20)
    assert len(found) == len({word.lower() for word in found}) == 20
    assert len(keywords(use, "boats", count=5)) == 1
    assert len(keywords(use, ARTICLE, count=-2)) == 1


def test_forms_of_one_word_are_one_keyword() -> None:
    found = distinct(key_phrases("Boats sail. A boat sails. The boat sailed."), 9)
    assert len([phrase for phrase in found if "boat" in phrase.text.lower()]) == 1


def test_a_phrase_does_not_reach_across_a_comma_or_a_quotation_mark() -> None:
    found = {p.text for p in key_phrases("red boats, green hills; 'blue doors' white walls")}
    assert {"red boats", "green hills", "blue doors", "white walls"} <= found
    assert not {"boats green", "hills blue", "doors white"} & found


def test_stop_words_of_the_texts_own_language_are_left_out(use: Use) -> None:
    french = "Les bateaux quittent le port. Le vent est faible et les bateaux sont dans le port."
    assert not {"les", "le", "est", "sont", "dans"} & {w.lower() for w in keywords(use, french)}


def test_a_more_frequent_word_weighs_more_all_else_being_equal() -> None:
    phrases = {p.text: p.weight for p in key_phrases("Alpha beta. Gamma beta. Alpha delta. Alpha.")}
    assert phrases["Alpha"] > phrases["Gamma"]


@pytest.mark.parametrize("text", ["", "   ", "!!! ... 123", "the of and"])
def test_a_text_without_subject_is_refused(use: Use, text: str) -> None:
    with pytest.raises(InvalidInput, match="no words"):
        keywords(use, text)
