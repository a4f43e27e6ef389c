"""Decompose by matching words to the catalogue; no language model.

Each clause that speaks of a tool becomes one task, or one for each file when its tool takes one
file at a time. A clause points at files by name, at earlier results by `it` or `the <type>`, and at
things to make by naming their type. All knowledge comes from the cards and the declared types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from controlllm_planner.decompose.clauses import (
    head_verb,
    split_clauses,
    verbs_of,
    verbs_of_tool,
)
from controlllm_planner.decompose.mentions import (
    DEFINITE,
    MarkedText,
    Mention,
    TypeMention,
    TypeWords,
    mark,
)
from controlllm_planner.errors import CannotDecompose, InvalidRequest
from controlllm_planner.graph_arrays import Vector, reachable
from controlllm_planner.relevance import Relevance
from controlllm_planner.task import (
    FromAttachment,
    FromTask,
    Given,
    Request,
    Spoken,
    SpokenNumber,
    Task,
    TaskId,
)
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import ResourceType

TEXT = ResourceType("text")

MIN_STRENGTH = 0.12
"""Below this no word of a clause tells one tool from another; it is context, not a wish."""

CLAUSE_AS_TEXT = 1.0
"""Cost of feeding the words of the wish itself to a tool that takes text."""

_CANDIDATES = 12
_UNREACHABLE = 0.3
_NOT_DIRECT = 0.6
_NAMED_OUTPUT = 1.4
_SAME_VERB = 1.8
"""Factors on the relevance of a tool as the last one of a clause."""

_VALUE_ROOTS = frozenset({"number", "boolean", "option"})
_PRONOUN = re.compile(
    r"\b(it|its|them|they|this|that|these|those|result|results|resulting|generated|output|above)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something a clause may start from: an attachment, or the results of an earlier clause."""

    type: ResourceType
    givens: tuple[Given, ...]


@dataclass(slots=True)
class _Clause:
    """What one clause says."""

    text: str
    goal: str
    readable: str
    mentions: list[Mention]
    types: list[TypeMention]
    scores: Vector
    strength: float


@dataclass(slots=True)
class _Story:
    """What was said so far."""

    attachments: tuple[_Thing, ...]
    results: list[_Thing] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)


