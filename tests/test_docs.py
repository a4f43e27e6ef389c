"""The documents do what they say: every file they show is written, every command is run.

In a block of the kind `console`, the lines that begin with `$ controlllm`, or with a variable set
for it, are run in order, in a scratch folder with a home of its own; the exit code has to be 0, or
N where the line ends in `# exit N`. A block with `file=NAME` after its language is that file, and a
block of Python without a name is a program.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from controlllm.settings import default_registry
from controlllm_tools.samples import texts
from controlllm_tools.samples.clips import clip
from controlllm_tools.samples.pictures import photo
from controlllm_tools.samples.voice import voice
from controlllm_tools.tool import ToolContext

REPOSITORY = Path(__file__).parent.parent
GUIDES = [REPOSITORY / "README.md", *sorted(REPOSITORY.glob("docs/*.md"))]
DOCUMENTS = [
    *GUIDES,
    REPOSITORY / "CONTRIBUTING.md",
    REPOSITORY / "benchmarks" / "README.md",
    REPOSITORY / "planner" / "README.md",
    REPOSITORY / "tools" / "README.md",
]
SAMPLES = ("letter.txt", "photo.png", "video.mp4", "voice.flac")
REGISTRY_IN_DOCUMENTS = "/opt/controlllm/registry.yaml"
COMMAND_TIMEOUT_S = 120

_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OURS = re.compile(r"(?:[A-Z_]+=\S+ )*controlllm\b")
_EXIT = re.compile(r"#\s*exit (\d+)\s*$")
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a document."""

    language: str
    file: str
    text: str

    def commands(self) -> Iterator[tuple[str, int]]:
        """Our commands with the exit codes they should have."""
        if self.language != "console":
            return
        for line in self.text.replace("\\\n", " ").splitlines():
            command = line.removeprefix("$ ")
            if command != line and _OURS.match(command):
                wanted = _EXIT.search(command)
                yield command, int(wanted[1]) if wanted else 0


def blocks(document: Path) -> list[Block]:
    found = []
    for language, rest, text in _FENCE.findall(document.read_text(encoding="utf-8")):
        named = re.search(r"file=(\S+)", rest)
        found.append(Block(language, named[1] if named else "", text))
    return found


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that documents speak of."""
    folder = tmp_path_factory.mktemp("samples")
    context = ToolContext(scratch=folder)
    photo(folder / "photo.png")
    speech = voice(folder / "voice.flac", context)
    clip(folder / "video.mp4", context, speech=speech, seconds=3.0)
    (folder / "letter.txt").write_text(texts.ARTICLE, encoding="utf-8")
    return folder


@pytest.fixture
def scratch(samples: Path, tmp_path: Path) -> Path:
    """A folder with the sample files in it."""
    folder = tmp_path / "here"
    folder.mkdir()
    for name in SAMPLES:
        shutil.copyfile(samples / name, folder / name)
    return folder


def environment_of(scratch: Path) -> Mapping[str, str]:
    """Nothing of the person who runs the tests: no settings, no state, no database."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CONTROLLLM_") and name not in {"DATABASE_URL", "COLUMNS"}
    }
    programs = str(Path(sys.executable).parent)
    return {
        **kept,
        "PATH": f"{programs}:{kept.get('PATH', '')}",
        "HOME": str(scratch),
        "CONTROLLLM_HOME": str(scratch / "home"),
        "PYTHONPATH": str(scratch),
    }


def run(command: list[str], scratch: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=scratch,
        env=environment_of(scratch),
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
        check=False,
    )


def write_files(document: Path, scratch: Path) -> None:
    """The files that a document shows, with the path of our catalogue where it belongs."""
    for block in blocks(document):
        if block.file:
            path = scratch / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            text = block.text.replace(REGISTRY_IN_DOCUMENTS, str(default_registry()))
            path.write_text(text, encoding="utf-8")


def name_of(document: Path) -> str:
    return document.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("document", GUIDES, ids=name_of)
def test_every_command_of_a_guide_ends_as_it_says(document: Path, scratch: Path) -> None:
    write_files(document, scratch)
    commands = [command for block in blocks(document) for command in block.commands()]
    surprises = []
    for command, wanted in commands:
        done = run(["bash", "-c", command], scratch)
        code = done.returncode if done.returncode >= 0 else 128 - done.returncode  # as a shell says
        if code != wanted:
            surprises.append((command, code, (done.stdout + done.stderr)[-1_000:]))
    assert commands != []
    assert surprises == []


@pytest.mark.parametrize("document", GUIDES, ids=name_of)
def test_every_program_of_a_guide_runs(document: Path, scratch: Path) -> None:
    programs = [each for each in blocks(document) if each.language == "python" and not each.file]
    for program in programs:
        done = run([sys.executable, "-W", "error", "-c", program.text], scratch)
        assert done.returncode == 0, program.text + done.stderr


def test_the_test_of_the_example_tool_passes(scratch: Path) -> None:
    write_files(REPOSITORY / "docs" / "add-a-tool.md", scratch)
    done = run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], scratch)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_to_a_file_of_the_repository_leads_somewhere(document: Path) -> None:
    prose = _FENCE.sub("", document.read_text(encoding="utf-8"))
    dead = [target for target in _LINK.findall(prose) if not (document.parent / target).exists()]
    assert dead == []
