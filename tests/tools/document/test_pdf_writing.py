"""What is printed can be read back, in its order and form; what a page points at is not loaded."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.document.blocks import blocks_of
from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.pdf import open_pdf
from controlllm_tools.perform import Product, ToolBench
from controlllm_tools.registry import Registry
from controlllm_tools.resources import Resource
from controlllm_tools.samples import item_of_file
from controlllm_tools.samples.texts import ARTICLE, HTML, MARKDOWN
from controlllm_tools.tool import Inputs, Item, ToolContext

Use = Callable[..., Mapping[str, Product]]


def pages_of(product: Product) -> list[str]:
    assert product.path is not None
    assert product.type == "document.pdf"
    with open_pdf(product.path) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return [text.replace("\r\n", "\n") for text in texts]


def plain(text: str) -> str:
    return " ".join(text.split())


def many(registry: Registry, context: ToolContext, tool: str, **ports: list[Item]) -> Product:
    (product,) = ToolBench().perform(registry.cards[tool], Inputs.of(**ports), context)
    return product


def test_a_text_is_printed_below_its_title(use: Use) -> None:
    product = use("pdf_from_text", text=ARTICLE, title="Morning at Marwick Harbour")["document"]
    (page,) = pages_of(product)
    assert page.startswith("Morning at Marwick Harbour\n")
    assert plain(ARTICLE) in plain(page)
    assert product.caption == "1 page"
    assert product.facts.pages == 1


def test_lines_stay_lines(use: Use) -> None:
    (page,) = pages_of(use("pdf_from_text", text="Roses\r\nare red,\n\n\nViolets")["document"])
    assert page.split("\n")[:3] == ["Roses", "are red,", "Violets"]


def test_a_long_text_has_all_its_words_over_many_pages(use: Use, tmp_path: Path) -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "word " * 60 for number in range(100))
    path = tmp_path / "long.txt"
    path.write_text(text)
    product = use("pdf_from_text", text=path)["document"]
    pages = pages_of(product)
    assert product.facts.pages == len(pages) > 5
    assert sum(page.count("word") for page in pages) == 6_000


def test_several_texts_begin_on_pages_of_their_own(
    registry: Registry, context: ToolContext
) -> None:
    texts = ["First words.", "", "# Third\n\n*words*"]
    types = ["text", "text", "text.markdown"]
    items = [Item(Resource.of_value(t, text)) for t, text in zip(types, texts, strict=True)]
    product = many(registry, context, "pdf_from_texts", texts=items)
    assert [page.split("\n")[:3] for page in pages_of(product)] == [
        ["Text 1 of 3", "First words.", "1"],
        ["Text 2 of 3", "(This text is empty.)", "2"],
        ["Text 3 of 3", "Third", "words"],
    ]
    with open_pdf(product.path or Path()) as document:
        marks = [mark.get_title() for mark in document.get_toc()]
    assert marks == ["Text 1 of 3", "Text 2 of 3", "Text 3 of 3", "Third"]


def test_markdown_is_typeset(use: Use) -> None:
    product = use("pdf_from_markdown", markdown=MARKDOWN)["document"]
    (page,) = pages_of(product)
    assert "**" not in page
    assert "fishing harbour of Marwick wakes long before" in plain(page)
    assert "1. cod 2. herring, fresh" in plain(page)
    assert "Year Cod 2024 130" in plain(page)
    with open_pdf(product.path or Path()) as document:
        assert [mark.get_title() for mark in document.get_toc()] == [
            "Morning at Marwick Harbour",
            "What is sold",
        ]
    assert b"https://example.org/count" in (product.path or Path()).read_bytes()


def test_a_page_is_printed_with_its_table(use: Use) -> None:
    (page,) = pages_of(use("pdf_from_html", html=HTML)["document"])
    assert "Dr. Elin Moss, who planned the count, says" in plain(page)
    assert "Year Cod 2024 130" in plain(page)


def test_nothing_is_loaded_and_nothing_active_is_kept(use: Use, tmp_path: Path) -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    picture = tmp_path / "picture.png"
    Image.new("RGB", (5, 5), "red").save(picture)
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        there = f"http://127.0.0.1:{server.server_port}"
        html = f"""<link rel=stylesheet href={there}/a.css><p>Seen <img src={there}/b.png alt="a red
            square"><img src="{picture}"><img src="file:///etc/hostname"></p>
            <script src={there}/c.js>alert(1)</script><iframe src={there}/d></iframe>
            <p><a href="javascript:alert(2)">link</a> <b onclick="x()">bold</b></p>"""
        product = use("pdf_from_html", html=html)["document"]
        server.shutdown()
        thread.join()
    (page,) = pages_of(product)
    assert plain(page) == "Seen [a red square] link bold 1"
    assert asked == []
    content = (product.path or Path()).read_bytes()
    assert b"javascript" not in content
    assert b"/Subtype /Image" not in content


def test_html_in_markdown_stays_words(use: Use) -> None:
    markdown = "Hi <script>alert(1)</script> ![pic](https://example.org/x.png)"
    (page,) = pages_of(use("pdf_from_markdown", markdown=markdown)["document"])
    assert plain(page) == "Hi <script>alert(1)</script> [pic] 1"


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<p>x<ul><li>a<p>b</p><li>c<ol><li>d</ol></ul>", "x • a b • c 1. d"),
        ("<table><tr><td>a<table><tr><td>in</table><td>b<tr><td>c</table>", "ain b c"),
        ("<blockquote><h2>Q</h2><p>one</p></blockquote>", "Q one"),
        ("loose <i>words</i><div>in <div>divs</div></div>", "loose words in divs"),
        ("<pre>a\n  b</pre>", "a b"),
        ("<?xml version='1.0' encoding='utf-8'?><html><body>x &lt;y&gt; &amp;</body></html>",
         "x <y> &"),
        ("<li>stray</li><td>cells</td></div></p>", "stray cells"),
    ],
)  # fmt: skip
def test_any_page_is_printed(use: Use, html: str, told: str) -> None:
    (page,) = pages_of(use("pdf_from_html", html=html)["document"])
    assert plain(page).removesuffix(" 1").replace(" ", "") == told.replace(" ", "")


def test_marks_are_kept_in_blocks() -> None:
    (block,) = blocks_of('<p>a <strong>b</strong> <a href="https://x.org/?a=1&amp;b">c</a></p>')
    assert block.html == '<p>a <b>b</b> <a href="https://x.org/?a=1&amp;b">c</a></p>'


@pytest.mark.parametrize(
    ("tool", "port", "content", "told"),
    [
        ("pdf_from_text", "text", " \n", "there is no text to print"),
        ("pdf_from_html", "html", "<script>x</script>", "no text to print"),
        ("pdf_from_html", "html", "<div>" * 5_000 + "too deep", "no text to print"),
        ("pdf_from_markdown", "markdown", "", "there is no text to print"),
    ],
)
def test_nothing_to_print_is_told(use: Use, tool: str, port: str, content: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        use(tool, **{port: content})


def test_pictures_become_pages_upright_or_sideways(
    registry: Registry, context: ToolContext, tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 256, (60, 120, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "wide.png")
    Image.new("RGB", (50, 100), (0, 90, 200)).save(tmp_path / "high.png")
    paths = [tmp_path / "wide.png", tmp_path / "high.png"]
    items = [item_of_file(path, "image") for path in paths]
    product = many(registry, context, "pdf_from_pictures", images=items)
    with open_pdf(product.path or Path()) as document:
        sizes = [tuple(round(side / 72 * 25.4) for side in page.get_size()) for page in document]
        high = document[1].render(scale=1).to_pil().convert("RGB")
    assert sizes == [(297, 210), (210, 297)]
    assert high.getpixel((297, 421)) == (0, 90, 200)
    assert high.getpixel((5, 5)) == (255, 255, 255)


def test_pages_may_be_as_large_as_the_pictures(
    registry: Registry, context: ToolContext, tmp_path: Path
) -> None:
    Image.new("RGB", (300, 150), "red").save(tmp_path / "a.png")
    ports = {
        "images": [item_of_file(tmp_path / "a.png", "image")],
        "page": [Item(Resource.of_value("option", "picture"))],
    }
    product = many(registry, context, "pdf_from_pictures", **ports)
    with open_pdf(product.path or Path()) as document:
        assert document[0].get_size() == pytest.approx((144, 72), abs=0.1)
