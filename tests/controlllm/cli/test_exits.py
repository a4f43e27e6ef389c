"""Errors as data: what the person is asked for, and nothing of any other error."""

from __future__ import annotations

from controlllm.cli.exits import missing_of
from controlllm_planner.errors import MissingCapability, MissingInput, NeedsInput, NoSolution


def test_only_an_error_that_asks_for_something_has_something_missing_to_give() -> None:
    asked = MissingInput(tool="blur", port="image", type="image")
    assert missing_of(NeedsInput((asked,))) == [asked.to_json()]
    lacking = MissingCapability(inputs=("text",), output="image")
    assert missing_of(NoSolution("blur", "no route", missing=(lacking,))) == []
    assert missing_of(ValueError("no")) == []
