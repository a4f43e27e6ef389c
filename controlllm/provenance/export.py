"""Write what the record knows of a run for other programs: W3C PROV-JSON, or a Run Crate."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from controlllm.errors import ArtifactLost, ConfigurationError
from controlllm.events import RunId
from controlllm.provenance.crate_parts import PathOf
from controlllm.provenance.prov_document import prov_document
from controlllm.provenance.queries import Queries
from controlllm.provenance.run_crate import run_crate
from controlllm.provenance.story import RunStory

METADATA = "ro-crate-metadata.json"


def write_prov(store: Queries, path_of: PathOf, run_id: RunId, out: Path) -> None:  # noqa: ARG001 - one form for all formats
    """Write the story of a run as PROV-JSON.

    Args:
        store: The record.
        path_of: Not used: PROV names artefacts by digest, and their text when it is inline.
        run_id: The run.
        out: File to write; replaced when it is there.

    Raises:
        RunNotFound: There is no such run.
        RunConflict: It has begun no step yet.
    """
    text = prov_document(RunStory.read(store, run_id)).serialize(format="json", indent=1)
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(out)
    temporary.write_text(f"{text}\n", encoding="ascii")
    temporary.replace(out)


def write_crate(store: Queries, path_of: PathOf, run_id: RunId, out: Path) -> None:
    """Write the story of a run, with all its files, as a Provenance Run Crate.

    Args:
        store: The record.
        path_of: The stored file of an artefact; None when it is inline.
        run_id: The run.
        out: Folder to make; it is there whole or not at all.

    Raises:
        RunNotFound: There is no such run.
        RunConflict: It has begun no step yet.
        ArtifactLost: A file is gone or changed; nothing is written.
        ConfigurationError: The folder exists and is not empty.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        msg = f"{out} is there already; name a new folder"
        raise ConfigurationError(msg)
    crate = run_crate(RunStory.read(store, run_id), path_of, version("controlllm"))
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(out)
    try:
        crate.write(temporary)
        problems = list(check_crate(temporary))
        if problems:
            msg = f"run {run_id} cannot be exported whole: {'; '.join(problems)}; replay it"
            raise ArtifactLost(msg)
        if out.exists():
            out.rmdir()
        temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_crate(folder: Path) -> Iterator[str]:
    """Tell every way in which the files of a crate are not what its metadata says.

    Args:
        folder: A crate that `write_crate` wrote.
    """
    metadata = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    entities = {each["@id"]: each for each in metadata["@graph"]}
    for entity in entities.values():
        if "File" in _types(entity):
            yield from _file_problems(folder, entity)
        for name, target in _references(entity):
            if target not in entities and not target.startswith(("http:", "https:")):
                yield f"{entity['@id']} points by {name} to {target}, which is not there"


def _file_problems(folder: Path, entity: dict[str, Any]) -> Iterator[str]:
    path = folder / unquote(entity["@id"])
    if not path.is_file():
        yield f"{entity['@id']} is missing"
        return
    if str(path.stat().st_size) != entity["contentSize"]:
        yield f"{entity['@id']} has {path.stat().st_size} bytes, not {entity['contentSize']}"
        return
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != entity["sha256"]:
            yield f"{entity['@id']} was changed"


def _references(entity: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in entity.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield name, each["@id"]


def _types(entity: dict[str, Any]) -> list[str]:
    types = entity["@type"]
    return types if isinstance(types, list) else [types]


def _beside(out: Path) -> Path:
    """A new name in the same folder, so that a rename puts the whole in place at once."""
    return out.with_name(f".{out.name}-{os.getpid()}-{secrets.token_hex(4)}")
