"""Words are set in lines that fit, and none is lost."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.fonts import font
from controlllm_tools.media.lettering import Look, strip, wrapped

WORDS = "The queue at the quay begins at seven, long before the first boats are back."


def test_lines_are_as_long_as_fits_and_hold_every_word_in_order() -> None:
    letters = font(20)
    lines = wrapped(WORDS, letters, 200)
    assert " ".join(lines) == WORDS
    assert len(lines) > 2
    for line, following in pairwise(lines):
        assert letters.getlength(line) <= 200
        assert letters.getlength(f"{line} {following.split()[0]}") > 200


def test_own_lines_of_a_text_stay_lines() -> None:
    assert wrapped("one\n\ntwo three\n", font(12), 500) == ["one", "", "two three"]


def test_a_word_wider_than_the_line_is_broken() -> None:
    lines = wrapped("a " + "w" * 100, font(20), 150)
    assert "".join(lines[1:]) == "w" * 100
    assert max(font(20).getlength(line) for line in lines) <= 150


def test_a_strip_is_as_wide_as_asked_and_its_words_stand_in_the_middle() -> None:
    pixels = np.asarray(strip("seven", 300, Look(size_px=24)).convert("L"))
    assert pixels.shape[1] == 300
    assert 24 < pixels.shape[0] < 72
    rows, columns = np.nonzero(pixels < 128)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(150, abs=3)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(pixels.shape[0] / 2, abs=6)


@pytest.mark.parametrize(
    ("text", "said"), [(" \n", "no words to write"), ("w" * 6_000, "too many")]
)
def test_no_words_and_a_whole_book_are_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        wrapped(text, font(12), 100)
