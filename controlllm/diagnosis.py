"""What works on this machine, what does not, and the exact way to get it."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from controlllm.app import unavailable_tools
from controlllm.errors import ControlLLMError
from controlllm.execution.backends.confine import landlock_version
from controlllm.provenance.engine import open_engine
from controlllm.settings import Settings
from controlllm_tools.errors import CatalogueError
from controlllm_tools.needs import Missing, mendings, missing_needs
from controlllm_tools.registry import load_registry

_LOW_DISK_BYTES = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: What.
        state: `ok`, `missing` (works without it), or `broken` (does not work).
        message: What was seen.
        remedy: The command or step that changes it; empty when nothing has to change.
        missing: Of a tool, each thing that it lacks, with its remedy.
        tools: Of a remedy for several tools, which ones.
    """

    subject: str
    state: Literal["ok", "missing", "broken"]
    message: str
    remedy: str = ""
    missing: tuple[Missing, ...] = ()
    tools: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def diagnose(settings: Settings) -> Iterator[Finding]:
    """Look at everything a run needs, in the order in which it needs it."""
    version = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Finding("python", "ok" if sys.version_info >= (3, 11) else "broken", version)
    yield _home(settings.home)
    yield _database(settings)
    yield _confinement()
    yield from _catalogue(settings)


def _home(home: Path) -> Finding:
    try:
        home.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(home).free
    except OSError as error:
        remedy = "set CONTROLLLM_HOME to a folder you can write to"
        return Finding("home", "broken", f"{home}: {error.strerror}", remedy)
    told = f"{home}, {free / 2**30:.1f} GiB free"
    if free < _LOW_DISK_BYTES:
        return Finding("home", "broken", told, "free some space, or set CONTROLLLM_HOME")
    return Finding("home", "ok", told)


def _database(settings: Settings) -> Finding:
    try:
        engine = open_engine(settings.database)
    except ControlLLMError as error:
        return Finding("database", "broken", str(error), "correct DATABASE_URL, or unset it")
    told = engine.url.render_as_string()
    engine.dispose()
    return Finding("database", "ok", told)


def _confinement() -> Finding:
    version = landlock_version()
    if version == 0:
        message = "the kernel has no Landlock: tools are not kept from writing outside scratch"
        return Finding("confinement", "missing", message, "Linux 5.13 or later has it")
    network = "no TCP" if version >= 4 else "TCP is not restricted before Linux 6.7"
    return Finding("confinement", "ok", f"workers write only to scratch; {network}")


def _catalogue(settings: Settings) -> Iterator[Finding]:
    try:
        registry = load_registry(settings.registry)
    except CatalogueError as error:
        yield Finding("catalogue", "broken", str(error), f"correct {settings.registry}")
        return
    absent = unavailable_tools(registry)
    total = len(registry.cards)
    told = f"{settings.registry}: {total} tools, {total - len(absent)} work here"
    yield Finding("catalogue", "ok" if total > len(absent) else "broken", told)
    lacking = {name: missing_needs(registry.cards[name].needs) for name in absent}
    for name, reason in absent.items():
        yield _tool(name, lacking[name], reason)
    yield from _ways_out(lacking)


def _tool(name: str, missing: Sequence[Missing], reason: str) -> Finding:
    message = "; ".join(each.words for each in missing) or reason
    remedy = "; ".join(each.remedy for each in missing)
    return Finding(f"tool {name}", "missing", message, remedy, tuple(missing))


def _ways_out(lacking: Mapping[str, Sequence[Missing]]) -> Iterator[Finding]:
    """What to type, in as few commands as it takes."""
    for each in mendings(lacking):
        told = f"{', '.join(each.names)} for {', '.join(each.tools)}"
        yield Finding(f"missing {each.kind}", "missing", told, each.command, tools=each.tools)
