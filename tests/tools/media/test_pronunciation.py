"""Tokens of a text become words that can be said, and unknown words get sounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.media.pronunciation import phones, words_of

ARPABET = set(
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W "
    "Y Z ZH".split()
)


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("Harbour,", "harbour"),
        ("don\u2019t", "don't"),
        ("twenty-one", "twenty one"),
        ("21", "twenty one"),
        ("0", "zero"),
        ("100", "one hundred"),
        ("1,205", "one thousand two hundred five"),
        ("1984", "nineteen eighty four"),
        ("2000", "two thousand"),
        ("007", "zero zero seven"),
        ("12345678", "one two three four five six seven eight"),
        ("50%", "fifty percent"),
        ("R&B", "r and b"),
        ("Caf\u00e9", "cafe"),
        ("--", ""),
        ("\u4f60", ""),
    ],
)
def test_a_token_is_said_in_words(token: str, said: str) -> None:
    assert " ".join(words_of(token)) == said


@given(st.text(max_size=12))
def test_whatever_is_written_becomes_plain_words_with_sounds(token: str) -> None:
    for word in words_of(token):
        assert word.replace("'", "").isalpha()
        assert set(phones(word).split()) <= ARPABET
        assert phones(word)


def test_sounds_follow_the_letters() -> None:
    assert phones("ship") == "SH IH P"
    assert phones("fabble") == "F AE B L"
    assert phones("quoosh") == "K W UW SH"
