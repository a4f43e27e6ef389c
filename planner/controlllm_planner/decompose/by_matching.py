"""Decompose by matching words to the catalogue; no language model.

Each clause that speaks of a tool becomes one task, or one for each file when its tool takes one
file at a time. A clause points at files by name, at earlier results by `it` or `the <type>`, and at
things to make by naming their type. All knowledge comes from the cards and the declared types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from controlllm_planner.decompose.clauses import GENERIC_VERBS
from controlllm_planner.decompose.last_tool import (
    TEXT,
    LastTool,
    consumes,
    related,
    wanted_type,
)
from controlllm_planner.decompose.mentions import (
    DEFINITE,
    MarkedText,
    Mention,
    TypeMention,
    mark,
    media_family,
)
from controlllm_planner.decompose.reading import MIN_STRENGTH, Clause, Reader
from controlllm_planner.errors import CannotDecompose, InvalidRequest
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

CLAUSE_AS_TEXT = 3.0
"""Cost of feeding the words of the wish itself to a tool that takes text: like a tool that no word
points to, so that a chain from what was handed over wins unless the words fit the tool well."""

_VALUE_ROOTS = frozenset({"number", "boolean", "option"})
_PRONOUN = re.compile(
    r"\b(it|its|them|they|this|that|these|those|result|results|resulting|generated|output|above)\b",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\s*(,|,?\s*and|&)\s+((a|an|some|its|the)\s+)?([\w-]+\s+){0,2}")


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something a clause may start from: an attachment, or the results of an earlier clause."""

    type: ResourceType
    givens: tuple[Given, ...]


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
        self._reader = Reader(graph, relevance)
        self._last_tool = LastTool(graph)

    def decompose(self, request: Request) -> tuple[Task, ...]:
        """See `Decomposer`; O(clauses * (postings touched + arrays of the graph))."""
        marked = mark(request.text, request.attachments)
        _refuse_unknown_files(marked, request)
        attachments = (
            _Thing(each.type, (Given(type=each.type, origin=FromAttachment(each.name)),))
            for each in request.attachments
        )
        story = _Story(tuple(attachments))
        missed: list[str] = []
        wishes = list(_wishes(self._reader.clauses(marked), missed))
        for clause in wishes:
            self._tell(clause, story, alone=len(wishes) == 1)
        if not story.tasks:
            understood = tuple(m.text for m in marked.mentions if m.kind == "attachment")
            raise CannotDecompose(understood, tuple(missed) or (request.text,))
        return tuple(story.tasks)

    def _tell(self, clause: Clause, story: _Story, *, alone: bool) -> None:
        """Add the tasks of one clause to the story."""
        named, pointed_at = _starts(clause, story, alone=alone)
        types = [thing.type for thing in (*named, *pointed_at)]
        new = [each for each in clause.types if _is_new(each, types)]
        card = self._last_tool.choose(clause, types, [each.type for each in new])
        # "the words" may be what the tool finds rather than what it starts from
        fitting = [thing for thing in pointed_at if consumes(card, [thing.type])]
        things = [*named, *fitting] or pointed_at
        want = self._out_of_reach(clause, new, types) or wanted_type(card, [e.type for e in new])
        if want is None:
            self._add_untyped(clause, story, card)
            return
        also = self._also_wanted(clause, want, new)
        via = self._via(new, want, also, [thing.type for thing in things])
        groups = _distribute(card, things)
        for wish in (want, *also):
            self._add(clause, story, groups, wish, via if wish == want else ())

    def _out_of_reach(
        self, clause: Clause, new: Sequence[TypeMention], given: Sequence[ResourceType]
    ) -> ResourceType | None:
        """What a clause asks to be made, when no chain of tools makes it from what there is.

        It is wanted all the same, so that the answer is the proof and not something else.
        """
        if clause.verb not in GENERIC_VERBS or not new or new[0].determiner not in {"a", "an"}:
            return None
        return None if self._last_tool.can_make(new[0].type, given) else new[0].type

    def _add(
        self,
        clause: Clause,
        story: _Story,
        groups: list[tuple[Given, ...]],
        want: ResourceType,
        via: tuple[ResourceType, ...],
    ) -> None:
        made: list[Given] = []
        for group in groups:
            task = Task(
                id=TaskId(f"t{len(story.tasks) + 1}"),
                goal=clause.goal,
                given=(*group, *self._spoken(clause)),
                wants=(want,),
                via=via,
                numbers=_numbers(clause, group, story),
            )
            story.tasks.append(task)
            made.append(Given(type=want, origin=FromTask(task.id)))
        story.results.append(_Thing(want, tuple(made)))

    @staticmethod
    def _add_untyped(clause: Clause, story: _Story, card: ToolCard) -> None:
        """A task for a tool whose card says nothing of what it makes: named, and in order."""
        after = (story.tasks[-1].id,) if story.tasks else ()
        task_id = TaskId(f"t{len(story.tasks) + 1}")
        story.tasks.append(Task(id=task_id, goal=clause.goal, after=after, tool=card.name))

    def _also_wanted(
        self, clause: Clause, want: ResourceType, new: list[TypeMention]
    ) -> tuple[ResourceType, ...]:
        """Further types that stand in one list with the wanted one: `some tags and a title`."""
        joined: list[TypeMention] = []
        for mention in new:
            if joined and not _JOINED.fullmatch(clause.goal[joined[-1].end : mention.start]):
                if any(related(each.type, want) for each in joined):
                    break
                joined = []
            joined.append(mention)
        if not any(related(each.type, want) for each in joined):
            return ()
        others = (each.type for each in joined if not related(each.type, want))
        return tuple(dict.fromkeys(each for each in others if self._graph.producers(each)))

    def _via(
        self,
        new: list[TypeMention],
        want: ResourceType,
        also: tuple[ResourceType, ...],
        given: list[ResourceType],
    ) -> tuple[ResourceType, ...]:
        """Refined types that the clause names as something new: they are made on the way."""
        named = [
            each.type
            for each in new
            if each.type.refined
            and each.type.root not in _VALUE_ROOTS
            and not any(related(each.type, other) for other in (want, *also, *given))
            and self._graph.producers(each.type)
        ]
        return tuple(dict.fromkeys(named))

    def _spoken(self, clause: Clause) -> Iterator[Given]:
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


