"""The language of a sentence is told; what tells nothing is said to tell nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]

SENTENCES = {
    "en": "The boats leave the harbour before the sun rises.",
    "de": "Die Boote verlassen den Hafen, bevor die Sonne aufgeht.",
    "fr": "Les bateaux quittent le port avant le lever du soleil.",
    "es": "El perro come carne en la casa de mi abuela.",
    "it": "Le barche lasciano il porto prima che sorga il sole.",
    "da": "Bådene forlader havnen, før solen står op over byen.",
    "pl": "Łodzie opuszczają port, zanim wzejdzie słońce.",
    "ru": "Лодки покидают гавань до восхода солнца.",
    "ja": "船は日の出前に港を出ます。",
    "el": "Τα πλοία φεύγουν από το λιμάνι πριν από την ανατολή.",  # noqa: RUF001 - it is Greek
}


@pytest.mark.parametrize(("code", "sentence"), SENTENCES.items())
def test_a_sentence_is_enough(use: Use, code: str, sentence: str) -> None:
    facts = json.loads(use("detect_language", text=sentence)["language"].text or "")
    assert facts["language"] == code
    assert facts["confidence"] > 0.5
    assert code not in {each["language"] for each in facts["others"]}


def test_the_english_name_is_told(use: Use) -> None:
    product = use("detect_language", text=SENTENCES["de"])["language"]
    assert product.type == "facts.language"
    assert json.loads(product.text or "")["name"] == "German"
    assert product.caption.startswith("German")


@pytest.mark.parametrize("text", ["42 + 17 = 59", "!!! ???"])
def test_what_has_no_words_has_no_language(use: Use, text: str) -> None:
    facts = json.loads(use("detect_language", text=text)["language"].text or "")
    assert (facts["language"], facts["confidence"]) == ("und", 0.0)


def test_an_empty_text_is_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="it has no language"):
        use("detect_language", text=" \n")
