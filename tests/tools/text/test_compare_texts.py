"""A difference holds both texts: the old one with what was removed, the new one with the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product
from controlllm_tools.text.compare_texts import by_lines, by_words

Use = Callable[..., Mapping[str, Product]]


def test_changed_lines_are_marked_among_those_around(use: Use) -> None:
    products = use("compare_texts", before="one\ntwo\nthree\n", after="one\nzwei\nthree\nfour\n")
    assert (products["diff"].text or "").splitlines() == [
        "--- before", "+++ after", "@@ -1,3 +1,4 @@", " one", "-two", "+zwei", " three", "+four",
    ]  # fmt: skip
    assert products["diff"].caption == "1 lines removed, 2 added"
    assert products["diff"].type == "text.diff"


def test_changed_words_are_marked_in_place(use: Use) -> None:
    products = use(
        "compare_texts",
        before="The quick brown fox.",
        after="The slow brown fox jumps.",
        by="words",
    )
    assert products["diff"].text == "The [-quick-]{+slow+} brown fox{+ jumps+}."
    assert products["diff"].caption == "1 words removed, 2 added"


def test_similarity_is_the_share_of_words_in_common(use: Use) -> None:
    products = use("compare_texts", before="a b c d", after="a b x y")
    assert float(products["similarity"].text or "") == 0.5


def test_equal_texts_are_said_to_be_equal(use: Use) -> None:
    products = use("compare_texts", before="same", after="same")
    assert products["diff"].text == "The two texts are the same.\n"
    assert float(products["similarity"].text or "") == 1.0


def test_other_line_endings_are_told(use: Use) -> None:
    assert "lines end" in (use("compare_texts", before="a\r\nb", after="a\nb")["diff"].text or "")


@given(st.text("ab c.\n", max_size=80), st.text("ab c.\n", max_size=80))
def test_both_texts_can_be_read_out_of_the_marked_one(before: str, after: str) -> None:
    marked, _ = by_words(before, after)
    assert re.sub(r"\{\+(.*?)\+\}|\[-(.*?)-\]", r"\1", marked, flags=re.DOTALL) == after
    assert re.sub(r"\{\+(.*?)\+\}|\[-(.*?)-\]", r"\2", marked, flags=re.DOTALL) == before


def test_two_empty_texts_and_too_many_lines_are_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="both texts are empty"):
        use("compare_texts", before=" ", after="")
    with pytest.raises(InvalidInput, match=r"has 20001 lines, the limit is 20000"):
        by_lines("a\n" * 20_001, "b")
