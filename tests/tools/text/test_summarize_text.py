"""A summary is made of the sentences that matter, unchanged and in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from controlllm_tools.errors import InvalidInput, Transient
from controlllm_tools.media.sentences import sentences
from controlllm_tools.perform import Product
from controlllm_tools.samples.texts import ARTICLE
from controlllm_tools.text.summarize_text import central
from controlllm_tools.tool import ToolContext

Use = Callable[..., Mapping[str, Product]]

ON_TOPIC = (
    "The council plans to close two streets around the old market to cars.",
    "Closing the market streets to cars makes the air in the old town cleaner.",
    "Shops in the streets around the market fear that customers without cars stay away.",
)
OFF_TOPIC = (
    "A dog barked somewhere.",
    "My aunt collects porcelain elephants.",
    "Yesterday it rained for an hour.",
)


def summary(use: Use, text: str, **inputs: object) -> str:
    return use("summarize_text", text=text, **inputs)["summary"].text or ""


def test_sentences_of_the_common_subject_are_kept_and_the_odd_ones_are_not(use: Use) -> None:
    mixed = [sentence for pair in zip(OFF_TOPIC, ON_TOPIC, strict=True) for sentence in pair]
    assert summary(use, " ".join(mixed), sentences=3) == " ".join(ON_TOPIC)


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_so_many_sentences_are_kept_as_they_are_and_in_their_order(use: Use, count: int) -> None:
    kept = sentences(summary(use, ARTICLE, sentences=count))
    whole = list(sentences(ARTICLE))
    places = [whole.index(sentence) for sentence in kept]
    assert len(kept) == count
    assert places == sorted(set(places))


def test_a_sentence_that_says_the_same_again_is_not_taken_twice(use: Use) -> None:
    text = f"{ON_TOPIC[0]} {ON_TOPIC[0][:-1]} soon. {ON_TOPIC[1]} {OFF_TOPIC[1]}"
    kept = summary(use, text, sentences=2)
    assert kept == f"{ON_TOPIC[0]} {ON_TOPIC[1]}"


def test_a_short_text_comes_back_as_it_is(use: Use) -> None:
    text = "Line one.\n  Line two, indented."
    assert summary(use, text) == text
    assert summary(use, "hello") == "hello"


def test_headings_and_shouts_are_left_out_while_there_are_sentences(use: Use) -> None:
    text = "Market!\n\nStreets!\n\n" + " ".join(ON_TOPIC)
    assert summary(use, text, sentences=2).count("!") == 0


@pytest.mark.parametrize(
    "text",
    [
        "Das Boot verlässt den Hafen. Ein Boot im Hafen ist sicher. Der Hund schläft gern.",
        "Le bateau quitte le port. Un bateau au port est en sécurité. Le chien aime dormir.",
        "渔船离开港口。港口里的渔船很安全。狗喜欢睡觉。",
    ],
)
def test_other_languages_are_summarised_too(use: Use, text: str) -> None:
    kept = summary(use, text, sentences=2)
    assert not any(word in kept for word in ("Hund", "chien", "狗"))


def test_text_without_words_is_still_cut_to_length(use: Use) -> None:
    assert len(sentences(summary(use, "1. 2! 3? 4! 5?\n\n6\n\n7", sentences=2))) == 2


@pytest.mark.parametrize(("count", "expected"), [(-3, 1), (0.4, 1), (1e9, 12)])
def test_an_odd_number_of_sentences_is_brought_into_range(
    use: Use, count: float, expected: int
) -> None:
    assert len(sentences(ARTICLE)) == 12
    assert len(sentences(summary(use, ARTICLE, sentences=count))) == expected


def test_an_empty_text_is_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="nothing to summarise"):
        summary(use, " \n ")


def test_a_book_is_summarised_in_seconds_from_a_file(use: Use, tmp_path: Path) -> None:
    book = "".join(f"Chapter {n} tells of boat {n % 97} in bay {n % 89}.\n" for n in range(20_000))
    (tmp_path / "book.txt").write_text(book)
    begin = time.perf_counter()
    product = use("summarize_text", text=tmp_path / "book.txt", sentences=2)["summary"]
    assert product.caption == "2 of 20000 sentences"
    assert time.perf_counter() - begin < 30


def test_it_stops_when_its_time_is_over(context: ToolContext) -> None:
    late = replace(context, deadline_s=time.monotonic() - 1)
    with pytest.raises(Transient):
        central(ON_TOPIC + OFF_TOPIC, 2, late)
