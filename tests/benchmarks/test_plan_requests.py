"""The benchmark of whole requests, on a data folder of three cases with scorers of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import plan_requests, table
from benchmarks.request_scores import Metric, score
from benchmarks.request_sets import FOLDS, SETS, Case, Fold, RequestSet, folds, open_set
from benchmarks.request_solvers import (
    UNSEEN,
    Solve,
    Variant,
    bigram,
    fold_file,
    has_folds,
    solvers_of,
)
from controlllm_planner import matching
from controlllm_tools.registry import Registry

REGISTRIES = """
import json

TYPES = {name: {} for name in ("text", "image", "audio")}

def slug(name):
    return name.lower().replace(" ", "_")

def card(name, takes, makes, summary):
    port = lambda type_: [{"name": type_, "type": type_}] if type_ else []
    return {"name": slug(name), "version": "1", "summary": summary,
            "inputs": port(takes), "outputs": port(makes)}

def write(tools, out, links=(), types=TYPES):
    cards = [card(*tool) for tool in tools]
    out.write_text(json.dumps({"version": 1, "types": types, "tools": cards, "links": list(links)}))

def controlllm(tools, out):
    write([(tool["name"], *tool["about"]) for tool in tools], out)

def taskbench(desc, out):
    write(desc["nodes"], out)

def untyped(desc, links, out):
    edges = [{"from": slug(a), "to": slug(b), "weight": w} for (a, b), w in links.items()]
    write([(name, "", "", about) for name, _, _, about in desc["nodes"]], out, edges, types={})
"""

SCORE = '''
from statistics import mean
from lib_slug import slug

def share(case, plans):
    """A case is right or wrong as a whole; a case without links has no say on links."""
    plan = next((p for p in plans if p["id"] == case["id"]), {"steps": []})
    return float([s["tool"] for s in plan["steps"]] == [slug(n) for n in case["nodes"]])

def graph(cases, plans):
    nodes = [share(case, plans) for case in cases]
    links = [share(case, plans) for case in cases if case["links"]] or [0]
    return 100 * mean(nodes), 100 * mean(links), {}

def controlllm(cases, plans, tools, types_of):
    assert types_of("image") == "image"
    rows = [{"id": c["id"], "level": c["level"], "SE": share(c, plans), "NR": share(c, plans),
             "irr": 1, "steps": 4, "bad": 0, "wrong": 1, "n": 2} for c in cases]
    levels = {k: mean([r["SE"] for r in rows if r["level"] == k] or [0])
              for k in ("easy", "medium", "hard")}
    whole = {"SE": mean(r["SE"] for r in rows), "NR": mean(r["NR"] for r in rows),
             "IR": 0.25, "HR": 0.0, "CR": 0.5, **levels}
    return whole, rows
'''

TOOLS = (
    ("Blur Picture", "image", "image", "Blur a picture."),
    ("Read Words", "image", "text", "Read the words in a picture."),
    ("Speak Text", "text", "audio", "Speak a text aloud."),
)
CASES = (
    {"id": "b", "type": "single", "request": "Blur a.png", "nodes": ["Blur Picture"], "links": []},
    {
        "id": "c",
        "type": "chain",
        "request": "Blur a.png",
        "nodes": ["Read Words", "Speak Text"],
        "links": [["Read Words", "Speak Text"]],
    },
    {"id": "a", "type": "single", "request": "Blur a.png", "nodes": ["Speak Text"], "links": []},
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that holds every set; results go elsewhere than into the checkout."""
    monkeypatch.setattr(table, "RESULTS", tmp_path / "results")
    folder = tmp_path / "data"
    for name in SETS:
        fill(folder / name.replace("-", "/"), goals=name == "controlllm")
    (folder / "registries.py").write_text(REGISTRIES, encoding="utf-8")
    (folder / "score.py").write_text(SCORE, encoding="utf-8")
    (folder / "lib_slug.py").write_text(
        "def slug(name): return name.lower().replace(' ', '_')", encoding="utf-8"
    )
    return folder


def fill(folder: Path, *, goals: bool) -> None:
    folder.mkdir(parents=True)
    if goals:
        tools: Any = [{"name": name, "about": about} for name, *about in TOOLS]
    else:
        tools = {"nodes": TOOLS}
    file = "tools.json" if goals else "tool_desc.json"
    (folder / file).write_text(json.dumps(tools), encoding="utf-8")
    lines = [json.dumps(with_goals(case) if goals else case) for case in CASES]
    (folder / "dev.jsonl").write_text("\n".join(lines), encoding="utf-8")


