"""What is put on paper can be read back from it; letters that no font has are said to be lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from controlllm_tools.errors import ToolFailed
from controlllm_tools.media import paper as paper_module
from controlllm_tools.media.paper import Paper
from controlllm_tools.media.pdf import open_pdf


@pytest.fixture(autouse=True)
def no_font_of_the_far_east(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_module, "far_eastern_face", lambda: None)


def read(path: Path) -> list[str]:
    with open_pdf(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def test_many_scripts_are_read_back(tmp_path: Path) -> None:
    words = "Grüße, œuvre, Привет, Γειά, ½ €"
    sheet = Paper("Title")
    sheet.add_page()
    sheet.heading("Überschrift")
    sheet.paragraph(words)
    (text,) = read(sheet.finish(tmp_path / "paper.pdf"))
    assert "Überschrift" in text
    assert words in text
    assert text.rstrip().endswith("1")
    assert sheet.caption() == "1 page"


def test_letters_without_a_font_become_boxes_and_are_told(tmp_path: Path) -> None:
    sheet = Paper()
    sheet.add_page()
    sheet.paragraph("The sign said 港 and 船, I think.")
    (text,) = read(sheet.finish(tmp_path / "paper.pdf"))
    assert "The sign said □ and □, I think." in text
    assert sheet.caption() == "1 page; no font here has 港 船, so they are boxes"


def test_a_text_of_which_nothing_could_be_read_is_refused_with_the_way_out(tmp_path: Path) -> None:
    sheet = Paper()
    sheet.add_page()
    sheet.paragraph("船は日の出前に港を出ます。")
    with pytest.raises(ToolFailed, match="apt-get install fonts-noto-cjk"):
        sheet.finish(tmp_path / "paper.pdf")


def test_control_characters_do_not_get_in(tmp_path: Path) -> None:
    sheet = Paper()
    sheet.add_page()
    sheet.paragraph("a\x00b\x1b[31mc\ud800d")
    (text,) = read(sheet.finish(tmp_path / "paper.pdf"))
    assert "ab[31mc?d" in text


def test_a_long_text_goes_over_many_pages_in_order(tmp_path: Path) -> None:
    sheet = Paper()
    sheet.add_page()
    for number in range(120):
        sheet.paragraph(f"Paragraph number {number}.")
    pages = read(sheet.finish(tmp_path / "paper.pdf"))
    assert len(pages) > 3
    joined = " ".join(pages)
    places = [joined.index(f"number {number}.") for number in range(120)]
    assert places == sorted(places)
    assert [page.rstrip().rsplit("\n", 1)[-1] for page in pages] == [
        str(number) for number in range(1, len(pages) + 1)
    ]


def test_a_heading_never_stands_alone_at_the_foot_of_a_page(tmp_path: Path) -> None:
    for lines in (36, 39, 41, 43):
        sheet = Paper()
        sheet.add_page()
        sheet.paragraph("\n".join(["line"] * lines))
        sheet.heading("Heading")
        sheet.paragraph("What follows it.")
        pages = read(sheet.finish(tmp_path / "paper.pdf"))
        assert [("Heading" in page) for page in pages] == [("follows" in page) for page in pages]


def test_a_table_with_an_endless_cell_is_printed_all_the_same(tmp_path: Path) -> None:
    sheet = Paper()
    sheet.add_page()
    sheet.grid([["a", "b"], ["x", "word " * 2_000]], has_header=True)
    pages = read(sheet.finish(tmp_path / "paper.pdf"))
    assert sum(page.count("word") for page in pages) == 2_000


def test_the_same_words_are_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for number in range(2):
        sheet = Paper("Title")
        sheet.add_page()
        sheet.prose("<p>Some <b>bold</b> words.</p>")
        made.append(sheet.finish(tmp_path / f"{number}.pdf").read_bytes())
    assert made[0] == made[1]
