"""Addresses come out as they can be opened: without the marks around them, each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from controlllm_tools.perform import Product
from controlllm_tools.resources import Resource
from controlllm_tools.samples.texts import HTML
from controlllm_tools.tool import Item

Use = Callable[..., Mapping[str, Product]]


def test_addresses_of_a_text_are_listed_once_and_in_order(use: Use) -> None:
    text = (
        "See (https://example.org/a), www.example.com/b?c=1. And example.net! Not file.txt, not "
        "me@example.com, nor e.g. this.that; but https://example.org/a again, and "
        "<http://example.org/wiki/Sea_(water)>."
    )
    product = use("extract_urls", text=text)["urls"]
    assert (product.text or "").split("\n") == [
        "https://example.org/a",
        "https://www.example.com/b?c=1",
        "https://example.net",
        "http://example.org/wiki/Sea_(water)",
    ]
    assert product.type == "text.urls"
    assert product.caption == "4 addresses"


def test_of_a_page_the_links_are_listed_without_entities(use: Use) -> None:
    source = HTML + "<a href='https://example.org/?a=1&amp;b=2'>x</a> https://in.text.example.org"
    page = Item(Resource.of_value("text.html", source))
    assert (use("extract_urls", text=page)["urls"].text or "").split("\n") == [
        "https://example.org/count",
        "https://example.org/?a=1&b=2",
    ]


def test_a_text_without_any_gives_an_empty_list(use: Use) -> None:
    product = use("extract_urls", text="Nothing here.")["urls"]
    assert (product.text, product.caption) == ("", "no web addresses found")
