"""Runs on the command line, as a person types it: real processes, real tools, real files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from command_line import Cli


def test_run_ends_with_one_object_that_says_what_was_made_and_where(
    ran: dict[str, object],
) -> None:
    from PIL import Image

    assert ran["state"] == "succeeded"
    artifacts = ran["artifacts"]
    assert isinstance(artifacts, list)
    assert [each["type"] for each in artifacts] == ["image", "image.edges"]
    for each in artifacts:
        assert set(each) == {"handle", "name", "type", "path", "sha256", "step"}
        with Image.open(each["path"]) as picture:
            assert picture.width == 200


def test_runs_list_show_and_events_tell_about_it(cli: Cli, ran: dict[str, object]) -> None:
    run_id = str(ran["run_id"])
    assert run_id in cli("runs", "list").stdout
    shown = cli("runs", "show", run_id)
    assert shown.returncode == 0
    assert "edge_map" in shown.stdout
    assert "from you" in shown.stdout
    events = [
        json.loads(line)
        for line in cli("runs", "events", run_id, "--json").stdout.split("\n")
        if line
    ]
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    assert {each["run_id"] for each in events} == {run_id}
    assert events[0]["type"] == "run_submitted"
    assert events[-1] == {**events[-1], "type": "run_finished", "state": "succeeded"}


@pytest.mark.promise("P5")
def test_the_lineage_in_json_leads_from_every_result_to_the_file_handed_over(
    cli: Cli, ran: dict[str, object]
) -> None:
    data = json.loads(cli("runs", "show", str(ran["run_id"]), "--json").stdout)
    edges = data["lineage"][1]
    assert edges["step"]["tool"] == "edge_map"
    (resized,) = [each["from"] for each in edges["inputs"]]
    assert resized["step"]["tool"] == "resize_image"
    handed_over = {each["port"]: each["from"] for each in resized["inputs"]}
    assert handed_over["image"]["step"] is None
    assert handed_over["image"]["artifact"]["name"] == "photo.png"
    assert handed_over["width"]["artifact"]["text"] == "200"
    assert any(each["verdict"] == "kept" for each in data["decisions"])


def test_a_run_can_be_replayed_and_compared(cli: Cli, ran: dict[str, object]) -> None:
    again = cli("runs", "replay", str(ran["run_id"]), "--json")
    assert again.returncode == 0, again.stderr
    told = json.loads(again.stdout)
    assert told["same"] is True
    assert len(told["artifacts"]) == 2


def test_artifacts_are_listed_shown_and_copied_out_by_handle(
    cli: Cli, ran: dict[str, object], tmp_path: Path
) -> None:
    handle = str(ran["artifacts"][0]["handle"])  # type: ignore[index]
    assert handle in cli("artifacts", "list").stdout
    assert "resize_image" in cli("artifacts", "show", handle).stdout
    target = tmp_path / "copy.png"
    assert cli("artifacts", "get", handle, "--out", target).returncode == 0
    assert target.read_bytes().startswith(b"\x89PNG")


@pytest.mark.promise("P2")
def test_an_unknown_handle_lists_valid_ones(cli: Cli, ran: dict[str, object]) -> None:
    ended = cli("artifacts", "show", "image:feedbeef")
    assert ended.returncode == 2
    assert str(ran["artifacts"][0]["handle"]) in ended.stderr  # type: ignore[index]


@pytest.mark.promise("P7")
def test_a_budget_ends_a_run_with_a_code_of_its_own(cli: Cli, photo: Path) -> None:
    ended = cli("run", "Get the edge map of photo.png", photo, "--max-seconds", "0.0001")
    assert ended.returncode == 5
    assert "budget" in ended.stderr


def test_an_interrupt_leaves_a_run_that_can_be_resumed(
    home: Path, tmp_path: Path, cli: Cli
) -> None:
    words = "Compose calm music, 90 seconds long"  # long enough to be interrupted
    command = [sys.executable, "-m", "controlllm", "run", words]
    environment = {**os.environ, "CONTROLLLM_HOME": str(home), "CONTROLLLM_CACHE": "false"}
    with subprocess.Popen(
        command,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        # tests that run in the background of a shell inherit that interrupts are ignored
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("run "):
                run_id = line.split()[1]
                break
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; go on with: controlllm runs resume last" in told
    assert "Traceback" not in told
    assert "unfinished" in cli("runs", "list").stdout
    resumed = cli("runs", "resume", run_id, "--json", "--out", tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["state"] == "succeeded"


def test_two_programs_at_once_share_a_new_database(tmp_path: Path, photo: Path) -> None:
    """Both make the database, migrate it, store the same file and do the same work."""
    program = (sys.executable, "-m", "controlllm")
    running = [
        subprocess.Popen(
            [*program, "run", "Highlight the faces in photo.png", photo, "--json", "--quiet"],
            env={**os.environ, "CONTROLLLM_HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ends = [process.communicate(timeout=240) for process in running]
    assert [process.returncode for process in running] == [0, 0], ends
    left, right = (json.loads(out) for out, _ in ends)
    assert left["run_id"] != right["run_id"]
    assert [a["sha256"] for a in left["artifacts"]] == [a["sha256"] for a in right["artifacts"]]


def test_words_in_brackets_are_no_markup(cli: Cli, tmp_path: Path) -> None:
    home = {"CONTROLLLM_HOME": str(tmp_path / "home?a=%41#")}
    file = tmp_path / "x.txt"
    file.write_text("One sentence about boats. [/i] Another one about harbours.")
    ran = cli("run", "Summarize [/b] x.txt", file, **home)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "home?a=%41#" / "controlllm.db").is_file()
    for command in ("list", "show last", "events last"):
        told = cli("runs", *command.split(), **home)
        assert told.returncode == 0, told.stderr
        assert "[/b]" in told.stdout or command == "events last"
    assert cli("artifacts", "list", **home).returncode == 0


def test_results_print_no_commands_to_the_terminal(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text("Boats \x1b[2J\x1b]0;owned\x07 come home to the harbour.", encoding="utf-8")
    ended = cli("run", "Summarize x.txt", file)
    assert ended.returncode == 0, ended.stderr
    assert "\x1b[2J" not in ended.stdout
    assert "\x07" not in ended.stdout


def test_results_go_only_where_there_is_room_for_them(
    cli: Cli, photo: Path, tmp_path: Path, ran: dict[str, object]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    runs = cli("runs", "list", "--json").stdout
    for command in (("run", "Get the edge map of photo.png", photo), ("demo",)):
        ended = cli(*command, "--out", taken)
        assert ended.returncode == 2
        assert f"cannot write into {taken}: it is no folder" in ended.stderr
    assert cli("runs", "list", "--json").stdout == runs, "nothing was run"
    assert cli("runs", "result", str(ran["run_id"]), "--out", taken).returncode == 2
    assert taken.read_text() == "mine"


def test_an_artefact_never_takes_the_place_of_another_file(
    home: Path, ran: dict[str, object], tmp_path: Path
) -> None:
    made = ran["artifacts"][0]  # type: ignore[index]

    def get(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "controlllm", "artifacts", "get", made["handle"], *more],
            env={**os.environ, "CONTROLLLM_HOME": str(home)},
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    first = get()
    file = tmp_path / first.stdout.strip()
    assert (first.returncode, file.is_file()) == (0, True)
    assert get().returncode == 0, "the same content is no other file"
    file.write_bytes(b"mine")
    refused = get()
    assert refused.returncode == 2
    assert f"{file.name} is there already" in refused.stderr
    assert "--out" in refused.stderr
    assert file.read_bytes() == b"mine"
    assert get("--out", "other.png").returncode == 0


FAILING = """\
version: 1
types: {text: {words: [words]}}
tools:
  - name: shout
    version: 1
    summary: Shout a text.
    inputs: [{name: text, type: text}]
    outputs: [{name: out, type: text}]
    entry_point: toolbox:Raise
