"""What is refused before planning, and what is too dear after it."""

from __future__ import annotations

import pytest
from worlds import GRAPH, planner, request

from controlllm_planner.errors import InvalidRequest, OverBudget
from controlllm_planner.request_check import check_budget, check_request
from controlllm_planner.task import Budget, Constraints


def test_a_request_that_can_be_planned_passes() -> None:
    check_request(request("blur it", "a.png:image", "b.png:image"), GRAPH)


@pytest.mark.parametrize(
    ("text", "files", "words"),
    [
        (" \n", (), "the request is empty"),
        ("x" * 100_000, (), "has 100000 characters"),
        ("blur it", ("a.png:image", "a.png:image"), "two attachments are named 'a.png'"),
        ("blur it", ("\0image 1:image",), "a name holds no control characters"),
        ("blur it", (" :image",), "an attachment has no name"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_the_way_out(
    text: str, files: tuple[str, ...], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        check_request(request(text, *files), GRAPH)


def test_a_plan_over_a_budget_is_refused_by_the_first_limit_that_it_breaks() -> None:
    made = planner().plan(request("Blur a.png", "a.png:image"))
    check_budget(made, Constraints(budget=Budget(steps=1)))
    with pytest.raises(OverBudget, match="1 steps, the budget is 0 steps"):
        check_budget(made, Constraints(budget=Budget(steps=0)))