class ByMatching:
    """The default decomposer."""

    def __init__(self, graph: ToolGraph, relevance: Relevance) -> None:
        self._graph = graph
        self._relevance = relevance
        self._verbs = verbs_of(graph.cards)
        self._tool_verbs = tuple(map(verbs_of_tool, graph.cards))
        self._type_words = TypeWords(graph.types, graph.type_names)

    def decompose(self, request: Request) -> tuple[Task, ...]:
        """See `Decomposer`; O(clauses * (postings touched + arrays of the graph))."""
        marked = mark(request.text, request.attachments)
        _refuse_unknown_files(marked, request)
        story = _Story(
            tuple(
                _Thing(each.type, (Given(type=each.type, origin=FromAttachment(each.name)),))
                for each in request.attachments
            )
        )
        missed: list[str] = []
        wishes = list(self._wishes(marked, missed))
        for clause in wishes:
            self._add_tasks(clause, story, alone=len(wishes) == 1)
        if not story.tasks:
            understood = tuple(m.text for m in marked.mentions if m.kind == "attachment")
            raise CannotDecompose(understood, tuple(missed) or (request.text,))
        return tuple(story.tasks)

    def _wishes(self, marked: MarkedText, missed: list[str]) -> Iterator[_Clause]:
        """Clauses that speak of a tool; what others mention is handed to the next or last one."""
        waiting: list[Mention] = []
        last: _Clause | None = None
        for text in split_clauses(marked.text, self._verbs):
            clause = self._read(marked, text)
            if clause.strength < MIN_STRENGTH:
                waiting += clause.mentions
                missed.append(clause.readable)
                continue
            if last is not None:
                yield last
            clause.mentions = [m for m in waiting if m not in clause.mentions] + clause.mentions
            waiting, last = [], clause
        if last is not None:
            last.mentions += [m for m in waiting if m not in last.mentions]
            yield last

    def _read(self, marked: MarkedText, text: str) -> _Clause:
        goal = marked.words_only(text).strip()
        return _Clause(
            text=text,
            goal=goal,
            readable=marked.readable(text),
            mentions=list(marked.in_part(text)),
            types=list(self._type_words.find(goal)),
            scores=self._relevance.scores(goal),
            strength=self._relevance.strength(goal),
        )

    def _add_tasks(self, clause: _Clause, story: _Story, *, alone: bool) -> None:
        named, pointed_at = self._things(clause, story, alone=alone)
        card = self._tool_for(clause, [*named, *pointed_at])
        # "the words" may be what the tool finds rather than what it starts from
        fitting = [thing for thing in pointed_at if _consumes(card, [thing.type])]
        things = [*named, *fitting] or pointed_at
        want = ResourceType(card.outputs[0].type) if card.outputs else None
        made: list[Given] = []
        for group in _distribute(card, things):
            task_id = TaskId(f"t{len(story.tasks) + 1}")
            task = Task(
                id=task_id,
                goal=clause.goal,
                given=(*group, *self._spoken(clause)),
                wants=(want,) if want else (),
                via=self._via(clause, things, want) if want else (),
                after=(story.tasks[-1].id,) if story.tasks and not want else (),
                numbers=_numbers(clause),
                tool=None if want else card.name,
            )
            story.tasks.append(task)
            if want:
                made.append(Given(type=want, origin=FromTask(task_id)))
        if want:
            story.results.append(_Thing(want, tuple(made)))

    def _things(
        self, clause: _Clause, story: _Story, *, alone: bool
    ) -> tuple[list[_Thing], list[_Thing]]:
        """What the clause starts from: the files it names, and what it points back to."""
        indices = dict.fromkeys(m.attachment for m in clause.mentions if m.attachment >= 0)
        named = [story.attachments[index] for index in indices]
        pointed_at: list[_Thing] = []
        for mention in clause.types:
            if mention.determiner in DEFINITE and not _covers(named, mention.type):
                pointed_at += self._pointed_at(mention, story)
        if not named and not pointed_at:
            if story.results and (not alone or _PRONOUN.search(clause.goal)):
                pointed_at = story.results[-1:]
            else:
                pointed_at = list(story.attachments)
        return named, list(dict.fromkeys(pointed_at))

    @staticmethod
    def _pointed_at(mention: TypeMention, story: _Story) -> list[_Thing]:
        """The latest result of that type; else the files of it, all of them for a plural."""
        for thing in reversed(story.results):
            if _related(thing.type, mention.type):
                return [thing]
        files = [thing for thing in story.attachments if _related(thing.type, mention.type)]
        plural = mention.words.endswith("s") or mention.determiner in {"these", "those"}
        return files if plural else files[:1]

    def _tool_for(self, clause: _Clause, things: list[_Thing]) -> ToolCard:
        """The tool that best ends the clause: relevant, fed by what is there, making its noun."""
        types = [thing.type for thing in things]
        numbers = {
            self._graph.type_number[t] for t in (*types, TEXT) if t in self._graph.type_number
        }
        callable_, _ = reachable(self._graph, numbers)
        new = {mention.type for mention in clause.types if mention.determiner not in DEFINITE}
        verb = head_verb(clause.goal, self._verbs)
        order = sorted(range(len(self._graph.cards)), key=lambda n: (-clause.scores[n], n))

        def fit(number: int) -> tuple[float, int]:
            card = self._graph.cards[number]
            score = float(clause.scores[number])
            if not callable_[number]:
                score *= _UNREACHABLE
            elif types and not _consumes(card, types):
                score *= _NOT_DIRECT
            if any(
                _related(ResourceType(port.type), each) for port in card.outputs for each in new
            ):
                score *= _NAMED_OUTPUT
            if verb and verb in self._tool_verbs[number]:
                score *= _SAME_VERB
            return score, -number

        return self._graph.cards[max(order[:_CANDIDATES], key=fit)]

    def _via(
        self, clause: _Clause, things: list[_Thing], want: ResourceType
    ) -> tuple[ResourceType, ...]:
        """Refined types that the clause names as something new: they are made on the way."""
        named = [
            mention.type
            for mention in clause.types
            if mention.type.refined
            and mention.determiner not in DEFINITE
            and mention.type.root not in _VALUE_ROOTS
            and not _related(mention.type, want)
            and not any(_related(mention.type, thing.type) for thing in things)
            and self._graph.producers(mention.type)
        ]
        return tuple(dict.fromkeys(named))

    def _spoken(self, clause: _Clause) -> Iterator[Given]:
        """Values from the words: quotations must be used, the clause itself may be."""
        if TEXT not in self._graph.type_number:
            return
        for mention in clause.mentions:
            if mention.kind in {"quote", "url"}:
                type_ = ResourceType("url") if mention.kind == "url" else TEXT
                known = type_ if type_ in self._graph.type_number else TEXT
                yield Given(type=known, origin=Spoken(mention.text))
        yield Given(
            type=TEXT, origin=Spoken(clause.readable), required=False, weight=CLAUSE_AS_TEXT
        )


def _refuse_unknown_files(marked: MarkedText, request: Request) -> None:
    unknown = [mention.text for mention in marked.mentions if mention.kind == "file"]
    if unknown and not any(mention.kind == "attachment" for mention in marked.mentions):
        have = ", ".join(each.name for each in request.attachments) or "nothing"
        msg = f"{unknown[0]!r} was not handed over (attached: {have}); attach it to the request"
        raise InvalidRequest(msg)


def _related(one: ResourceType, other: ResourceType) -> bool:
    return one.accepts(other) or other.accepts(one)


def _covers(things: list[_Thing], type_: ResourceType) -> bool:
    return any(_related(thing.type, type_) for thing in things)


def _consumes(card: ToolCard, types: list[ResourceType]) -> bool:
    return any(port.resource_type.accepts(type_) for port in card.inputs for type_ in types)


def _distribute(card: ToolCard, things: list[_Thing]) -> list[tuple[Given, ...]]:
    """The givens of each task: several files go to one call, or to one call each."""
    givens = [given for thing in things for given in thing.givens]
    by_root: dict[str, list[Given]] = {}
    for given in givens:
        by_root.setdefault(given.type.root, []).append(given)
    for group in by_root.values():
        if len(group) > 1 and not _takes_all(card, group):
            shared = [given for given in givens if given not in group]
            return [(each, *shared) for each in group]
    return [tuple(givens)]


def _takes_all(card: ToolCard, group: list[Given]) -> bool:
    ports = [p for p in card.inputs if any(p.resource_type.accepts(g.type) for g in group)]
    return any(port.many for port in ports) or len(ports) >= len(group)


def _numbers(clause: _Clause) -> tuple[SpokenNumber, ...]:
    return tuple(
        SpokenNumber(float(mention.text), mention.near)
        for mention in clause.mentions
        if mention.kind == "number"
    )
