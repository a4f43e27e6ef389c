"""What a tool needs on this machine, what of it is missing, and how to get it.

An unavailable tool is shown with its reason and never planned silently.
"""

from __future__ import annotations

import importlib.metadata
import os
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from controlllm_tools.card import Needs

DEBIAN_PACKAGE_OF = {"tesseract": "tesseract-ocr", "fluidsynth": "fluidsynth", "flite": "flite"}
"""Debian's package where its name differs from the program's, or is worth saying."""


Kind = Literal["package", "binary", "env", "model", "gpu"]


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing a tool needs that is not here.

    Attributes:
        kind: What kind of thing.
        name: The requirement, as the card writes it.
        remedy: The command or step that brings it.
        present: The version that is here instead, of a package.
    """

    kind: Kind
    name: str
    remedy: str
    present: str = ""

    def __str__(self) -> str:
        return f"{self.words} ({self.remedy})"

    @property
    def words(self) -> str:
        """What is the matter, without the remedy."""
        but = f", {self.present} is here" if self.present else ""
        return f"{self.kind} {self.name} is missing{but}"


@dataclass(frozen=True, slots=True)
class Mending:
    """One thing to type, or to do, for all tools that it helps.

    Attributes:
        kind: What kind of thing it brings.
        command: What to type.
        names: What it brings.
        tools: The tools that wait for any of it.
    """

    kind: Kind
    command: str
    names: tuple[str, ...]
    tools: tuple[str, ...]


def missing_needs(needs: Needs) -> tuple[Missing, ...]:
    """Everything a tool needs that this machine lacks, in the order of the card."""
    return tuple(_missing(needs))


def mendings(missing: Mapping[str, Sequence[Missing]]) -> tuple[Mending, ...]:
    """The fewest commands that bring what is missing: one for all packages, one for all programs.

    Args:
        missing: What each tool lacks, by the name of the tool.

    Returns:
        Commands for this machine and this Python, in the order in which to type them.
    """
    wanted: dict[tuple[Kind, str], list[str]] = {}
    for tool, each in missing.items():
        for one in each:
            wanted.setdefault((one.kind, one.name), []).append(tool)
    remedies = {(one.kind, one.name): one.remedy for each in missing.values() for one in each}
    made = []
    for kind in ("binary", "package", "model", "env", "gpu"):
        names = [name for held, name in wanted if held == kind]
        groups = [names] if kind in {"binary", "package"} and names else [[name] for name in names]
        for group in groups:
            tools = dict.fromkeys(tool for name in group for tool in wanted[kind, name])
            remedy = _joint_command(kind, group) or remedies[kind, group[0]]
            made.append(Mending(kind, remedy, tuple(group), tuple(tools)))
    return tuple(made)


def _joint_command(kind: str, names: Sequence[str]) -> str:
    if kind == "package":
        return shlex.join([sys.executable, "-m", "pip", "install", *_joined(names)])
    if kind == "binary":
        packages = sorted({DEBIAN_PACKAGE_OF.get(name, name) for name in names})
        install = ["apt-get", "install", "-y", *packages]
        return shlex.join(install if os.geteuid() == 0 else ["sudo", *install])
    return ""


def _joined(requirements: Iterable[str]) -> list[str]:
    """One requirement for each package, with the limits of all; pip refuses to choose itself."""
    found: dict[str, Requirement] = {}
    others = []
    for text in requirements:
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            others.append(text)
            continue
        wanted.marker = None  # it holds here, or the package would not be missing
        first = found.setdefault(canonicalize_name(wanted.name), wanted)
        first.specifier &= wanted.specifier
        first.extras |= wanted.extras
    return [*map(str, found.values()), *others]


def _missing(needs: Needs) -> Iterator[Missing]:
    for requirement in needs.packages:
        if not _has_package(requirement):
            remedy = f"pip install '{requirement}'"
            yield Missing("package", requirement, remedy, _version(requirement))
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
    except InvalidRequirement:
        return False
    if wanted.marker is not None and not wanted.marker.evaluate():
        return True  # it is not wanted on this kind of machine
    version = _version(requirement)
    return bool(version) and wanted.specifier.contains(version, prereleases=True)


def _version(requirement: str) -> str:
    """The version that is installed of what a requirement names, or nothing."""
    try:
        return importlib.metadata.version(Requirement(requirement).name)
    except (InvalidRequirement, importlib.metadata.PackageNotFoundError):
        return ""


def _has_model(model: str) -> bool:
    if Path(model).is_dir():
        return True
    home = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface"))
    folder = "models--" + model.replace("/", "--")
    return any((home / "hub" / folder / "snapshots").glob("*/*"))


@cache
def _has_gpu() -> bool:
    return Path("/proc/driver/nvidia/version").exists()
