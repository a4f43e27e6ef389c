"""A plainer text says the same: asides go, long sentences are cut at joints, nothing is added."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product
from controlllm_tools.text.simplify_text import clean, cut, without_asides

Use = Callable[..., Mapping[str, Product]]

LONG = (
    "The committee (which had met on Monday [again]) decided to utilise the funds in order to "
    "repair the old bridge over the river, and the mayor announced that numerous workers would "
    "commence the work in the near future; the money of the town is sufficient for that."
)


def test_a_long_sentence_is_cut_at_its_joints_and_its_words_are_plainer(use: Use) -> None:
    plain = use("simplify_text", text=LONG, longest=15)["plain"]
    assert plain.type == "text.plain"
    assert plain.text == (
        "The committee decided to use the funds to repair the old bridge over the river. "
        "The mayor announced that many workers would begin the work soon. "
        "The money of the town is enough for that."
    )
    assert plain.caption == "1 sentences made 3"


def test_asides_can_stay(use: Use) -> None:
    plain = use("simplify_text", text="The bridge (built in 1801) is old.", keep_asides=True)
    assert plain["plain"].text == "The bridge (built in 1801) is old."


def test_a_comma_without_a_new_subject_is_no_joint() -> None:
    sentence = (
        "He walked to the harbour early in the morning, and bought a loaf of bread, some fish, "
        "and a newspaper from the day before."
    )
    assert cut(sentence, 8) == [sentence]


def test_but_keeps_its_meaning() -> None:
    sentence = "The boats went out early that day, but the fish were gone before the sun was up."
    assert cut(sentence, 10) == [
        "The boats went out early that day.",
        "But the fish were gone before the sun was up.",
    ]


def test_quoted_speech_is_not_torn_apart(use: Use) -> None:
    text = (
        'She said: "The boats left the quay at four; the fish were gone long before the sun came '
        'up over the bay" and laughed.'
    )
    assert use("simplify_text", text=text, longest=6)["plain"].text == text


def test_marks_are_straightened_and_paragraphs_stay(use: Use) -> None:
    text = "\u201cHello\u201d,\u00a0she  said\u2026\r\n\r\n\r\nIt\u2019s a co-\noperation."
    assert use("simplify_text", text=text)["plain"].text == (
        '"Hello", she said...\n\nIt\'s a cooperation.'
    )


def test_an_aside_between_dashes_goes_and_a_lonely_dash_stays() -> None:
    assert without_asides("The sea \u2013 cold and grey \u2013 was calm.") == "The sea was calm."
    assert without_asides("The sea \u2013 it was calm.") == "The sea \u2013 it was calm."


@given(st.text(st.sampled_from('abA .,;()[]"\u2013\n'), max_size=200))
def test_cleaning_is_done_at_once_and_nothing_but_asides_gets_lost(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    kept = "".join(filter(str.isalpha, without_asides(text)))
    letters = iter("".join(filter(str.isalpha, text)))
    assert all(letter in letters for letter in kept)


def test_an_empty_text_is_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="nothing to simplify"):
        use("simplify_text", text="\n")
