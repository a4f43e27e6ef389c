"""The container files: what they promise can be read from them, and two programs check the rest."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parent.parent
DOCKERFILE = REPOSITORY / "docker" / "Dockerfile"
COMPOSE = REPOSITORY / "docker" / "compose.yaml"

Instruction = tuple[str, str]


def instructions() -> list[Instruction]:
    """The Dockerfile as (keyword, rest), with continued lines joined and comments left out."""
    lines = DOCKERFILE.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", text)
    return [
        (word, rest.strip())
        for word, _, rest in (each.partition(" ") for each in joined.splitlines())
        if word
    ]


def final_stage() -> list[Instruction]:
    """What makes the image that is shipped."""
    every = instructions()
    last = max(number for number, (word, _) in enumerate(every) if word == "FROM")
    return every[last:]


def services() -> Mapping[str, Any]:
    held: Mapping[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return held


def images() -> list[str]:
    """Every image that is pulled: from the Dockerfile and from services that build nothing."""
    pulled = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    return pulled + [each["image"] for each in services().values() if "build" not in each]


def test_every_pulled_image_is_pinned_to_a_full_version() -> None:
    unpinned = [image for image in images() if not re.search(r":\d+\.\d+(\.\d+)?-[a-z-]+$", image)]
    assert unpinned == []


def test_the_image_runs_as_a_user_with_a_number_that_is_not_root() -> None:
    users = [rest for word, rest in final_stage() if word == "USER"]
    assert len(users) == 1
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[0])


def test_the_last_user_is_set_before_anything_is_started() -> None:
    words = [word for word, _ in final_stage()]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "RUN" not in words[words.index("USER") :]


def test_the_image_starts_the_command_and_asks_the_doctor_about_its_health() -> None:
    held = dict(final_stage())
    assert held["ENTRYPOINT"] == '["controlllm"]'
    assert held["HEALTHCHECK"].endswith('CMD ["controlllm", "doctor", "--json"]')


def test_the_state_lies_on_a_volume() -> None:
    environment = next(rest for word, rest in final_stage() if word == "ENV")
    home = re.search(r"CONTROLLLM_HOME=(\S+)", environment)
    assert home is not None
    assert ("VOLUME", home[1]) in final_stage()


def test_the_project_is_installed_at_the_versions_that_were_tried() -> None:
    install = next(rest for word, rest in instructions() if word == "RUN" and "pip install" in rest)
    assert "--constraint constraints.txt" in install


def test_the_build_copies_all_that_the_package_is_made_of() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    wanted = [*wheel["packages"], *wheel["force-include"], project["project"]["readme"]]
    wanted += project["project"]["license-files"]
    copied = [
        source
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]
    assert [each for each in wanted if each.split("/")[0] not in copied] == []
    assert [each for each in copied if not (REPOSITORY / each).exists()] == []


def test_the_build_sees_what_it_copies_and_nothing_else() -> None:
    ignored = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text(encoding="utf-8")
    rules = [line for line in ignored.splitlines() if line and not line.startswith("#")]
    copied = [
        source
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]
    assert rules[0] == "*"
    assert sorted(rule[1:] for rule in rules if rule.startswith("!")) == sorted(copied)


def test_the_database_of_the_compose_file_is_named_healthy_and_kept() -> None:
    ours, database = services()["controlllm"], services()["database"]
    assert "@database:5432/" in ours["environment"]["DATABASE_URL"]
    assert ours["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert database["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    volumes = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["volumes"]
    assert [each.partition(":")[0] for each in database["volumes"]] == ["database"]
    assert "database" in volumes


def test_no_password_is_written_down() -> None:
    held = [
        str(value)
        for service in services().values()
        for name, value in service["environment"].items()
        if "PASSWORD" in name
    ]
    assert len(held) == 2
    assert all(re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}", value) for value in held)
    url = services()["controlllm"]["environment"]["DATABASE_URL"]
    assert re.fullmatch(r"postgresql://[a-z]+@[a-z]+:5432/[a-z]+", url)


def test_the_service_can_write_only_to_its_volumes_and_gains_no_privileges() -> None:
    ours = services()["controlllm"]
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    assert ours["security_opt"] == ["no-new-privileges:true"]


def compose(*arguments: str, word: str | None) -> subprocess.CompletedProcess[str]:
    """Ask Docker Compose about our file; its file comes by standard input."""
    command, text = compose_command(), COMPOSE.read_text(encoding="utf-8")
    if command == ["docker-compose"]:
        # version 1 knows the whole format but the project's name
        text = re.sub(r"^name:.*\n", "", text, flags=re.MULTILINE)
    environment = {name: value for name, value in os.environ.items() if name != "POSTGRES_PASSWORD"}
    if word is not None:
        environment["POSTGRES_PASSWORD"] = word
    return subprocess.run(
        [*command, "-f", "-", *arguments],
        input=text, env=environment, cwd=REPOSITORY / "docker",
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def compose_command() -> Sequence[str]:
    """The plugin where it is installed, else version 1."""
    if shutil.which("docker"):
        plugin = ["docker", "compose"]
        asked = subprocess.run([*plugin, "version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return plugin
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    pytest.skip("Docker Compose is not installed")


def test_compose_accepts_the_file() -> None:
    asked = compose("config", "-q", word="p@ss w$rd")
    assert (asked.returncode, asked.stdout) == (0, "")


def test_compose_says_what_to_do_when_the_password_is_not_set() -> None:
    asked = compose("config", "-q", word=None)
    assert asked.returncode != 0
    assert "set POSTGRES_PASSWORD to a password of your choice" in asked.stderr


def test_the_linter_has_nothing_to_say_about_the_dockerfile() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists():
        pytest.skip("hadolint is not installed; pip install 'controlllm[test]'")
    asked = subprocess.run(
        [linter, "--no-color", str(DOCKERFILE)], capture_output=True, text=True, check=False
    )
    assert (asked.returncode, asked.stdout) == (0, "")
