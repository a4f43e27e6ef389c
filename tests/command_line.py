"""The command line for tests: real processes with a home of their own, one for each module."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from controlllm_tools.samples import pictures

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pictures.photo(tmp_path_factory.mktemp("files") / "photo.png")


@pytest.fixture(scope="module")
def cli(home: Path) -> Cli:
    def call(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "controlllm", *map(str, arguments)],
            env={**os.environ, "CONTROLLLM_HOME": str(home), "COLUMNS": "200", **environment},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return call


@pytest.fixture(scope="module")
def ran(cli: Cli, photo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """One run of real tools, told as JSON."""
    out = tmp_path_factory.mktemp("out")
    words = "Resize photo.png to 200 pixels wide, then get its edge map"
    ended = cli("run", words, photo, "--out", out, "--json")
    assert ended.returncode == 0, ended.stderr
    result = json.loads(ended.stdout)
    assert isinstance(result, dict)
    return {**result, "out": out}
