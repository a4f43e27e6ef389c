"""Say what is missing: what a plan takes from nowhere and the person has to give.

A plan is made as if the missing things were there, each under a name that no attachment can have;
what the plan uses of them is asked for. A value that only words can give, such as a choice that a
tool must have, is left open in the same way. Nothing is planned here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from controlllm_planner.arguments.not_offered import not_offered
from controlllm_planner.arguments.spoken import spoken_parameters
from controlllm_planner.decompose.last_tool import TEXT
from controlllm_planner.decompose.mentions import DEFINITE, INDEFINITE, TypeMention, mark
from controlllm_planner.errors import MissingInput
from controlllm_planner.plan import FromResource, Plan, PlanStep, Solution, Value
from controlllm_planner.stand_ins import Gap, can_be_given, type_words
from controlllm_planner.task import Attachment, FromAttachment, Given, Request, Task, TaskId
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.resources import ResourceType

_OPEN = "\0"
"""Begins the names of things that are not there: neither the name of a file nor the words of a
request can hold it, and `check_request` refuses an attachment that is named so."""

UNSAID = 4.0
"""Cost of a tool's value that nothing says: more than a call that finds it out."""

_PART_OF = re.compile(r"\s+(?:in|of|from|on|out of|inside|within|behind)\s+(?:\w+\s+){0,2}")
_I_HAVE = (
    r"\b(?:(?:i|we) have(?! (?:to|no|never|been|always)\b)|i've|i got|i wrote|"
    r"i recorded|here is|here's)\s+"
    r"(?:(?!(?:of|to|scanned|photographed|handwritten|printed)\b)\w+\s+){0,4}"
)
"""What stands before a thing that the person says is there: `I have a long article`."""

_HANDED = re.compile(rf"{_I_HAVE}$", re.IGNORECASE)
_HANDED_TEXT = re.compile(
    rf"{_I_HAVE}(?:article|blog post|email|e-mail|essay|letter|paragraph|poem|report|story)\b",
    re.IGNORECASE,
)
_WHOLE_NAME = re.compile(
    r"\s*(?:$|[.,;:!?()\n]|(?:about|of|that|which|from|with|named|called|and|in|on|where|containing|"
    r"showing|attached|here|file|files)\b)",
    re.IGNORECASE,
)
"""What follows the name of a thing that is no part of a longer one, as in `an audio problem`."""

_VIEW = 80
"""Characters before a thing that are looked at, so that long requests take linear time."""

_NOT_YET = re.compile(r"\s+(?:in mind|to)\b", re.IGNORECASE)
_EXAMPLES = 3


def is_open(name: str) -> bool:
    """Whether a name stands for something that is not there."""
    return name.startswith(_OPEN)


def with_open(
    request: Request, found: Sequence[Gap], graph: ToolGraph, file_types: frozenset[ResourceType]
) -> Request:
    """The request as if what it lacks had been handed over.

    What the words speak of as being there comes first ("the table"); else what the ports want. A
    text in place of the words of a wish changes no plan, so it needs no attachment.

    Args:
        request: What was asked.
        found: The gaps of its best plan.
        graph: The catalogue.
        file_types: Types that a person may hand over.
    """
    said = tuple(_spoken_of(request, graph, file_types))
    if found and all(gap.holds_words for gap in found) and {t.root for t in said} <= {"text"}:
        return request
    return _with_types(
        request, said or tuple(dict.fromkeys(gap.port.resource_type for gap in found))
    )


def _is_whole(text: str, end: int) -> bool:
    """Whether the name of a thing ends at a place, and the thing is there already."""
    return bool(_WHOLE_NAME.match(text, end)) and not _NOT_YET.match(text, end)


def _with_types(request: Request, types: Sequence[ResourceType]) -> Request:
    """The request with something open of each type."""
    if not types:
        return request
    taken = len(request.attachments)
    more = tuple(
        Attachment(name=_open_name(type_, taken + number), type=type_)
        for number, type_ in enumerate(types, start=1)
    )
    return replace(request, attachments=(*request.attachments, *more))


def with_handed_over(
    request: Request, graph: ToolGraph, file_types: frozenset[ResourceType]
) -> Request:
    """The request as if what it says to have had been handed over, where nothing of it was.

    "I have a long article. Sum it up and speed up clip.mp4" is about an article, and not about what
    is said in the film.
    """
    marked = mark(request.text, request.attachments)
    have = [each.type for each in request.attachments]
    if any(each.kind in {"quote", "url"} for each in marked.mentions):
        have.append(TEXT)
    text = marked.words_only(marked.text)
    found: dict[ResourceType, None] = {}
    for mention in type_words(graph).find(text):
        before = text[max(0, mention.start - _VIEW) : mention.start]
        says_so = mention.determiner in INDEFINITE and _HANDED.search(before) is not None
        if says_so and _is_whole(text, mention.end) and not _is_had(mention.type, have):
            found.update(dict.fromkeys(_files_of(mention.type, file_types)))
    told = _HANDED_TEXT.search(text)
    if told and _is_whole(text, told.end()) and not _is_had(TEXT, have):
        found.update(dict.fromkeys(_files_of(TEXT, file_types)))
    return _with_types(request, tuple(found))


