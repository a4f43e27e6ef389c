"""Prose is cut into sentences, and nothing of it is lost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.media.sentences import sentences

CASES = {
    "One. Two! Three?": ["One.", "Two!", "Three?"],
    "Dr. Moss met Mr. J. K. Lund at 9 a.m. They spoke.": [
        "Dr. Moss met Mr. J. K. Lund at 9 a.m.", "They spoke.",
    ],
    "It cost 3.50 in 1.2 seconds. Cheap.": ["It cost 3.50 in 1.2 seconds.", "Cheap."],
    "See Fig. 3, e.g. the top. No. 5 is red.": ["See Fig. 3, e.g. the top.", "No. 5 is red."],
    "He said 'go.' Then he left.": ["He said 'go.'", "Then he left."],
    "She said 'they linger'. The trees came.": ["She said 'they linger'.", "The trees came."],
    "“Stop!” she cried. Nobody did.": ["“Stop!” she cried.", "Nobody did."],
    "Well... that was it. Then… Nothing.": ["Well... that was it.", "Then…", "Nothing."],
    "I use iPhone. iOS is fine": ["I use iPhone. iOS is fine"],
    "Visit example.com today. Or not.": ["Visit example.com today.", "Or not."],
    "A line\nbroken in two. Next.": ["A line broken in two.", "Next."],
    "The boats leave\nNobody waits": ["The boats leave", "Nobody waits"],
    "The boats of\nMarwick leave\ntoday": ["The boats of Marwick leave today"],
    "The boats of\nMarwick leave.": ["The boats of Marwick leave."],
    "A heading\n\nA paragraph.": ["A heading", "A paragraph."],
    "Buy:\n- milk\n- two eggs\n1. stir": ["Buy:", "- milk", "- two eggs", "1. stir"],
    "我们去港口。很多船\uff01好吗\uff1f好": ["我们去港口。", "很多船\uff01", "好吗\uff1f", "好"],
    "नाव आई। वह गई।": ["नाव आई।", "वह गई।"],
    "أين القارب؟ ذهب.": ["أين القارب؟", "ذهب."],
    "¿Dónde está? ¡Aquí! Vale.": ["¿Dónde está?", "¡Aquí!", "Vale."],
    "": [],
    " \n\n ": [],
    "no mark at all": ["no mark at all"],
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.items())
def test_sentences_end_where_a_reader_says(text: str, expected: list[str]) -> None:
    assert list(sentences(text)) == expected


@given(st.text(st.sampled_from("ab AB.!?…\n\"'()-1。 ")))
def test_every_character_but_blanks_comes_back_in_order(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(st.text(max_size=200))
def test_no_sentence_is_empty_or_padded(text: str) -> None:
    for sentence in sentences(text):
        assert sentence
        assert sentence == " ".join(sentence.split())


@pytest.mark.parametrize("text", ["a. " * 200_000, "A. " * 200_000, "." * 500_000, "x" * 1_000_000])
def test_long_texts_take_no_more_than_linear_time(text: str) -> None:
    begin = time.perf_counter()
    sentences(text)
    assert time.perf_counter() - begin < 5
