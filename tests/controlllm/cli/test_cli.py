"""The command line, as a person types it: real processes, real tools, real files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from controlllm_tools.samples import pictures
from controlllm_tools.tool import ToolContext

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


def test_help_names_every_command(cli: Cli) -> None:
    told = cli("--help")
    assert told.returncode == 0
    for name in ("run", "plan", "solve", "runs", "artifacts", "tools", "graph", "doctor", "demo"):
        assert f"  {name} " in told.stdout


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


@pytest.mark.promise("P1")
def test_plan_shows_the_very_plan_that_run_takes(cli: Cli, photo: Path) -> None:
    words = "Get the edge map of photo.png"
    planned = json.loads(cli("plan", words, photo, "--json").stdout)
    ran = json.loads(cli("run", words, photo, "--plan", planned["digest"], "--json").stdout)
    assert ran["plan"] == planned["digest"]


def test_a_plan_from_a_file_runs_on_the_same_files_only(
    cli: Cli, photo: Path, tmp_path: Path
) -> None:
    saved, other = tmp_path / "plan.json", tmp_path / "other" / "photo.png"
    words = "Get the edge map of photo.png"
    assert cli("plan", words, photo, "--save", saved).returncode == 0
    other.parent.mkdir()
    context = ToolContext(scratch=tmp_path)
    pictures.photo(other)
    other.write_bytes(other.read_bytes() + b"\0" * len(str(context.seed)))
    refused = cli("run", words, other, "--plan", saved)
    assert refused.returncode == 2
    assert "another 'photo.png'" in refused.stderr
    assert cli("run", words, photo, "--plan", saved, "--quiet").returncode == 0


def test_plan_can_explain_itself(cli: Cli, photo: Path) -> None:
    told = cli("plan", "Highlight the faces in photo.png", photo, "--explain").stdout
    assert "detect_faces" in told
    assert "for highlight_boxes" in told


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("run", "blur it", "missing.png"), 2, "missing.png is not a file"),
        (("run", "Fribble the gronk"), 2, "no tool matches"),
        (("run", "   "), 2, "empty"),
        (("plan", "x" * 100_000), 2, "100000 characters"),
        (("plan",), 2, "say what you want"),
        (("plan", "blur it", "--prefer", "magic"), 2, "--prefer takes one of"),
        (("plan", "blur it", "--allow", "banana"), 2, "--allow takes one of network, external"),
        (("tools", "check", "--allow", "none"), 2, "--allow takes one of network, external"),
        (("run", "blur it", "--max-seconds", "nan"), 2, "wall_s must be a finite number"),
        (("run", "blur it", "--max-seconds", "inf"), 2, "wall_s must be a finite number"),
        (("run", "blur it", "--max-usd", "-1"), 2, "usd must be a finite number"),
        (("run", "blur it", "--max-steps", "-1"), 2, "steps must be a finite number"),
        (("plan", "blur it", "--out", "x"), 2, "--out is for the answers of a --batch"),
        (("plan", "blur it", "--batch", "x"), 2, "leave them out with --batch"),
        (("graph", "draw", "--out", "/no/such/folder/a.svg"), 2, "/no/such/folder/a.svg: No such"),
        (("tools", "search", "--registry", "/no/such.yaml", "x"), 2, "/no/such.yaml"),
        (("plan", "blur it", "--planner", "psychic"), 2, "--planner takes one of"),
        (("runs", "show", "nonsense"), 2, "no run has the id 'nonsense'"),
        (("tools", "show", "edge_mop"), 2, "did you mean 'edge_map'"),
        (("graph", "path", "--from", "image", "--to", "smell"), 2, "no type is named 'smell'"),
        (("nonsense",), 2, "No such command"),
    ],
)
def test_bad_input_gets_clear_words_and_no_traceback(
    cli: Cli, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ended = cli(*arguments)
    assert ended.returncode == code, ended.stderr
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


def test_a_failure_is_told_to_machines_as_well(cli: Cli) -> None:
    ended = cli("run", "Fribble the gronk", "--json")
    assert ended.returncode == 2
    assert json.loads(ended.stdout)["error"]["kind"] == "cannot_decompose"


def test_a_wrong_file_is_refused_before_anything_is_planned(cli: Cli, tmp_path: Path) -> None:
    fake = tmp_path / "clip.mp4"
    fake.write_text("this is no video", encoding="utf-8")
    ended = cli("run", "Extract the audio from clip.mp4", fake)
    assert ended.returncode == 2
    assert "clip.mp4 ends in .mp4 but holds text/plain" in ended.stderr


@pytest.mark.promise("P6")
def test_no_route_has_an_exit_code_and_a_proof_of_its_own(cli: Cli) -> None:
    ended = cli("graph", "path", "--from", "audio", "--to", "image")
    assert ended.returncode == 3
    assert "no route from audio to image" in ended.stdout
    assert "that set is closed" in ended.stdout
    assert "a tool from audio" in ended.stdout


def test_the_best_typed_paths_are_printed(cli: Cli) -> None:
    ended = cli("graph", "path", "--from", "video", "--to", "audio", "--json")
    paths = json.loads(ended.stdout)["paths"]
    assert [step["tool"] for step in paths[0]["steps"]] == ["extract_audio"]


@pytest.mark.parametrize("ending", ["svg", "mmd"])
def test_the_graph_can_be_drawn(cli: Cli, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"graph.{ending}"
    assert cli("graph", "draw", "--out", target).returncode == 0
    drawn = target.read_text(encoding="utf-8")
    assert "Edge map" in drawn
    assert drawn.startswith("<svg" if ending == "svg" else "flowchart")


@pytest.mark.promise("P7")
def test_a_budget_ends_a_run_with_a_code_of_its_own(cli: Cli, photo: Path) -> None:
    ended = cli("run", "Get the edge map of photo.png", photo, "--max-seconds", "0.0001")
    assert ended.returncode == 5
    assert "budget" in ended.stderr


@pytest.mark.promise("P6")
def test_tools_are_listed_with_what_is_missing(cli: Cli) -> None:
    rows = json.loads(cli("tools", "list", "--json").stdout)
    assert len(rows) >= 16
    for row in rows:
        assert {"name", "version", "domains", "inputs", "outputs", "available", "reason"} <= set(
            row
        )
        assert row["available"] == (row["reason"] is None)


def test_tools_are_found_by_words(cli: Cli) -> None:
    rows = json.loads(cli("tools", "search", "who is talking, write it down", "--json").stdout)
    assert rows[0]["name"] == "speech_to_text"


def test_a_tool_is_checked_on_a_real_sample(cli: Cli) -> None:
    ended = cli("tools", "check", "edge_map", "resize_image", "--json")
    assert ended.returncode == 0
    assert [each["verdict"] for each in json.loads(ended.stdout)] == ["ok", "ok"]


def test_doctor_says_what_works_here(cli: Cli) -> None:
    ended = cli("doctor", "--json")
    findings = {each["subject"]: each for each in json.loads(ended.stdout)}
    assert ended.returncode == 0
    assert findings["database"]["state"] == "ok"
    assert findings["catalogue"]["state"] == "ok"


def test_doctor_names_the_broken_setting_and_the_way_out(cli: Cli) -> None:
    ended = cli("doctor", DATABASE_URL="nonsense")
    assert ended.returncode == 1
    assert "correct DATABASE_URL" in ended.stdout


def test_a_wrong_setting_is_named(cli: Cli) -> None:
    ended = cli("runs", "list", CONTROLLLM_MAX_PARALLEL="many")
    assert ended.returncode == 2
    assert "CONTROLLLM_MAX_PARALLEL='many'" in ended.stderr


def test_a_broken_catalogue_is_told_with_file_line_and_field(cli: Cli, tmp_path: Path) -> None:
    broken = tmp_path / "registry.yaml"
    broken.write_text("version: 1\ntools:\n  - name: x\n", encoding="utf-8")
    ended = cli("tools", "list", "--registry", broken)
    assert ended.returncode == 2
    assert f"{broken}:3: tools[0].version: this field is missing" in ended.stderr


def test_batches_answer_every_line_in_order(cli: Cli, tmp_path: Path) -> None:
    lines = [
        {
            "id": "one",
            "request": "get the edge map of a.png",
            "resources": [{"name": "a.png", "type": "image"}],
        },
        "not json",
        {"id": "three", "request": "fribble"},
        {"id": "four", "request": "highlight the faces in b.jpg"},
    ]
    batch, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    text = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    batch.write_text(text, encoding="utf-8")
    assert cli("plan", "--batch", batch, "--out", out, "--all-tools").returncode == 0
    answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [each["id"] for each in answers] == ["one", "line 2", "three", "four"]
    assert [s["tool"] for s in answers[0]["steps"]] == ["edge_map"]
    assert answers[0]["steps"][0]["inputs"] == {"image": [{"resource": "a.png"}]}
    assert answers[1]["error"]["kind"] == "bad_line"
    assert answers[2]["error"]["kind"] == "cannot_decompose"
    assert [s["tool"] for s in answers[3]["steps"]] == ["detect_faces", "highlight_boxes"]
    assert all(each["elapsed_ms"] >= 0 for each in answers)


def test_tasks_are_solved_in_batches(cli: Cli, tmp_path: Path) -> None:
    batch = tmp_path / "in.jsonl"
    task = {
        "id": "t",
        "goal": "highlight the faces",
        "domains": [],
        "given": [{"name": "a.png", "type": "image"}],
        "wants": ["image"],
    }
    batch.write_text(json.dumps(task), encoding="utf-8")
    for strategy in ("best_first", "beam", "adaptive", "greedy"):
        answer = json.loads(cli("solve", "--batch", batch, "--strategy", strategy).stdout)
        assert answer["solutions"], strategy
        assert set(answer["trace"]) == {"expanded", "pruned", "complete"}
        assert answer["solutions"][0]["cost"] > 0


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


def test_the_version_is_told(cli: Cli) -> None:
    told = cli("--version")
    assert (told.returncode, told.stdout.split()[0]) == (0, "controlllm")


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


def test_a_batch_without_one_answer_fails_and_stays_readable(cli: Cli, tmp_path: Path) -> None:
    batch, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    batch.write_bytes(b'{"id": "\\ud800", "request": "fribble"}\n\xff\n')
    assert cli("plan", "--batch", batch, "--out", out).returncode == 1
    kinds = [json.loads(line)["error"]["kind"] for line in out.read_text("ascii").splitlines()]
    assert kinds == ["cannot_decompose", "bad_line"]


def test_one_request_can_be_planned_with_tools_that_cannot_run_here(cli: Cli, photo: Path) -> None:
    planned = cli("plan", "Get the edge map of photo.png", photo, "--all-tools")
    assert planned.returncode == 0, planned.stderr
    assert "edge_map" in planned.stdout
    assert "run it" not in planned.stdout


def test_a_search_without_a_hit_says_so(cli: Cli) -> None:
    assert "no tool matches" in cli("tools", "search", "zzzz").stdout


def test_a_tool_that_acts_outside_is_checked_on_request_only() -> None:
    from toolbox import card

    from controlllm.check import check_tools

    tools = [card("Echo", effects="network")]
    (skipped,) = check_tools(tools, {})
    assert (skipped.verdict, "network" in skipped.message) == ("skipped", True)
    (checked,) = check_tools(tools, {}, {"network"})
    assert checked.verdict == "ok"


def test_a_lease_shorter_than_the_signs_of_life_is_refused(cli: Cli) -> None:
    ended = cli("runs", "list", CONTROLLLM_LEASE_S="5")
    assert ended.returncode == 2
    assert "CONTROLLLM_LEASE_S='5'" in ended.stderr
