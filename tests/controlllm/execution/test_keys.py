"""Step keys."""

from dataclasses import replace

import pytest

from controlllm.execution.keys import step_key
from controlllm_tools.resources import Resource

TEXT = Resource.of_text("text", "hello")
BASE = step_key("tool", "c1", {"in": [TEXT]}, seed=0)


def test_equal_work_has_an_equal_key_whatever_the_names_are() -> None:
    renamed = replace(TEXT, name="other.txt", caption="a text")
    assert step_key("tool", "c1", {"in": [renamed]}, seed=0) == BASE


def test_the_order_of_ports_does_not_matter_and_the_order_on_a_port_does() -> None:
    other = Resource.of_text("text", "bye")
    one = step_key("t", "c", {"a": [TEXT], "b": [other]}, seed=0)
    assert one == step_key("t", "c", {"b": [other], "a": [TEXT]}, seed=0)
    listed = step_key("t", "c", {"a": [TEXT, other]}, seed=0)
    assert listed != step_key("t", "c", {"a": [other, TEXT]}, seed=0)


@pytest.mark.parametrize(
    "other",
    [
        step_key("other", "c1", {"in": [TEXT]}, seed=0),
        step_key("tool", "c2", {"in": [TEXT]}, seed=0),
        step_key("tool", "c1", {"in": [TEXT]}, seed=1),
        step_key("tool", "c1", {"in": [TEXT]}, seed=0, tenant="someone"),
        step_key("tool", "c1", {"in": [Resource.of_text("text", "Hello")]}, seed=0),
        step_key("tool", "c1", {"in": [Resource.of_text("text.title", "hello")]}, seed=0),
        step_key("tool", "c1", {"elsewhere": [TEXT]}, seed=0),
        step_key("tool", "c1", {}, seed=0),
    ],
)
def test_whatever_may_change_the_result_changes_the_key(other: str) -> None:
    assert other != BASE
