"""What is missing is named, with the step that brings it."""

import sys
from pathlib import Path

import pytest

from controlllm_tools.card import GpuNeed, Needs
from controlllm_tools.needs import is_requirement, mendings, missing_needs


def test_what_is_here_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTROLLLM_TEST_KEY", "secret")
    needs = Needs(packages=("pytest>=1", "PyYAML"), binaries=("sh",), env=("CONTROLLLM_TEST_KEY",))
    assert missing_needs(needs) == ()


def test_each_missing_thing_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONTROLLLM_TEST_KEY", raising=False)
    needs = Needs(
        packages=("no-such-package-x>=2", "pytest>=9999"),
        binaries=("no-such-program-x",),
        env=("CONTROLLLM_TEST_KEY",),
        models=("nobody/no-such-model",),
    )
    assert [str(missing) for missing in missing_needs(needs)] == [
        "package no-such-package-x>=2 is missing (pip install 'no-such-package-x>=2')",
        f"package pytest>=9999 is missing, {pytest.__version__} is here "
        "(pip install 'pytest>=9999')",
        "binary no-such-program-x is missing (apt-get install no-such-program-x)",
        "env CONTROLLLM_TEST_KEY is missing (export CONTROLLLM_TEST_KEY=...)",
        "model nobody/no-such-model is missing (hf download nobody/no-such-model)",
    ]


def test_the_fewest_commands_bring_what_all_tools_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONTROLLLM_TEST_KEY", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 1_000)
    lacking = {
        "one": missing_needs(
            Needs(packages=("no-such-a>=2", "No_Such.b[x]<3"), binaries=("tesseract", "zz-x"))
        ),
        "two": missing_needs(Needs(packages=("no-such-b>=1", "pyyaml"), binaries=("tesseract",))),
        "three": missing_needs(Needs(env=("CONTROLLLM_TEST_KEY",), models=("a/b", "c/d"))),
        "four": missing_needs(Needs(packages=("pyyaml",), binaries=("sh",))),
    }
    programs, packages, first, second, key = mendings(lacking)
    assert programs.command == "sudo apt-get install -y tesseract-ocr zz-x"
    assert programs.tools == ("one", "two")
    pip = f"{sys.executable} -m pip install"
    assert packages.command == f"{pip} 'no-such-a>=2' 'No_Such.b[x]<3,>=1'"
    assert packages.tools == ("one", "two")
    assert [first.command, second.command] == ["hf download a/b", "hf download c/d"]
    assert (key.command, key.tools) == ("export CONTROLLLM_TEST_KEY=...", ("three",))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert mendings(lacking)[0].command == "apt-get install -y tesseract-ocr zz-x"


def test_where_nothing_is_missing_there_is_nothing_to_type() -> None:
    assert mendings({}) == ()
    assert mendings({"one": missing_needs(Needs(packages=("pyyaml",)))}) == ()


def test_an_empty_variable_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTROLLLM_TEST_KEY", "")
    assert missing_needs(Needs(env=("CONTROLLLM_TEST_KEY",)))[0].kind == "env"


def test_a_requirement_for_another_system_is_not_missing() -> None:
    assert missing_needs(Needs(packages=("no-such-package-x; sys_platform == 'atari'",))) == ()


def test_a_model_is_found_by_folder_and_in_the_hub_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    needs = Needs(models=("someone/some-model",))
    assert missing_needs(needs)
    snapshot = tmp_path / "hub" / "models--someone--some-model" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    assert missing_needs(needs), "an empty snapshot holds no weights"
    (snapshot / "config.json").write_text("{}")
    assert missing_needs(needs) == ()
    assert missing_needs(Needs(models=(str(tmp_path),))) == ()


def test_a_gpu_is_asked_for_in_words() -> None:
    missing = missing_needs(Needs(gpu=GpuNeed(vram_bytes=8 * 2**30)))
    if Path("/proc/driver/nvidia/version").exists():
        assert missing == ()
    else:
        assert "8.0 GiB" in str(missing[0])


@pytest.mark.parametrize(
    ("text", "understood"),
    [("numpy>=2,<3", True), ("psycopg[binary]", True), ("not a req!!", False), ("", False)],
)
def test_a_requirement_is_what_pip_understands(text: str, understood: bool) -> None:
    assert is_requirement(text) is understood
