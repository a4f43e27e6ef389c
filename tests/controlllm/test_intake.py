"""Files of users come in as they are."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from controlllm.execution.artifacts import ArtifactStore
from controlllm.intake import Intake
from controlllm_tools.errors import InvalidInput
from controlllm_tools.resources import INLINE_LIMIT_BYTES
from controlllm_tools.samples import sample
from controlllm_tools.tool import ToolContext


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake(ArtifactStore(tmp_path / "store", durable=False), frozenset({"text", "image"}))


@pytest.mark.parametrize("content", [b"one\r\ntwo\r\n", b"old\rmac\r", "\ufeffmark\n".encode()])
def test_a_text_keeps_every_byte_and_is_named_by_them(
    intake: Intake, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(content)
    resource = intake.attach(file).resource
    assert resource is not None
    assert resource.text is not None
    assert resource.text.encode() == content
    assert resource.sha256 == hashlib.sha256(content).hexdigest()
    assert resource.size_bytes == len(content)


def test_a_long_text_is_stored_as_a_file(intake: Intake, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    content = b"line\r\n" * INLINE_LIMIT_BYTES
    file.write_bytes(content)
    resource = intake.attach(file).resource
    assert resource is not None
    assert resource.text is None
    assert intake.artifacts.path(resource.sha256).read_bytes() == content


def test_a_text_in_another_encoding_is_refused_by_its_name(intake: Intake, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("Grüße, schöne Welt\n".encode("latin-1"))
    with pytest.raises(InvalidInput, match=r"a\.txt"):
        intake.attach(file)


KNOWN_TYPES = frozenset({
    "text", "text.subtitles", "text.markdown", "text.html", "text.json", "table", "image",
    "image.animation", "document", "document.pdf",
})  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "type_"),
    [
        ("sales.csv", "boats,day\n3,Monday\n", "table"),
        ("sales.tsv", "boats\tday\n3\tMonday\n", "table"),
        ("notes.md", "# Notes\n\nThe tide is low.\n", "text.markdown"),
        ("page.html", "<!doctype html><p>The tide is low.</p>", "text.html"),
        ("page.txt", "<!doctype html><p>The tide is low.</p>", "text.html"),
        ("rows.json", '[{"boats": 3}]', "text.json"),
        ("rows.jsonl", '{"boats": 3}\n{"boats": 4}\n', "text"),
        ("words.srt", "1\n00:00:00,000 --> 00:00:01,000\nThe tide is low.\n", "text.subtitles"),
        ("notes.txt", "The tide is low.\n", "text"),
    ],
)
def test_the_form_of_a_text_decides_what_it_is(
    intake: Intake, tmp_path: Path, name: str, content: str, type_: str
) -> None:
    (tmp_path / name).write_text(content)
    attached = replace(intake, types=KNOWN_TYPES).attach(tmp_path / name)
    assert attached.type == type_
    assert attached.resource is not None
    assert attached.resource.text == content


def test_a_table_is_a_text_where_the_catalogue_knows_no_tables(
    intake: Intake, tmp_path: Path
) -> None:
    (tmp_path / "sales.csv").write_text("boats,day\n3,Monday\n")
    assert intake.attach(tmp_path / "sales.csv").type == "text"


def test_a_file_goes_by_the_name_it_was_given(intake: Intake, tmp_path: Path) -> None:
    (tmp_path / "upload-7").write_text("boats,day\n3,Monday\n")
    knowing = replace(intake, types=KNOWN_TYPES)
    assert knowing.attach(tmp_path / "upload-7", name="sales.csv").type == "table"


def test_only_a_gif_that_moves_is_an_animation(intake: Intake, tmp_path: Path) -> None:
    context = ToolContext(scratch=tmp_path)
    moving = sample("image.animation", context).path
    assert moving is not None
    with Image.open(moving) as frames:
        frames.save(tmp_path / "still.gif")
    knowing = replace(intake, types=KNOWN_TYPES)
    assert knowing.attach(moving).type == "image.animation"
    assert knowing.attach(tmp_path / "still.gif").type == "image"
    assert intake.attach(moving).type == "image"


def test_a_pdf_is_a_pdf(intake: Intake, tmp_path: Path) -> None:
    paper = sample("document.pdf", ToolContext(scratch=tmp_path)).path
    assert paper is not None
    assert replace(intake, types=KNOWN_TYPES).attach(paper).type == "document.pdf"
