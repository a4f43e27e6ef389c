"""A bad line of a batch is answered as such, and the others are answered as ever."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
import worlds

from controlllm.batch import plan_line, run_batch, solve_line
from controlllm_planner.task import Constraints

GOOD = {"id": "good", "goal": "blur it", "given": [{"name": "a.png", "type": "image"}],
        "wants": ["image"]}  # fmt: skip


def answers(*lines: object) -> list[dict[str, Any]]:
    written = [line if isinstance(line, str | bytes) else json.dumps(line) for line in lines]
    return list(run_batch(written, partial(solve_line, worlds.planner())))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({**GOOD, "given": [{"type": "image"}]}, "'name' must be a text"),
        ({**GOOD, "given": [{"type": "number", "value": 3}]}, "'name' must be a text"),
        ({**GOOD, "given": [{"name": "a", "type": "number", "value": [3]}]}, "the value of 'a'"),
        ({**GOOD, "given": ["image"]}, "'type' must be a text"),
        ({**GOOD, "given": [None]}, "'type' must be a text"),
        ({**GOOD, "wants": [{}]}, "`wants` must list types"),
        ('{"goal": NaN}', "NaN is no number of JSON"),
        (b'{"goal": "\xff"}', "not JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_says_what_is_wrong_and_stops_nothing(line: object, words: str) -> None:
    bad, good = answers(line, GOOD)
    assert bad["error"]["kind"] == "bad_line"
    assert words in bad["error"]["message"]
    assert good["error"] is None
    assert good["solutions"]


def test_whatever_breaks_on_a_line_becomes_the_error_of_that_line() -> None:
    def answer(data: dict[str, Any]) -> dict[str, Any]:
        return {"twice": data["number"] * 2, "error": None}

    first, second = run_batch(['{"id": 1}', '{"id": 2, "number": 4}'], answer)
    assert first["error"]["kind"] == "internal_error"
    assert "KeyError" in first["error"]["message"]
    assert first["notes"] == []
    assert second["twice"] == 8


def test_an_id_that_is_no_text_of_unicode_comes_back_as_it_was() -> None:
    (answer,) = answers({**GOOD, "id": "\ud800"})
    assert json.loads(json.dumps(answer).encode("ascii").decode())["id"] == "\ud800"


def test_the_constraints_of_a_batch_rule_every_plan() -> None:
    line = {"request": "Blur a.png", "resources": [{"name": "a.png", "type": "image"}]}
    planner = worlds.planner()
    assert plan_line(planner, line)["steps"][0]["tool"] == "blur_picture"
    denied = Constraints(deny_tools=frozenset({"blur_picture"}))
    (answer,) = run_batch([json.dumps(line)], lambda data: plan_line(planner, data, denied))
    assert "blur_picture" not in [step["tool"] for step in answer["steps"]]


def test_what_is_missing_is_told_with_the_plan_that_would_be_made() -> None:
    line = {"id": 7, "request": "Blur the picture, then read the words in it"}
    (answer,) = run_batch([json.dumps(line)], partial(plan_line, worlds.planner()))
    assert [step["tool"] for step in answer["steps"]] == ["blur_picture", "read_words"]
    assert answer["steps"][0]["inputs"] == {}
    assert answer["steps"][1]["inputs"] == {"image": [{"step": "s1", "output": "image"}]}
    (missing,) = answer["needs_input"]
    assert (missing["tool"], missing["port"], missing["type"]) == ("blur_picture", "image", "image")
    assert answer["error"] == {"kind": "needs_input", "message": missing["message"]}
    assert "append the path of a file" in missing["message"]


def test_a_plan_that_lacks_nothing_asks_for_nothing() -> None:
    line = {"request": "Blur a.png", "resources": [{"name": "a.png", "type": "image"}]}
    assert plan_line(worlds.planner(), line)["needs_input"] == []
