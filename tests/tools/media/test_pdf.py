"""A PDF is opened or refused plainly, read page by page, and saved as the same bytes each time."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.limits import Limits
from controlllm_tools.media.pdf import new_pdf, open_pdf, pages_of, save_pdf
from controlllm_tools.media.probe import probe
from controlllm_tools.samples.papers import paper


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return paper(tmp_path / "paper.pdf")


LOCKED = b"""%%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>> endobj
4 0 obj <</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>> endobj
trailer <</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>
""" % (b"41" * 32, b"42" * 32)
"""The marks of a password that nobody knows; PDFium finds the objects without a table of them."""


def test_its_pages_are_counted_when_it_is_measured(document: Path) -> None:
    kind, facts = probe(document)
    assert (kind.mime, facts.pages, str(facts)) == ("application/pdf", 2, "2 pages")


def test_pages_come_one_after_the_other(document: Path) -> None:
    with open_pdf(document) as opened:
        texts = [page.get_textpage().get_text_bounded() for page in pages_of(opened, "paper")]
    assert "Marwick" in texts[0]
    assert texts[1].startswith("In short")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"%PDF-1.7\nnothing more", "is not a readable PDF"),
        (b"%PDF-1.7\n%%EOF\n", "is not a readable PDF"),
    ],
)
def test_a_broken_one_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=told):
        probe(path)


def test_a_cut_off_one_never_crashes(document: Path, tmp_path: Path) -> None:
    whole, path = document.read_bytes(), tmp_path / "cut.pdf"
    for length in range(20, len(whole), len(whole) // 40):
        path.write_bytes(whole[:length])
        with contextlib.suppress(InvalidInput):
            probe(path)


def test_a_locked_one_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(LOCKED)
    with pytest.raises(InvalidInput, match="locked by a password; save it without one"):
        probe(path)


def test_too_many_pages_are_refused(document: Path) -> None:
    with pytest.raises(InvalidInput, match=r"has 2 pages, the limit is 1"):
        probe(document, limits=Limits(pages=1))


def test_what_is_saved_twice_is_the_same_bytes(document: Path, tmp_path: Path) -> None:
    saved = []
    for number in range(2):
        with new_pdf() as copy, open_pdf(document) as source:
            copy.import_pages(source)
            saved.append(save_pdf(copy, tmp_path / f"{number}.pdf").read_bytes())
    assert saved[0] == saved[1]
    assert b"D:20000101000000" in saved[0]
    assert probe(tmp_path / "0.pdf")[1].pages == 2


def test_two_threads_may_count_pages_at_once(document: Path) -> None:
    found: list[int | None] = []
    threads = [
        threading.Thread(target=lambda: found.extend(probe(document)[1].pages for _ in range(20)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 80
