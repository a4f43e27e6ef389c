"""Words and pictures come out of a PDF as they lie on its pages; a scan says that it is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.paper import Paper
from controlllm_tools.media.pdf import open_pdf
from controlllm_tools.perform import Product, ToolBench
from controlllm_tools.registry import Registry
from controlllm_tools.resources import Resource
from controlllm_tools.samples import item_of_file
from controlllm_tools.tool import Inputs, Item, ToolContext

Use = Callable[..., Mapping[str, Product]]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """Six pages, each with its number as a word and a black square in a corner of its own."""
    sheet = Paper(numbered=False)
    for number, place in enumerate([(10, 10), (190, 10), (10, 277), (190, 277), (100, 140)]):
        sheet.add_page()
        sheet.paragraph(f"This is page {('one', 'two', 'three', 'four', 'five')[number]}.")
        sheet.rect(*place, 10, 10, style="F")
    sheet.add_page()
    return sheet.finish(tmp_path / "pages.pdf")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    sheet = Paper(numbered=False)
    picture = Image.new("RGB", (60, 80), "white")
    sheet.add_page()
    sheet.image(picture, 10, 10, 100)
    return sheet.finish(tmp_path / "scan.pdf")


def each(registry: Registry, context: ToolContext, tool: str, **ports: object) -> list[Product]:
    """All results of a tool that gives many, or takes many."""
    items = {
        name: value if isinstance(value, Item | list) else Item(Resource.of_value("number", value))
        for name, value in ports.items()
    }
    return list(ToolBench().perform(registry.cards[tool], Inputs.of(**items), context))


def words_of(path: Path | None) -> list[str]:
    assert path is not None
    with open_pdf(path) as opened:
        texts = [page.get_textpage().get_text_range().strip() for page in opened]
    return [text.removeprefix("This is page ").rstrip(".") for text in texts]


def test_the_text_comes_page_by_page(use: Use, document: Path) -> None:
    product = use("pdf_text", document=document)["text"]
    assert product.path is not None
    assert product.path.read_text() == "".join(
        f"This is page {name}.\n\n" for name in ("one", "two", "three", "four", "five")
    )
    assert product.caption == "6 pages, 1 of them without text"


def test_a_scan_is_told_with_the_way_to_its_words(use: Use, scan: Path) -> None:
    with pytest.raises(InvalidInput, match=r"scan.pdf has no text layer: its 1 pages are pictures"):
        use("pdf_text", document=scan)


def test_something_else_is_refused(use: Use, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("no PDF")
    with pytest.raises(InvalidInput, match="is not a readable PDF"):
        use("pdf_text", document=path)


def test_pages_are_drawn_at_the_asked_resolution(
    registry: Registry, context: ToolContext, document: Path
) -> None:
    item = item_of_file(document, "document.pdf")
    pages = each(registry, context, "pdf_pages", document=item, dpi=72)
    assert len(pages) == 6
    dark = []
    for page in pages[:5]:
        assert page.path is not None
        grey = np.asarray(Image.open(page.path).convert("L"))
        assert grey.shape in {(842, 595), (842, 596)}  # parts of a pixel
        ys, xs = np.nonzero(grey < 10)
        square = (abs(xs - np.median(xs)) < 20) & (abs(ys - np.median(ys)) < 20)
        dark.append((round(xs[square].mean() / 595 * 210), round(ys[square].mean() / 842 * 297)))
    assert dark == [(15, 15), (195, 15), (15, 282), (195, 282), (105, 145)]


def test_a_colour_stays_that_colour(
    registry: Registry, context: ToolContext, tmp_path: Path
) -> None:
    sheet = Paper(numbered=False)
    sheet.add_page()
    sheet.set_fill_color(255, 0, 0)
    sheet.rect(0, 0, 210, 297, style="F")
    item = item_of_file(sheet.finish(tmp_path / "red.pdf"), "document.pdf")
    (page,) = each(registry, context, "pdf_pages", document=item, dpi=36)
    assert page.path is not None
    assert Image.open(page.path).getpixel((100, 100)) == (255, 0, 0)


def test_some_pages_only(registry: Registry, context: ToolContext, document: Path) -> None:
    item = item_of_file(document, "document.pdf")
    pages = each(registry, context, "pdf_pages", document=item, dpi=36, first_page=2, last_page=3)
    assert [page.caption for page in pages] == ["page 2 of 6", "page 3 of 6"]


@pytest.mark.parametrize(
    ("ports", "told"),
    [
        ({"dpi": 10}, "10 dpi is not drawn"),
        ({"first_page": 7}, r"pages 7 to 6 cannot be taken; the document has 1 to 6"),
        ({"first_page": 3, "last_page": 2}, "pages 3 to 2"),
        ({"first_page": 1.5}, r"pages 1\.5"),
    ],
)
def test_wrong_numbers_are_refused(
    registry: Registry, context: ToolContext, document: Path, ports: dict[str, float], told: str
) -> None:
    item = item_of_file(document, "document.pdf")
    with pytest.raises(InvalidInput, match=told):
        each(registry, context, "pdf_pages", document=item, **ports)


def test_documents_are_joined_in_their_order(
    registry: Registry, context: ToolContext, document: Path, scan: Path
) -> None:
    items = [item_of_file(path, "document.pdf") for path in (scan, document, scan)]
    (joined,) = each(registry, context, "join_pdfs", documents=items)
    assert words_of(joined.path) == ["", "one", "two", "three", "four", "five", "", ""]
    assert joined.caption == "8 pages of 3 documents"
    assert joined.facts.pages == 8


def test_pages_are_taken_out(registry: Registry, context: ToolContext, document: Path) -> None:
    item = item_of_file(document, "document.pdf")
    (part,) = each(registry, context, "split_pdf", document=item, first_page=2, last_page=4)
    assert words_of(part.path) == ["two", "three", "four"]


def test_a_document_is_split_into_parts(
    registry: Registry, context: ToolContext, document: Path
) -> None:
    item = item_of_file(document, "document.pdf")
    parts = each(registry, context, "split_pdf", document=item, last_page=5, pages_each=2)
    assert [words_of(part.path) for part in parts] == [["one", "two"], ["three", "four"], ["five"]]
    assert [part.caption for part in parts] == ["pages 1 to 2", "pages 3 to 4", "page 5"]
    with pytest.raises(InvalidInput, match="parts of 0 pages"):
        each(registry, context, "split_pdf", document=item, pages_each=0)