def _wishes(clauses: Iterator[Clause], missed: list[str]) -> Iterator[Clause]:
    """Clauses that speak of a tool; what others mention is handed to the next or last one."""
    waiting: tuple[Mention, ...] = ()
    numbers: tuple[SpokenNumber, ...] = ()
    last: Clause | None = None
    for clause in clauses:
        if clause.strength < MIN_STRENGTH:
            waiting += clause.mentions
            numbers += clause.numbers
            missed.append(clause.readable)
            continue
        if last is not None:
            yield last
        last = replace(clause, mentions=waiting + clause.mentions, numbers=numbers + clause.numbers)
        waiting, numbers = (), ()
    if last is not None:
        yield replace(last, mentions=last.mentions + waiting, numbers=last.numbers + numbers)


def _starts(clause: Clause, story: _Story, *, alone: bool) -> tuple[list[_Thing], list[_Thing]]:
    """What a clause starts from: the files it names, and what it points back to."""
    indices = dict.fromkeys(m.attachment for m in clause.mentions if m.attachment >= 0)
    named = [story.attachments[index] for index in indices]
    pointed_at: list[_Thing] = []
    for mention in clause.types:
        if mention.determiner in DEFINITE and not _covers(named, mention.type):
            pointed_at += _pointed_at(mention, story)
    if not named and story.results and _PRONOUN.search(clause.goal):
        # a pronoun beside a noun is something else than the noun: "burn them into the video"
        pointed_at.append(story.results[-1])
    if not named and not pointed_at:
        pointed_at = story.results[-1:] if story.results and not alone else [*story.attachments]
    return named, list(dict.fromkeys(pointed_at))


def _pointed_at(mention: TypeMention, story: _Story) -> list[_Thing]:
    """The latest result of that type; else the files of it, all of them for a plural."""
    for thing in reversed(story.results):
        if related(thing.type, mention.type):
            return [thing]
    files = [thing for thing in story.attachments if related(thing.type, mention.type)]
    plural = mention.words.endswith("s") or mention.determiner in {"these", "those"}
    return files if plural else files[:1]


def _is_new(mention: TypeMention, given: Sequence[ResourceType]) -> bool:
    """Whether a clause speaks of something to be made: not `the ...`, or of nothing there is."""
    return mention.determiner not in DEFINITE or not any(
        related(mention.type, each) for each in given
    )


def _refuse_unknown_files(marked: MarkedText, request: Request) -> None:
    """Refuse a file that is named and missing; `node.js` is one only where no file is there."""
    named = any(mention.kind == "attachment" for mention in marked.mentions)
    for mention in marked.mentions:
        if mention.kind != "file" or mention.is_result:
            continue
        if not named or media_family(mention.text):
            have = ", ".join(each.name for each in request.attachments) or "nothing"
            msg = (
                f"{mention.text!r} was not handed over (attached: {have}); "
                "append the path of the file to the command"
            )
            raise InvalidRequest(msg)


def _covers(things: list[_Thing], type_: ResourceType) -> bool:
    return any(related(thing.type, type_) for thing in things)


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


def _numbers(clause: Clause, group: Sequence[Given], story: _Story) -> tuple[SpokenNumber, ...]:
    """The numbers of the clause, without those that it says of the files of other tasks."""
    for index, own in clause.numbers_of_file.items():
        shared = len(group) >= len(clause.numbers_of_file)
        if not shared and story.attachments[index].givens[0] in group:
            return own
    return clause.numbers
