"""Put the results of a run into a folder of the user's."""

from __future__ import annotations

import mimetypes
import shutil
from collections.abc import Callable
from pathlib import Path

from controlllm.answer import RunResult
from controlllm_tools.media import folders
from controlllm_tools.resources import Resource

_SUFFIX_OF_MIME = {"text/plain": ".txt", "application/json": ".json", "image/jpeg": ".jpg"}


def deliver(
    result: RunResult, path_of: Callable[[Resource], Path | None], out: Path
) -> dict[int, Path]:
    """Copy every result out; a packed folder is unpacked, inline text becomes a file.

    Args:
        result: Of the run.
        path_of: The stored file of an artefact; None when it is inline.
        out: Folder to write to; made when missing. Files of the same name are replaced.

    Returns:
        Where each result lies, by its position; for a web page, its index.html.
    """
    out.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    places = {}
    for number, each in enumerate(result.deliveries):
        name = _file_name(each.resource, each.port, taken)
        taken.add(name)
        places[number] = _put(each.resource, path_of(each.resource), out / name)
    return places


def _put(resource: Resource, stored: Path | None, target: Path) -> Path:
    if stored is None:
        target.write_text(resource.text or "", encoding="utf-8")
        return target
    if resource.type.root == "document" and resource.mime == folders.FOLDER_MIME:
        folder = target.with_suffix("")
        shutil.rmtree(folder, ignore_errors=True)
        folders.unpack(stored, folder)
        return folder / "index.html"
    shutil.copyfile(stored, target)
    return target


def _file_name(resource: Resource, port: str, taken: set[str]) -> str:
    """The artefact's own name made safe, with an ending that fits its content."""
    stem = Path(resource.name.replace("\\", "/")).name
    stem = "".join(char if char.isalnum() or char in " ._-" else "_" for char in stem).strip(" .")
    suffix = _SUFFIX_OF_MIME.get(resource.mime) or mimetypes.guess_extension(resource.mime) or ""
    if not Path(stem).suffix:
        stem = f"{stem or port}{suffix}"
    name, number = stem, 2
    while name in taken:
        name = f"{Path(stem).stem}-{number}{Path(stem).suffix}"
        number += 1
    return name
