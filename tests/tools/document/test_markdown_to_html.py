"""A page of Markdown says what the text says, runs nothing and loads nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element

import html5lib
import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.perform import Product
from controlllm_tools.samples.texts import MARKDOWN

Use = Callable[..., Mapping[str, Product]]


def tree_of(product: Product) -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree: Element = parser.parse(product.text or "")
    return tree


def texts(tree: Element, path: str) -> list[str]:
    return ["".join(element.itertext()) for element in tree.findall(path)]


def test_the_page_is_valid_and_named_by_its_first_heading(use: Use) -> None:
    product = use("markdown_to_html", markdown=MARKDOWN)["html"]
    tree = tree_of(product)
    assert product.type == "text.html"
    assert texts(tree, ".//title") == texts(tree, ".//h1") == ["Morning at Marwick Harbour"]
    assert texts(tree, ".//strong") == ["fishing harbour"]
    assert texts(tree, ".//ol/li") == ["cod", "herring, fresh"]
    assert texts(tree, ".//td") == ["2024", "130"]
    assert [a.get("href") for a in tree.findall(".//a")] == ["https://example.org/count"]


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[link](javascript:alert(1))",
        "![pic](https://evil.example/track.png)",
        "<a href='data:text/html,x'>x</a>",
        "[x](<javascript:alert(1)>)",
        '[x](https://a.b "onmouseover=alert(1)")',
        "# <svg/onload=alert(1)>",
    ],
)
def test_hostile_words_stay_words(use: Use, words: str) -> None:
    tree = tree_of(use("markdown_to_html", markdown=f"A {words}\n\n{words}")["html"])
    assert not tree.findall(".//script") + tree.findall(".//img") + tree.findall(".//svg")
    for element in tree.iter():
        assert not [name for name in element.attrib if name.startswith("on")]
        assert (element.get("href") or "https:").startswith("https:")


def test_an_empty_text_is_refused(use: Use) -> None:
    with pytest.raises(InvalidInput, match="nothing to show"):
        use("markdown_to_html", markdown=" \n")
