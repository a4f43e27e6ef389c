"""The article of a page is kept; menus, scripts and footers are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product
from controlllm_tools.samples.texts import HTML

Use = Callable[..., Mapping[str, Product]]


def test_the_article_comes_without_what_stands_around_it(use: Use) -> None:
    text = use("page_text", html=HTML)["text"].text or ""
    assert text.startswith("Morning at Marwick Harbour\nThe fishing harbour of Marwick wakes long")
    assert "Dr. Elin Moss" in text
    assert "130" in text
    assert "Tides" not in text
    assert "Printed on Mondays" not in text


def test_a_page_without_an_article_gives_all_its_words(use: Use) -> None:
    page = "<title>T</title><nav>Home<br>Tid<b>es</b> &amp; <script>let a = 1;</script>\nmore</nav>"
    assert use("page_text", html=page)["text"].text == "Home\nTides & more\n"


def test_a_page_without_words_is_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="holds no text"):
        use("page_text", html="<html><body><script>let a = 'words';</script></body></html>")
