"""The words of a scan are read page by page, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media import fonts
from controlllm_tools.media.paper import Paper
from controlllm_tools.perform import Product

Use = Callable[..., Mapping[str, Product]]


def scan(path: Path, pages: list[str]) -> Path:
    """A PDF of pictures of words."""
    with Paper(numbered=False) as sheet:
        for words in pages:
            picture = Image.new("RGB", (800, 400), "white")
            ImageDraw.Draw(picture).text((60, 150), words, fill="black", font=fonts.font(48))
            sheet.add_page()
            sheet.image(picture, 10, 20, 180)
        return sheet.finish(path)


def test_the_words_of_all_pages_come_in_their_order(use: Use, tmp_path: Path) -> None:
    path = scan(tmp_path / "scan.pdf", ["Invoice total 42", "", "Paid in March"])
    with pytest.raises(InvalidInput, match="no text layer"):
        use("pdf_text", document=path)
    product = use("read_scan", document=path)["text"]
    assert product.text == "Invoice total 42\n\nPaid in March"
    assert product.caption == "3 pages, 1 of them without words"
