"""Refuse a request before it is planned, or its plan when that costs too much."""

from __future__ import annotations

from collections.abc import Sequence

from controlllm_planner.errors import InvalidRequest, OverBudget
from controlllm_planner.missing_input import is_open
from controlllm_planner.plan import Plan
from controlllm_planner.task import (
    ATTACHMENT_LIMIT,
    REQUEST_LIMIT_CHARS,
    Attachment,
    Constraints,
    Request,
)
from controlllm_planner.tool_graph import ToolGraph


def check_request(request: Request, graph: ToolGraph) -> None:
    """Refuse what cannot be planned at all.

    Raises:
        InvalidRequest: Empty or too long text, too many, doubly or impossibly named attachments, a
            tool name that the catalogue does not have.
    """
    if not request.text.strip():
        msg = "the request is empty; say what should be made"
        raise InvalidRequest(msg)
    if len(request.text) > REQUEST_LIMIT_CHARS:
        msg = (
            f"the request has {len(request.text)} characters, the limit is {REQUEST_LIMIT_CHARS}; "
            "attach long text as a file"
        )
        raise InvalidRequest(msg)
    _check_attachments(request.attachments)
    named = request.constraints.allow_tools | request.constraints.deny_tools
    unknown = sorted(name for name in named if name not in graph.tool_number)
    if unknown:
        msg = f"no tool is named {unknown[0]!r}; see `controlllm tools list`"
        raise InvalidRequest(msg)


def _check_attachments(attachments: Sequence[Attachment]) -> None:
    if len(attachments) > ATTACHMENT_LIMIT:
        msg = f"{len(attachments)} attachments are over the limit of {ATTACHMENT_LIMIT}"
        raise InvalidRequest(msg)
    seen: set[str] = set()
    for each in attachments:
        if not each.name.strip():
            msg = "an attachment has no name; give it one"
            raise InvalidRequest(msg)
        if each.name in seen:
            msg = f"two attachments are named {each.name!r}; rename one"
            raise InvalidRequest(msg)
        if is_open(each.name):
            msg = f"an attachment is named {each.name!r}; a name holds no control characters"
            raise InvalidRequest(msg)
        seen.add(each.name)


def check_budget(plan: Plan, constraints: Constraints) -> None:
    """Refuse a plan that is expected to cost more than a budget allows.

    Raises:
        OverBudget: See its words.
    """
    budget, expected = constraints.budget, plan.estimate
    limits = (
        ("s of wall time", budget.wall_s, expected.seconds),
        ("s of GPU time", budget.gpu_s, expected.gpu_seconds),
        ("USD", budget.usd, expected.usd),
        ("steps", budget.steps, len(plan.steps)),
    )
    for unit, limit, needed in limits:
        if limit is not None and needed > limit:
            msg = f"the plan is expected to take {needed:g} {unit}, the budget is {limit:g} {unit}"
            raise OverBudget(msg)
