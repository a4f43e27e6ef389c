"""A title is short, honest and never empty."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.media.headline import LONGEST_CHARS, title_of
from controlllm_tools.media.title_case import title_case
from controlllm_tools.samples.texts import ARTICLE

TITLES = {
    "A 6-second clip in warm light. Boats move slowly from left to right across calm water. "
    "The words 'GOOD MORNING HARBOUR' are on screen.": "Good Morning Harbour",
    "Words on screen read “x7”, “SUMMER SALE” and “50% off”. It is bright.": "Summer Sale",
    "The film is called «La mer». It is quiet.": "La Mer",
    "# Weekend in Porto\n\nWe walked along the river.": "Weekend in Porto",
    "Minutes of the meeting\n\nWe met on 4 May. The roof leaks.": "Minutes of the Meeting",
    "what a day": "What a Day",
    "This clip shows a red bicycle leaning against an old brick wall. The light is soft.": (
        "A Red Bicycle Leaning Against an Old Brick Wall"
    ),
    "A dog runs along the beach at sunset while children build a sandcastle. Waves roll in.": (
        "A Dog Runs Along the Beach at Sunset"
    ),
    "The video lasts 4 seconds, in landscape format, and no hard cut interrupts it. Nearly "
    "everything in the picture moves, briskly. It is bright, with strong contrast and vivid "
    "colours of a cool cast: mostly dark blue, green and white.": "Dark Blue, Green and White",
    "Wir fahren am Wochenende mit dem Zug nach Hamburg. Dort besuchen wir den Hafen.": (
        "Wir fahren am Wochenende mit dem Zug nach Hamburg"
    ),
    "我们在港口看到很多渔船。市场里有新鲜的鱼。": "我们在港口看到很多渔船",
}


@pytest.mark.parametrize(("text", "title"), TITLES.items())
def test_a_title_says_something_useful(text: str, title: str) -> None:
    assert title_of(text) == title


def test_every_word_of_a_title_stands_in_the_text() -> None:
    title = title_of(ARTICLE)
    assert 3 <= len(title.split()) <= 12
    assert set(title.lower().split()) <= set(ARTICLE.lower().replace(".", "").split())


def test_spoken_words_are_no_title() -> None:
    text = "“Yes,” she said. The red boat left the old harbour before dawn."
    assert "Yes" not in title_of(text)


@given(st.text(min_size=1, max_size=300).filter(lambda text: text.strip()))
def test_a_title_is_never_empty_and_never_too_long(text: str) -> None:
    title = title_of(text.strip())
    assert 1 <= len(title) <= LONGEST_CHARS
    assert "\n" not in title


@given(
    st.lists(st.sampled_from("the harbour, of boats. and (old red sea! - a".split()), min_size=1)
)
def test_a_title_has_no_loose_end_no_mark_at_the_end_and_pairs_of_brackets(
    words: list[str],
) -> None:
    title = title_of(" ".join(words))
    if any(mark.isalnum() for mark in title):
        assert title[-1].isalnum() or title[-1] in ")%"
        assert title.count("(") == title.count(")")
        assert title == title.strip()


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("the old man and the sea", "The Old Man and the Sea"),
        ("NASA launches the iPhone", "NASA Launches the iPhone"),
        ("GOOD MORNING HARBOUR", "Good Morning Harbour"),
        ("USA", "USA"),
        ("don't stop", "Don't Stop"),
        ("state-of-the-art boats", "State-of-the-Art Boats"),
        ("what is it for", "What Is It For"),
        ("“quiet” days", "“Quiet” Days"),
        ("", ""),
    ],
)
def test_title_case_is_that_of_headlines(phrase: str, expected: str) -> None:
    assert title_case(phrase) == expected