def missing_inputs(
    plan: Plan, found: Sequence[Gap], graph: ToolGraph, file_types: frozenset[ResourceType]
) -> tuple[MissingInput, ...]:
    """What the person is asked for, each thing once, in the order of the steps.

    Args:
        plan: Made as if what is missing were there.
        found: The gaps that are left in it all the same.
        graph: The catalogue.
        file_types: Types that a person may hand over.
    """
    asked: dict[object, MissingInput] = {}
    first_user: dict[str, TaskId] = {}
    for step in with_gaps_open(plan, found).steps:
        card = graph.card(step.tool)
        for name, bound in step.inputs:
            port = card.input(name)
            for each in bound:
                if port is None or not isinstance(each, FromResource) or not is_open(each.name):
                    continue
                # the last step of a wish is what was asked for, and says best what it is about
                if first_user.setdefault(each.name, step.task) == step.task:
                    asked[each.name] = missing_input(card, port, graph, file_types)
    for gap in found:
        missing = missing_input(graph.card(gap.tool), gap.port, graph, file_types)
        asked.setdefault(gap, missing)
    return tuple(dict.fromkeys(asked.values()))


def other_values(
    solved: Iterable[tuple[Task, Solution]], graph: ToolGraph
) -> Iterator[MissingInput]:
    """The choices to make where the words name one that the tool of the plan does not offer."""
    for task, solution in solved:
        for call in solution.calls:
            card = graph.card(call.tool)
            for port, said in not_offered(card, task):
                yield MissingInput(
                    tool=card.name,
                    port=port.name,
                    type=str(port.type),
                    description=f"{said!r} is not on offer",
                    choices=port.choices,
                    examples=port.choices[:_EXAMPLES],
                    is_file=False,
                )


def with_gaps_open(plan: Plan, found: Sequence[Gap]) -> Plan:
    """A plan whose ports hold something left open in place of the words of a wish."""
    wanting = {(gap.tool, gap.port.name): gap.port for gap in found if gap.holds_words}

    def opened(step: PlanStep) -> PlanStep:
        inputs = tuple(
            (name, (FromResource(f"{_OPEN}{step.tool}.{name}"),))
            if (step.tool, name) in wanting and any(isinstance(b, Value) for b in bound)
            else (name, bound)
            for name, bound in step.inputs
        )
        return replace(step, inputs=inputs)

    return replace(plan, steps=tuple(map(opened, plan.steps))) if wanting else plan


def without_open(plan: Plan) -> Plan:
    """A plan that uses nothing that is not there, without any word of it."""
    return replace(plan, resources=tuple(r for r in plan.resources if not is_open(r.name)))


def missing_input(
    card: ToolCard, port: Port, graph: ToolGraph, file_types: frozenset[ResourceType]
) -> MissingInput:
    """What is to be said of a port that nothing fills."""
    info = graph.types.get(port.resource_type)
    return MissingInput(
        tool=card.name,
        port=port.name,
        type=str(port.type),
        description=port.description or (info.description if info else ""),
        choices=port.choices,
        examples=port.choices[:_EXAMPLES] or card.examples[:_EXAMPLES],
        is_file=not port.choices and can_be_given(port.resource_type, file_types),
    )


def with_values(task: Task, graph: ToolGraph) -> Task:
    """The task with a value, or one left open, for each port that only words can fill.

    Only of the tool that the words ask for first; binding puts in what the words say.
    """
    more = tuple(_values(task, graph))
    # a label stays the last thing given
    end = len(task.given) - bool(task.label)
    return replace(task, given=(*task.given[:end], *more, *task.given[end:])) if more else task


def _values(task: Task, graph: ToolGraph) -> Iterator[Given]:
    if not task.endings:
        return
    card = graph.card(task.endings[0].tool)
    said = spoken_parameters(card, task)
    for port in card.required_inputs:
        type_ = port.resource_type
        if type_ not in graph.said_only or any(type_.accepts(each.type) for each in task.given):
            continue
        weight = 0.0 if port.name in said else UNSAID
        origin = FromAttachment(open_value(card, port))
        yield Given(type=type_, origin=origin, required=False, weight=weight)


def open_value(card: ToolCard, port: Port) -> str:
    """What a plan calls a value that only words can give, until they are read."""
    return f"{_OPEN}{card.name}.{port.name}"


def _open_name(type_: ResourceType, number: int) -> str:
    return f"{_OPEN}{type_} {number}"


def _spoken_of(
    request: Request, graph: ToolGraph, file_types: frozenset[ResourceType]
) -> Iterator[ResourceType]:
    """Types of the things that a request speaks of as being there and that are not attached."""
    marked = mark(request.text, request.attachments)
    text = marked.words_only(marked.text)
    have = [each.type for each in request.attachments]
    made: set[ResourceType] = set()
    spoken = list(type_words(graph).find(text))
    found: dict[ResourceType, None] = {}
    for mention, after in zip_longest(spoken, spoken[1:]):
        if mention.determiner not in DEFINITE:
            made.add(mention.type)  # "an image ... the generated image"
        is_there = mention.determiner in DEFINITE and can_be_given(mention.type, file_types)
        is_there = is_there and mention.type not in made
        if is_there and not _is_had(mention.type, have) and not _is_part(mention, after, text):
            found.update(dict.fromkeys(_files_of(mention.type, file_types) or [mention.type]))
    yield from found


def _files_of(type_: ResourceType, file_types: frozenset[ResourceType]) -> list[ResourceType]:
    """The first kind of file of a type; none for what is no file."""
    return [each for each in sorted(file_types) if type_.accepts(each)][:1]


def _is_had(type_: ResourceType, have: Sequence[ResourceType]) -> bool:
    return any(type_.accepts(each) or each.accepts(type_) for each in have)


def _is_part(mention: TypeMention, after: TypeMention | None, text: str) -> bool:
    """Whether a thing is part of the next one: `the text in the picture`."""
    between = text[mention.end : after.start] if after else ""
    return after is not None and _PART_OF.fullmatch(between) is not None