"""


def test_a_replay_of_a_run_that_made_nothing_is_not_all_the_same(cli: Cli, tmp_path: Path) -> None:
    catalogue = tmp_path / "registry.yaml"
    catalogue.write_text(FAILING, encoding="utf-8")
    here = {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "CONTROLLLM_BACKEND": "inline",
        "CONTROLLLM_HOME": str(tmp_path / "home"),
    }
    ended = cli("run", 'Shout "transient"', "--registry", catalogue, "--json", **here)
    assert ended.returncode == 1, ended.stderr
    assert json.loads(ended.stdout)["state"] == "failed"
    again = cli("runs", "replay", "last", "--registry", catalogue, **here)
    assert again.returncode == 1
    assert "all the same" not in again.stdout
    assert "neither made anything to compare" in again.stdout, again.stderr


def test_resume_and_replay_take_a_catalogue(cli: Cli, tmp_path: Path) -> None:
    for command in ("resume", "replay"):
        ended = cli("runs", command, "last", "--registry", tmp_path / "none.yaml")
        assert ended.returncode == 2
        assert "none.yaml" in ended.stderr


def test_what_is_logged_goes_to_a_file(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "a.log"
    program = (
        "import logging, sys; from pathlib import Path; from controlllm.cli.log import log_to\n"
        "log_to(Path(sys.argv[1]))\n"
        "print(Path(sys.argv[1]).exists())\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError as error: logging.getLogger('x').error('b', exc_info=error)\n"
    )
    for path, written in ((log, True), (Path("/proc/none/a.log"), False)):
        ended = subprocess.run(
            [sys.executable, "-c", program, str(path)],
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert (ended.stdout, ended.stderr) == ("False\n", "")
        assert path.exists() == written
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_a_tool_is_shown_with_what_was_seen_of_it(cli: Cli, ran: dict[str, object]) -> None:
    seen = json.loads(cli("tools", "show", "edge_map", "--json").stdout)["observed"]
    assert seen["worked"] == seen["timed"] >= 1
    assert sys.platform != "linux" or seen["memory_bytes"] > 2**20
    assert (seen["failed"], seen["before"]["resize_image"] >= 1) == (0, True)
    low, high = seen["worked_95"]
    assert 0 < low < high == 1.0
    told = cli("tools", "show", "edge_map").stdout
    assert f"{seen['worked']} of {seen['worked']} run" in told
    assert "the card says" in told
    assert f"fed by  resize_image ({seen['before']['resize_image']} time" in told
    assert "95% interval" in told


def test_a_tool_that_was_never_run_says_so(cli: Cli) -> None:
    seen = json.loads(cli("tools", "show", "stitch_panorama", "--json").stdout)
    assert (seen["observed"], seen["observed_error"]) == (None, None)
    assert "no runs of this version on record" in cli("tools", "show", "stitch_panorama").stdout


def test_a_tool_is_shown_when_the_record_cannot_be_read(cli: Cli, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("no database, and too long for an empty one " * 99, encoding="utf-8")
    told = cli("tools", "show", "edge_map", DATABASE_URL=f"sqlite:///{broken}")
    assert told.returncode == 0
    assert f"runs not known: the database sqlite:///{broken} does not answer" in told.stdout
    told = cli("tools", "show", "edge_map", "--json", DATABASE_URL=f"sqlite:///{broken}")
    seen = json.loads(told.stdout)
    assert seen["observed"] is None
    assert "does not answer: file is not a database" in seen["observed_error"]


def test_to_look_at_a_tool_makes_no_record(cli: Cli, tmp_path: Path) -> None:
    home = tmp_path / "home"
    told = cli("tools", "show", "edge_map", CONTROLLLM_HOME=str(home))
    assert "no runs of this version on record" in told.stdout
    assert not home.exists()


def test_plans_say_that_they_reckon_with_runs_unless_told_otherwise(
    cli: Cli, ran: dict[str, object], photo: Path
) -> None:
    words = "Get the edge map of photo.png"
    learnt = json.loads(cli("plan", words, photo, "--json").stdout)
    assert learnt["steps"][0]["estimate"]["source"].startswith("observed n=")
    for arguments, environment in (
        (("plan", words, photo, "--json"), {"CONTROLLLM_LEARN": "false"}),
        (("plan", words, photo, "--json", "--all-tools"), {}),
    ):
        plain = json.loads(cli(*arguments, **environment).stdout)
        assert plain["steps"][0]["estimate"]["source"] == "card"
