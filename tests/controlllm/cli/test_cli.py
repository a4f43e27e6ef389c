"""The command line, as a person types it: real processes, real tools, real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Cli

from controlllm_tools.samples import pictures
from controlllm_tools.tool import ToolContext


def test_help_names_every_command(cli: Cli) -> None:
    told = cli("--help")
    assert told.returncode == 0
    for name in ("run", "plan", "solve", "runs", "artifacts", "tools", "graph", "doctor", "demo"):
        assert f"  {name} " in told.stdout


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
    assert "detect_faces, because highlight_boxes takes boxes" in told


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
    ended = cli("graph", "path", "--from", "facts.language", "--to", "image")
    assert ended.returncode == 3
    assert "no route from facts.language to image" in ended.stdout
    assert "that set is closed" in ended.stdout
    assert "a tool from facts.language" in ended.stdout
    assert "facts.language is the language of a text" in ended.stdout


def test_a_tool_that_would_open_a_route_and_may_not_be_used_is_named(cli: Cli) -> None:
    ended = cli("graph", "path", "--from", "url", "--to", "text.html", "--json")
    assert ended.returncode == 3
    closed = json.loads(ended.stdout)["proof"]["closed"]
    assert [each["tool"] for each in closed] == ["fetch_page"]
    assert closed[0]["reason"] == (
        "it has effects (network), which run and plan allow with --allow network"
    )


def test_a_path_starts_from_the_types_that_were_named_alone(cli: Cli) -> None:
    ended = cli("graph", "path", "--from", "number.seconds", "--to", "audio.speech")
    assert ended.returncode == 3
    assert "what can be made: nothing" in ended.stdout


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


@pytest.mark.promise("P6")
def test_tools_are_listed_with_what_is_missing(cli: Cli) -> None:
    rows = json.loads(cli("tools", "list", "--json").stdout)
    assert len(rows) >= 16
    for row in rows:
        assert {"name", "version", "domains", "inputs", "outputs", "available", "reason"} <= set(
            row
        )
        assert row["available"] == (row["reason"] is None)


def test_a_person_sees_every_tool_once_under_its_field_of_work(cli: Cli) -> None:
    rows = json.loads(cli("tools", "list", "--json").stdout)
    lines = cli("tools", "list").stdout.splitlines()
    shown = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert sorted(shown) == sorted(row["name"] for row in rows)
    images = [row["name"] for row in rows if row["domains"][0] == "image-processing"]
    start = lines.index(f"image-processing {len(images)}") + 1
    assert lines[start].split()[0] == images[0]
    assert lines[-1].startswith(f"{len(rows)} tools, ")


def test_tools_that_are_found_say_what_they_take_and_make(cli: Cli) -> None:
    lines = cli("tools", "search", "put several pictures into one pdf").stdout.splitlines()
    (line,) = [line for line in lines if line.startswith("pdf_from_pictures ")]
    assert "[image] → document.pdf" in line


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


def test_the_version_is_told(cli: Cli) -> None:
    told = cli("--version")
    assert (told.returncode, told.stdout.split()[0]) == (0, "controlllm")


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


def test_a_lease_shorter_than_the_signs_of_life_is_refused(cli: Cli) -> None:
    ended = cli("runs", "list", CONTROLLLM_LEASE_S="5")
    assert ended.returncode == 2
    assert "CONTROLLLM_LEASE_S='5'" in ended.stderr


def test_what_is_missing_is_a_question_with_the_way_to_answer(cli: Cli) -> None:
    asked = cli("run", "Blur the picture and add the logo", "--json")
    assert asked.returncode == 2
    assert "append the path of a file to the command" in asked.stderr
    told = json.loads(asked.stdout)
    assert told["error"]["kind"] == "needs_input"
    assert told["needs_input"][0]["type"] == "image"
    assert told["needs_input"][0]["message"] in asked.stderr
