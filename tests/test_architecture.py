"""What the words promise about the code: sizes, settings, commands, promises, exit codes."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from controlllm.cli import app
from controlllm.cli.exits import KIND_CODES
from controlllm.errors import ControlLLMError
from controlllm.events import EVENT_TYPES
from controlllm.settings import Settings
from controlllm_planner.errors import PlanningError
from controlllm_tools.errors import ToolError

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = [
    path
    for folder in ("controlllm", "planner", "tools")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts  # a migration is one list of columns
]

FILE_LINES = 420
BODY_LINES = 50


def test_files_stay_short() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {str(path): n for path, n in lengths.items() if n > FILE_LINES} == {}


def test_bodies_stay_short() -> None:
    long = {
        name: length for path in SOURCES for name, length in bodies(path) if length > BODY_LINES
    }
    assert long == {}


def bodies(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length of each function, its docstring left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = ast.get_docstring(node) is not None and len(node.body) > 1
            start = node.body[1].lineno if documented else first.lineno
            yield f"{path.name}:{node.name}", (node.end_lineno or start) - start + 1


def test_every_command_speaks_to_programs() -> None:
    """`solve` writes JSON lines and nothing else."""
    without = {
        name
        for name, command in _commands(typer.main.get_command(app))
        if not any("--json" in parameter.opts for parameter in command.params)
    }
    assert without == {"solve"}


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{name} ")
        else:
            yield f"{before}{name}", command


def test_every_promise_has_tests_that_cite_it() -> None:
    cited = {
        mark
        for path in (ROOT / "tests").rglob("test_*.py")
        for mark in re.findall(r'pytest\.mark\.promise\("(P\d)"\)', path.read_text("utf-8"))
    }
    assert cited == {f"P{number}" for number in range(1, 9)}


def test_every_setting_is_in_the_readme() -> None:
    for name in Settings.model_fields:
        variable = "DATABASE_URL" if name == "database_url" else f"CONTROLLLM_{name.upper()}"
        assert f"`{variable}`" in README, f"{variable} is not documented"


def commands() -> list[str]:
    root = typer.main.get_command(app)
    found = []
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", {})
        found += [f"{name} {each}" for each in below] or [name]
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme_and_has_help(command: str) -> None:
    group, _, name = command.partition(" ")
    assert f"`{group}`" in README
    assert not name or f"`{name}`" in README
    helped = CliRunner().invoke(app, [*command.split(), "--help"])
    assert helped.exit_code == 0
    assert len(helped.stdout.splitlines()) > 3


def kinds(root: type[Exception]) -> set[str]:
    found = {getattr(root, "kind", "")}
    for below in root.__subclasses__():
        found |= kinds(below)
    return found


def test_every_kind_of_error_is_unique_and_known_kinds_have_exit_codes() -> None:
    families = [kinds(root) for root in (ControlLLMError, PlanningError, ToolError)]
    assert set.union(*families) >= set(KIND_CODES) - {"catalogue"}
    for number, one in enumerate(families):
        for other in families[number + 1 :]:
            assert one & other == set(), "one kind stands for two errors"


def test_the_event_types_are_those_of_the_architecture() -> None:
    assert sorted(EVENT_TYPES) == sorted(
        "run_submitted planned step_started step_progressed step_retried step_succeeded "
        "step_cached step_failed step_skipped step_substituted budget_exhausted cancelled resumed "
        "run_finished".split()
    )


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = (
        "import sys, controlllm, controlllm.cli; "
        "heavy = {'numpy', 'sqlalchemy', 'cv2', 'PIL', 'networkx', 'pydantic', 'av', 'scipy'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout.strip() in {"[]", "['pydantic']"}
