"""Many requests, or many tasks, from JSON lines to JSON lines; the formats are stable.

A bad line yields an error line with its id, never an abort of the rest.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from controlllm_planner.decompose.mentions import implied_attachments
from controlllm_planner.errors import NeedsInput, PlanningError
from controlllm_planner.missing_input import is_open
from controlllm_planner.plan import CallRef, GivenRef, Solution
from controlllm_planner.planner import Planner
from controlllm_planner.task import (
    Attachment,
    Constraints,
    FromAttachment,
    Given,
    Request,
    Spoken,
    Task,
    TaskId,
)
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType

logger = logging.getLogger(__name__)

JsonObject = dict[str, Any]

GOAL_AS_TEXT = 1.0
"""Cost of feeding the goal's own words to a tool that takes text."""


class BadLine(ValueError):
    """A line of a batch is not what the format says."""


def run_batch(
    lines: Iterable[str | bytes], answer: Callable[[JsonObject], JsonObject]
) -> Iterator[JsonObject]:
    """Answer each line that is not blank, in order, with the time it took; bytes are UTF-8."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        begun = time.perf_counter()
        data: JsonObject = {}
        try:
            data = _object(line)
            result = answer(data)
        except (PlanningError, BadLine) as error:
            result = _error_line(
                error.kind if isinstance(error, PlanningError) else "bad_line", error
            )
        except Exception as error:  # one line never aborts the rest
            logger.warning("a line of a batch broke", exc_info=error, extra={"line": number})
            result = _error_line("internal_error", error)
        identity = data.get("id", f"line {number}")
        elapsed = round((time.perf_counter() - begun) * 1_000, 3)
        yield {"id": identity, **result, "elapsed_ms": elapsed}


def plan_line(
    planner: Planner, data: JsonObject, constraints: Constraints | None = None
) -> JsonObject:
    """The plan of one `{"id", "request", "resources"}`.

    Args:
        planner: Makes the plan.
        data: The line.
        constraints: What every plan of the batch must respect.

    Raises:
        PlanningError: There is none.
        BadLine: A field is missing or of another kind.
    """
    text = _text(data, "request")
    attachments = tuple(
        Attachment(name=_text(each, "name"), type=_type(planner.graph, _text(each, "type")))
        for each in _list(data, "resources")
    )
    if not attachments:
        attachments = implied_attachments(text, attachments)
    request = Request(text=text, attachments=attachments, constraints=constraints or Constraints())
    plan = planner.plan(request)
    return {**_steps_and_outputs(plan.to_json()), "needs_input": [], "error": None}


def _steps_and_outputs(plan: Mapping[str, Any]) -> JsonObject:
    """Of a plan as data; a port that waits for the person is not among the inputs of its step."""
    steps = []
    for step in plan["steps"]:
        bound = {port: list(filter(_is_there, refs)) for port, refs in step["inputs"].items()}
        inputs = {port: refs for port, refs in bound.items() if refs}
        same = {name: step[name] for name in ("id", "tool", "outputs", "after")}
        steps.append({**same, "inputs": inputs})
    return {"steps": steps, "outputs": plan["outputs"], "notes": plan["notes"]}


def _is_there(binding: JsonObject) -> bool:
    return not is_open(str(binding.get("resource", "")))


def solve_line(planner: Planner, data: JsonObject) -> JsonObject:
    """The solutions of one `{"id", "goal", "domains", "given", "wants"}`.

    Raises:
        PlanningError: There is none; the message holds the proof.
        BadLine: A field is missing or of another kind.
    """
    task = _task(planner.graph, data)
    cut_short = 0
    for attempt in (task, *_relaxed(task)):
        solved = planner.solve(attempt, Constraints())
        if solved.solutions:
            break
        if not solved.result.complete:
            cut_short = solved.result.expanded
    else:
        raise planner.no_solution(task, Constraints(), cut_short)
    names = [_text(each, "name") for each in _list(data, "given")]
    return {
        "solutions": [_solution_to_json(planner, task, each, names) for each in solved.solutions],
        "trace": {
            "expanded": solved.result.expanded,
            "pruned": solved.result.pruned,
            "complete": solved.result.complete,
        },
        "error": None,
    }


def _task(graph: ToolGraph, data: JsonObject) -> Task:
    goal = _text(data, "goal")
    given = [
        Given(type=_type(graph, _text(each, "type")), origin=_origin(each))
        for each in _list(data, "given")
    ]
    text = ResourceType("text")
    if goal.strip() and text in graph.type_number and not any(g.type == text for g in given):
        spoken = Given(type=text, origin=Spoken(goal), required=False, weight=GOAL_AS_TEXT)
        given.append(spoken)
    wants = [_type(graph, want) for want in _list(data, "wants") if isinstance(want, str)]
    unknown = [want for want in wants if want not in graph.type_number]
    if not wants or unknown:
        shown = unknown[0] if unknown else data.get("wants")
        msg = f"`wants` must list types of the catalogue, got {shown!r}"
        raise BadLine(msg)
    return Task(
        id=TaskId("t1"),
        goal=_without(goal, _file_names(data)),
        given=tuple(given),
        wants=tuple(wants),
        domains=tuple(str(each) for each in _list(data, "domains")),
    )


def _origin(given: JsonObject) -> Spoken | FromAttachment:
    name = _text(given, "name")
    if "value" not in given:
        return FromAttachment(name)
    value = given["value"]
    if not isinstance(value, str | int | float | bool):
        msg = f"the value of {name!r} must be a text, a number or a boolean, got {value!r}"
        raise BadLine(msg)
    return Spoken(value)


def _relaxed(task: Task) -> Iterator[Task]:
    """The task with its texts as hints that need not be used."""
    given = tuple(
        Given(type=each.type, origin=each.origin, required=False, weight=each.weight)
        if each.type.root == "text"
        else each
        for each in task.given
    )
    if given != task.given:
        yield Task(id=task.id, goal=task.goal, given=given, wants=task.wants, domains=task.domains)


def _solution_to_json(
    planner: Planner, task: Task, solution: Solution, names: list[str]
) -> JsonObject:
    def source(ref: GivenRef | CallRef) -> JsonObject:
        if isinstance(ref, CallRef):
            return {"step": f"s{ref.call + 1}", "output": ref.output}
        if ref.index < len(names):
            return {"resource": names[ref.index]}
        origin = task.given[ref.index].origin
        return {"value": origin.value if isinstance(origin, Spoken) else None}

    steps = []
    for number, call in enumerate(solution.calls, start=1):
        card = planner.graph.card(call.tool)
        before = [ref.call for _, refs in call.inputs for ref in refs if isinstance(ref, CallRef)]
        steps.append(
            {
                "id": f"s{number}",
                "tool": call.tool,
                "inputs": {port: [source(ref) for ref in refs] for port, refs in call.inputs},
                "outputs": [{"name": p.name, "type": p.type} for p in card.outputs],
                "after": [f"s{each + 1}" for each in dict.fromkeys(before)],
            }
        )
    parts = dict(solution.parts)
    return {"steps": steps, "cost": round(solution.cost, 6), "parts": parts}


def _error_line(kind: str, error: Exception) -> JsonObject:
    """Why a line has no answer; what is missing comes with the plan that would be made with it."""
    message = str(error)
    if kind == "internal_error":
        message = f"this is a defect of ControlLLM ({type(error).__name__}: {message})"
    asked = error if isinstance(error, NeedsInput) else None
    draft = asked.draft if asked else None
    return {
        "steps": [],
        "outputs": [],
        "solutions": [],
        "notes": [],
        **(_steps_and_outputs(draft) if draft else {}),
        "needs_input": [each.to_json() for each in asked.missing] if asked else [],
        "error": {"kind": kind, "message": message},
    }


def _object(line: str | bytes) -> JsonObject:
    try:
        text = line.decode() if isinstance(line, bytes) else line
        data = json.loads(text.removeprefix("\ufeff"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        msg = f"the line is not JSON: {error}"
        raise BadLine(msg) from error
    if not isinstance(data, dict):
        msg = f"the line holds {type(data).__name__}, not an object"
        raise BadLine(msg)
    return data


def _no_number(name: str) -> float:
    msg = f"{name} is no number of JSON"
    raise ValueError(msg)


def _text(data: object, name: str) -> str:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, str):
        msg = f"{name!r} must be a text, got {value!r}"
        raise BadLine(msg)
    return value


def _list(data: JsonObject, name: str) -> list[Any]:
    value = data.get(name) or []
    if not isinstance(value, list):
        msg = f"{name!r} must be a list, got {value!r}"
        raise BadLine(msg)
    return value


def _type(graph: ToolGraph, name: str) -> ResourceType:
    try:
        return graph.type_called(name)
    except ValueError as error:
        raise BadLine(str(error)) from error


def _file_names(data: JsonObject) -> list[str]:
    """Names of given files: they are no words of the wish."""
    return [each["name"] for each in _list(data, "given") if not each["type"].startswith("text")]


def _without(text: str, names: list[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ") if name else text
    return text
