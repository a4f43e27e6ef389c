"""What a tool needs on this machine, what of it is missing, and how to get it.

An unavailable tool is shown with its reason and never planned silently.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement

from controlllm_tools.card import Needs

DEBIAN_PACKAGE_OF = {"tesseract": "tesseract-ocr", "fluidsynth": "fluidsynth", "flite": "flite"}
"""Debian's package where its name differs from the program's, or is worth saying."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing a tool needs that is not here.

    Attributes:
        kind: What kind of thing.
        name: The requirement, as the card writes it.
        remedy: The command or step that brings it.
    """

    kind: Literal["package", "binary", "env", "model", "gpu"]
    name: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} is missing ({self.remedy})"


def missing_needs(needs: Needs) -> tuple[Missing, ...]:
    """Everything a tool needs that this machine lacks, in the order of the card."""
    return tuple(_missing(needs))


def _missing(needs: Needs) -> Iterator[Missing]:
    for requirement in needs.packages:
        if not _has_package(requirement):
            yield Missing("package", requirement, f"pip install '{requirement}'")
    for program in needs.binaries:
        if shutil.which(program) is None:
            package = DEBIAN_PACKAGE_OF.get(program, program)
            yield Missing("binary", program, f"apt-get install {package}")
    for variable in needs.env:
        if not os.environ.get(variable):
            yield Missing("env", variable, f"export {variable}=...")
    for model in needs.models:
        if not _has_model(model):
            yield Missing("model", model, f"hf download {model}")
    if needs.gpu.vram_bytes and not _has_gpu():
        gib = needs.gpu.vram_bytes / 2**30
        yield Missing("gpu", f"{gib:.1f} GiB", "run on a machine with a GPU of that size")


def is_requirement(text: str) -> bool:
    """Whether pip would understand a requirement (PEP 508)."""
    try:
        Requirement(text)
    except InvalidRequirement:
        return False
    return True


@cache
def _has_package(requirement: str) -> bool:
    try:
        wanted = Requirement(requirement)
        if wanted.marker is not None and not wanted.marker.evaluate():
            return True  # it is not wanted on this kind of machine
        version = importlib.metadata.version(wanted.name)
    except (InvalidRequirement, importlib.metadata.PackageNotFoundError):
        return False
    return wanted.specifier.contains(version, prereleases=True)


def _has_model(model: str) -> bool:
    if Path(model).is_dir():
        return True
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    folder = "models--" + model.replace("/", "--")
    return any((home / "hub" / folder / "snapshots").glob("*/*"))


@cache
def _has_gpu() -> bool:
    return Path("/proc/driver/nvidia/version").exists()