def with_goals(case: Case) -> Case:
    resources = [{"name": "a.png", "type": "image"}]
    goal = {"accept": [[name.lower().replace(" ", "_") for name in case["nodes"]]]}
    goals = [{**goal, "subtasks": [0], "resources": ["a.png"]}]
    return {**case, "level": "easy", "resources": resources, "goals": goals}


def opened(data: Path, name: str) -> RequestSet:
    asked = open_set(data, name)
    assert asked is not None
    return asked


def run(data: Path, *options: str) -> None:
    folds_of_test = [] if "--folds" in options else ["--folds", str(data)]
    plan_requests.main(["--data", str(data), *folds_of_test, *options])


def predictions(file: Path, tools: dict[str, Sequence[str]]) -> Path:
    """A file of answers: the tools of each case that was answered."""
    lines = [
        json.dumps({"id": name, "steps": [{"id": t, "tool": t} for t in held], "error": None})
        for name, held in tools.items()
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", [*SETS, "all"])
def test_a_set_without_data_is_skipped_in_clear_words(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, "--set", name)
    said = capsys.readouterr().out.splitlines()
    skipped = SETS if name == "all" else (name,)
    assert said == [f"skipped: no data of {each} at {tmp_path}" for each in skipped]


def test_a_set_is_planned_scored_and_kept(data: Path, tmp_path: Path) -> None:
    run(data, "--set", "taskbench-huggingface", "--out", str(tmp_path / "kept"))
    report = tmp_path / "results" / "plan_requests_taskbench-huggingface.json"
    measured = json.loads(report.read_text(encoding="utf-8"))
    figures = {each["name"]: each for each in measured["figures"]}
    assert measured["machine"]["cases"] == 3
    assert (measured["machine"]["single"], measured["machine"]["chain"]) == (2, 1)
    assert figures["node F1, ours"]["value"] == pytest.approx(100 / 3)
    assert figures["node F1 single, ours"]["value"] == 50
    assert figures["link F1, ours"]["note"] == "1 cases"
    assert figures["node F1, best tool per clause"]["value"] == pytest.approx(100 / 3)
    assert figures["time p95, ours"]["value"] > 0
    assert figures["node F1, GPT-4*"]["value"] == 81.54
    lines = (tmp_path / "kept" / "taskbench-huggingface.ours.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["b", "c", "a"]
    assert [step["tool"] for step in json.loads(lines[0])["steps"]] == ["blur_picture"]


def test_predictions_of_anyone_can_be_scored_again(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held: dict[str, Sequence[str]] = {"b": ["blur_picture"], "c": ["read_words", "speak_text"]}
    file = predictions(tmp_path / "theirs.jsonl", held)
    run(data, "--set", "taskbench-multimedia", "--rescore", str(file))
    said = capsys.readouterr().out
    assert "| theirs " in said
    assert row(said, "node F1") == "66.67 (0 to 100) %", "an unanswered case counts as wrong"
    assert row(said, "link F1") == "100 (20.65 to 100) %"
    assert "| time" not in said


def test_scoring_what_was_kept_gives_the_same_figures(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(data, "--set", "ultratool")
    first = capsys.readouterr().out
    kept = tmp_path / "results" / "predictions" / "ultratool.ours.jsonl"
    run(data, "--set", "ultratool", "--rescore", str(kept))
    again = capsys.readouterr().out
    assert row(again, "node F1") == row(first, "node F1")
    assert row(again, "time p95") == row(first, "time p95")


def test_rescoring_needs_to_know_the_set(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        run(data, "--rescore", str(predictions(tmp_path / "p.jsonl", {})))


def test_goals_are_scored_overall_and_by_level(data: Path) -> None:
    asked = opened(data, "controlllm")
    answers = [{"id": "b", "steps": [{"id": "s1", "tool": "blur_picture"}]}]
    scores = score(asked, answers)
    found = {metric.name: metric.value for metric in scores.metrics}
    assert found == pytest.approx(
        {"SE": 1 / 3, "SE easy": 1 / 3, "NR": 1 / 3, "IR": 0.25, "HR": 0, "CR": 0.5}
    )
    assert scores.failed == ("a", "c")


def test_a_scorer_that_contradicts_itself_is_not_believed(data: Path) -> None:
    file = data / "score.py"
    file.write_text(SCORE.replace("100 * mean(nodes)", "100 * max(nodes)"), encoding="utf-8")
    answers = [{"id": "b", "steps": [{"id": "s1", "tool": "blur_picture"}]}]
    with pytest.raises(ValueError, match=r"node F1 is 1\.0 for all cases and 0\.333"):
        score(opened(data, "taskbench-huggingface"), answers)


def test_failures_are_told_in_the_order_of_their_ids(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(data, "--set", "taskbench-huggingface", "--failures", "1")
    _, said = capsys.readouterr().out.split("\n", 1)
    assert said.startswith("2 of 3 cases of taskbench-huggingface are not fully right.")
    assert "### a\n\n> Blur a.png\n\n- accepted: Speak Text\n- ours: s1 blur_picture(" in said
    assert "### c" not in said


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Weights of folds: the shipped ones, in which fold 1 never finds that a tool is asked for."""
    shipped = (Path(matching.__file__).parent / "matcher.npz").read_bytes()
    folder = tmp_path / "weights"
    folder.mkdir()
    for number in range(FOLDS):
        fold_file(folder, number).write_bytes(shipped)
    with np.load(fold_file(folder, 1)) as stored:
        changed = {
            name: -stored[name] if name.endswith(".tool") else stored[name] for name in stored
        }
    np.savez(fold_file(folder, 1), **changed)
    return folder


def test_links_never_come_from_the_case_that_is_asked(data: Path) -> None:
    told: list[tuple[int, list[str], int]] = []

    def solver(_asked: RequestSet, registry: Registry, fold: Fold) -> Solve:
        told.append((fold.number, [case["id"] for case in fold.known], len(registry.links)))
        return lambda line: {"id": line["id"], "steps": []}

    plan_requests.predict(opened(data, "ultratool"), solver)
    assert told == [(0, ["c", "a"], 1), (1, ["b", "a"], 0), (2, ["b", "c"], 1)]


def test_each_fold_is_asked_with_the_weights_that_were_fitted_without_it(
    data: Path, weights: Path
) -> None:
    asked = opened(data, "taskbench-huggingface")
    shipped = plan_requests.predict(asked, Variant())
    by_fold = plan_requests.predict(asked, Variant(weights=weights))
    tools = [
        [[step["tool"] for step in each["steps"]] for each in held] for held in (shipped, by_fold)
    ]
    assert tools[0] == [["blur_picture"]] * 3
    assert [at for at in range(3) if tools[0][at] != tools[1][at]] == [1], "the changed fold alone"


def test_without_weights_of_folds_the_planner_as_it_ships_is_all_that_is_asked(
    data: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = opened(data, "taskbench-huggingface")
    fold_file(weights, 0).unlink()
    assert not has_folds(weights)
    assert UNSEEN not in solvers_of(asked, ablate=True)
    run(data, "--set", "ultratool", "--folds", str(weights))
    said = capsys.readouterr().out
    assert f"skipped: the cross-validated figures, no weights of folds in {weights}" in said
    assert "with weights that were fitted with these very cases" in said
    assert UNSEEN not in said


def test_variants_are_cross_validated_as_well(
    data: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(data, "--set", "ultratool", "--folds", str(weights), "--ablate")
    header = capsys.readouterr().out.splitlines()[2]
    shown = [cell.strip() for cell in header.split("|")[2:-1]]
    assert shown[:4] == ["ours", UNSEEN, "words alone", "no clause encoder"]


def test_each_case_is_asked_once_and_never_known_then() -> None:
    cases: list[Case] = [{"id": str(number)} for number in range(12)]
    asked = []
    for fold in folds(cases):
        assert not {case["id"] for case in fold.known} & {case["id"] for case in fold.asked}
        assert len(fold.known) + len(fold.asked) == 12
        assert all(int(case["id"]) % FOLDS == fold.number for case in fold.asked)
        asked += [case["id"] for case in fold.asked]
    assert sorted(asked) == sorted(case["id"] for case in cases)


def test_the_bigram_goes_on_with_the_most_common_next_tool(data: Path) -> None:
    asked = opened(data, "ultratool")
    everything = Fold(number=0, known=asked.cases, asked=())
    solve: Solve = bigram(asked, asked.registry(asked.cases), everything)
    steps = solve({"request": "Read the words. Blur the picture."})["steps"]
    assert [step["tool"] for step in steps] == ["read_words", "speak_text"]
    assert steps[1]["after"] == [steps[0]["id"]]


def test_intervals_hold_their_figure_and_a_bare_zero_is_not_sure() -> None:
    mixed = Metric(name="m", counted=(1, 0.5, 0, 1), of=(1, 1, 1, 1))
    low, high = mixed.interval
    assert low < mixed.value == 0.625 < high
    assert Metric(name="m", counted=(0,) * 60, of=(3,) * 60).interval[1] == pytest.approx(0.06, 0.1)
    binary = Metric(name="m", counted=(1, 1, 0, 0), of=(1,) * 4, is_binary=True)
    assert binary.interval == pytest.approx((0.15, 0.85), abs=0.001)


def row(printed: str, name: str) -> str:
    """The first cell of a row of a printed table."""
    line = next(each for each in printed.splitlines() if each.startswith(f"| {name} "))
    return line.split("|")[2].strip()
