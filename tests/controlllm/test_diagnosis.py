"""A diagnosis names what each tool lacks, and the few commands that bring all of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli, cli, home

from controlllm.diagnosis import Finding, diagnose
from controlllm.settings import Settings

__all__ = ["cli", "home"]

KEY = "CONTROLLLM_TEST_KEY"
NEEDS = {
    "speak": {"packages": ["no-such-voice>=2", "pyyaml"]},
    "sing": {"packages": ["no-such-voice<4", "no-such-tune"], "binaries": ["no-such-program-x"]},
    "ask": {"env": [KEY]},
    "rest": {"packages": ["pyyaml"], "binaries": ["sh"]},
}


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """Four tools, of which one works here."""
    path = tmp_path / "registry.json"
    tools = [toy(name, needs) for name, needs in NEEDS.items()]
    path.write_text(json.dumps({"types": {"text": {}}, "tools": tools}), encoding="utf-8")
    return path


def toy(name: str, needs: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "version": "1",
        "summary": "Do it.",
        "inputs": [],
        "outputs": [{"name": "out", "type": "text"}],
        "entry_point": "json:JSONDecoder",
        "needs": needs,
    }


def found(registry: Path) -> dict[str, Finding]:
    settings = Settings(home=registry.parent, registry=registry)
    return {finding.subject: finding for finding in diagnose(settings)}


def test_each_tool_tells_what_it_lacks(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    findings = found(registry)
    assert "4 tools, 1 work here" in findings["catalogue"].message
    sing = findings["tool sing"]
    assert [each.name for each in sing.missing] == [
        "no-such-voice<4",
        "no-such-tune",
        "no-such-program-x",
    ]
    assert "package no-such-tune is missing" in sing.message
    assert "apt-get install no-such-program-x" in sing.remedy
    assert findings["tool ask"].remedy == f"export {KEY}=..."
    assert "tool rest" not in findings


def test_one_command_brings_all_packages(registry: Path) -> None:
    packages = found(registry)["missing package"]
    install = f"{sys.executable} -m pip install"
    assert packages.remedy == f"{install} 'no-such-voice<4,>=2' no-such-tune"
    assert packages.tools == ("speak", "sing")


def test_what_is_mended_is_no_longer_told(
    registry: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "no-such-program-x"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv(KEY, "secret")
    findings = found(registry)
    assert not {"tool ask", "missing env", "missing binary"} & set(findings)
    assert [each.name for each in findings["tool sing"].missing] == [
        "no-such-voice<4",
        "no-such-tune",
    ]
    assert "secret" not in str(findings)


def test_a_tool_without_a_class_has_a_reason_and_nothing_to_type(registry: Path) -> None:
    content = json.loads(registry.read_text("utf-8"))
    content["tools"] = [toy("later", {}), toy("rest", {})]
    del content["tools"][0]["entry_point"]
    registry.write_text(json.dumps(content), encoding="utf-8")
    findings = found(registry)
    assert "no entry point" in findings["tool later"].message
    assert not [subject for subject in findings if subject.startswith("missing ")]


def test_the_command_ends_with_what_to_type(cli: Cli, registry: Path) -> None:
    told = cli("doctor", "--registry", registry, COLUMNS="60").stdout
    before, _, after = told.partition("To get what is missing, type:\n")
    assert "tool sing: package no-such-voice<4 is missing" in before
    assert "pip install" not in before, "what to type stands in one place"
    lines = [line.strip() for line in after.splitlines()]
    assert lines[0].endswith("apt-get install -y no-such-program-x")
    assert lines[1] == "for 1 tool: sing"
    assert lines[2].endswith("-m pip install 'no-such-voice<4,>=2' no-such-tune")
    assert lines[3] == "for 2 tools: speak, sing"


def test_the_command_tells_programs_the_same(cli: Cli, registry: Path) -> None:
    ended = cli("doctor", "--registry", registry, "--json")
    findings = {each["subject"]: each for each in json.loads(ended.stdout)}
    assert ended.returncode == 0
    assert findings["missing package"]["tools"] == ["speak", "sing"]
    assert [each["kind"] for each in findings["tool sing"]["missing"]] == [
        "package",
        "package",
        "binary",
    ]
    assert findings["python"]["missing"] == []
