"""Files of users come in as they are."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from controlllm.execution.artifacts import ArtifactStore
from controlllm.intake import Intake
from controlllm_tools.errors import InvalidInput
from controlllm_tools.resources import INLINE_LIMIT_BYTES


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
