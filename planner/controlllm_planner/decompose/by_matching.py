"""Decompose by matching words to the catalogue; no language model.

Each wish becomes one task, or one for each file when its tool takes one file at a time. A wish
points at files by name, at earlier results by `it` or `the <type>`, and at things to make by naming
their type. All knowledge of tools comes from the cards, the declared types and the matcher.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from controlllm_planner.decompose.adding import add_tasks
from controlllm_planner.decompose.last_tool import (
    TEXT,
    LastTool,
    consumes,
    related,
    takes_addresses_as_text,
    takes_exactly,
    wanted_type,
)
from controlllm_planner.decompose.listed_values import for_each_value
from controlllm_planner.decompose.mentions import (
    DEFINITE,
    MarkedText,
    Mention,
    TypeMention,
    mark,
    refuse_unknown_files,
)
from controlllm_planner.decompose.reading import Reader, Wish
from controlllm_planner.decompose.story import Story, Thing
from controlllm_planner.decompose.things import (
    BYSTANDER,
    VALUE_ROOTS,
    bystanders,
    distributed,
    into_one,
    kinds_together,
    means_every,
    named_by,
    on_the_way,
    says_it_all,
    starts_of,
    with_it,
    with_others,
)
from controlllm_planner.decompose.verbs import GENERIC_VERBS
from controlllm_planner.errors import CannotDecompose, InvalidRequest
from controlllm_planner.matching.model import Matcher
from controlllm_planner.relevance import LexicalRelevance
from controlllm_planner.task import (
    FromAttachment,
    Given,
    Request,
    Spoken,
    Task,
    TaskId,
)
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import ResourceType

WISH_AS_TEXT = 0.45
"""Cost of feeding the words of the wish itself to the tool it asks for, where that takes text: more
than anything that was handed over or made, less than a call that nobody asked for."""

QUESTION_AS_TEXT = 0.2
"""The same for a question: its words are what has to be answered."""

WISH_AS_CONTENT = 4.0
"""The same for a tool on the way: what somebody wishes is rarely what should be worked on."""

_MOST_TASKS = 1_000
"""Enough for two wishes over as many files as may be attached."""

_MOST_SPOKEN = 64
"""Quotations and addresses that one wish may use."""

_URL = ResourceType("url")
_JOINED = re.compile(r"\s*(,|,?\s*and|&)\s+((a|an|some|its|the)\s+)?([\w-]+\s+){0,2}")


class ByMatching:
    """The default decomposer."""

    def __init__(self, graph: ToolGraph, lexical: LexicalRelevance, matcher: Matcher) -> None:
        self._graph = graph
        self._reader = Reader(graph, lexical, matcher)
        self._last_tool = LastTool(graph)

    def decompose(self, request: Request) -> tuple[Task, ...]:
        """See `Decomposer`; O(clauses * (postings touched + arrays of the graph))."""
        marked = mark(request.text, request.attachments)
        if self._graph.type_names:  # tools without ports take what they need from the words
            refuse_unknown_files(marked, request)
        attachments = (
            Thing(each.type, (Given(type=each.type, origin=FromAttachment(each.name)),))
            for each in request.attachments
        )
        quoted = islice(self._quoted(marked), _MOST_SPOKEN)
        story = Story(tuple(attachments), tuple(quoted))
        wishes, missed = self._reader.wishes(marked, [each.type for each in request.attachments])
        named = [named_by(wish, story) for wish in wishes]
        last = {thing: at for at, things in enumerate(named) for thing in things}
        for at, wish in enumerate(wishes):
            story.named_later = [thing for thing, named_at in last.items() if named_at > at]
            self._tell(wish, story)
            story.named = named[at] or story.named
            if len(story.tasks) > _MOST_TASKS:
                msg = (
                    f"the request asks for more than {_MOST_TASKS:,} things; ask for fewer at a "
                    "time, or attach long text as a file"
                )
                raise InvalidRequest(msg)
        if not story.tasks:
            self._ask_for_what_nothing_makes(marked, story)
        if not story.tasks:
            understood = tuple(m.text for m in marked.mentions if m.kind == "attachment")
            raise CannotDecompose(understood, tuple(missed) or (request.text,))
        return tuple(story.tasks)

    def _tell(self, wish: Wish, story: Story) -> None:
        """Add the tasks of one wish to the story."""
        named, pointed_at = starts_of(wish, story)
        types = [thing.type for thing in (*named, *pointed_at)]
        new = [each for each in wish.types if _is_new(each, types)]
        made = [each.type for each in new]
        there = (*story.attachments, *story.results)
        everything = [given.type for thing in there for given in thing.givens]
        back = [] if named else [thing.type for thing in pointed_at]
        wish = self._weighed(wish, new, everything, named or pointed_at)
        card = self._last_tool.choose(wish.match, everything, back, wish.verb)
        named = with_it(card, wish, story, named)
        pointed_at = with_others(card, wish, story, pointed_at)
        # "the words" may be what the tool finds rather than what it starts from
        fitting = [thing for thing in pointed_at if consumes(card, [thing.type])]
        things = [*named, *fitting] or pointed_at
        if not consumes(card, [thing.type for thing in things]):
            things = named or self._nearest(wish, card, story, new=bool(new)) or things
        want = self._out_of_reach(wish, new, types) or wanted_type(card, made)
        groups = distributed(card, things)
        if want is None:
            self._add_untyped(wish, story, card, groups)
            return
        before = len(story.results)
        for draft in self._wanted(wish, card, want, new, things):
            add_tasks(for_each_value(draft, card), wish, story, groups, card)
        if len(story.results) == before + 1:
            self._tell_besides(wish, card, story, pointed_at)

    def _weighed(
        self,
        wish: Wish,
        new: Sequence[TypeMention],
        there: Sequence[ResourceType],
        things: list[Thing],
    ) -> Wish:
        """The wish with what it asks for by more that it says, and with what it is made through."""
        through = tuple(dict.fromkeys(on_the_way(wish, new, there) if new else ()))
        match = self._last_tool.weighed(
            wish.match,
            through,
            of_parts=bool(wish.label),
            of_several=into_one(wish, things),
            of_kinds=kinds_together(wish, things),
        )
        return replace(wish, match=match, through=through)

    def _wanted(
        self,
        wish: Wish,
        card: ToolCard,
        want: ResourceType,
        new: Sequence[TypeMention],
        things: Sequence[Thing],
    ) -> Iterator[Task]:
        """Drafts of the task of a wish, and of tasks for what else it names to be made."""
        also = self._also_wanted(wish, want, new)
        there = [*(thing.type for thing in things), *(each for each in wish.called if each)]
        named_too = self._named_too(new, want, also, there)
        via = tuple(type_ for type_ in named_too if consumes(card, [type_]))
        via += tuple(t for t in wish.through if takes_exactly(card, t) and t not in via)
        also += tuple(
            type_
            for type_ in named_too
            if type_ not in via and self._last_tool.is_asked_for(type_, wish.match)
        )
        return self._drafts(wish, card, (want, *also), via)

    def _tell_besides(
        self, wish: Wish, first: ToolCard, story: Story, pointed_at: Sequence[Thing]
    ) -> None:
        """Add the task of a second tool that a wish asks for, of what its first has just made."""
        rest = self._last_tool.besides(wish.match, first)
        if rest is None:
            return
        card = self._graph.cards[rest.likeliest]
        want = wanted_type(card, ())
        asked = {ending.tool for task in story.tasks for ending in task.endings[:1]}
        if want is None or card.name in asked:
            return
        beside = [thing for thing in pointed_at if consumes(card, [thing.type])]
        groups = distributed(card, [*beside, story.results[-1]])
        for draft in self._drafts(
            replace(wish, match=rest, mentions=(), called=()), card, (want,), ()
        ):
            add_tasks([draft], wish, story, groups, card)

    def _ask_for_what_nothing_makes(self, marked: MarkedText, story: Story) -> None:
        """A task for a thing that is asked for and that no tool makes: its search is the proof."""
        given = [thing.type for thing in story.attachments]
        for part in self._reader.parts(marked, given):
            for wanted in part.words.new:
                if not story.tasks and not self._last_tool.can_make(wanted, given):
                    goal = marked.readable(part.span.text)
                    story.tasks.append(Task(id=story.next_id(), goal=goal, wants=(wanted,)))

    def _out_of_reach(
        self, wish: Wish, new: Sequence[TypeMention], given: Sequence[ResourceType]
    ) -> ResourceType | None:
        """What a wish asks to be made, when no chain of tools makes it from what there is.

        It is wanted all the same, so that the answer is the proof and not something else.
        """
        if wish.verb not in GENERIC_VERBS or not new or new[0].determiner not in {"a", "an"}:
            return None
        return None if self._last_tool.can_make(new[0].type, given) else new[0].type

    def _nearest(self, wish: Wish, card: ToolCard, story: Story, *, new: bool) -> list[Thing]:
        """The latest thing that a tool takes as it is, else the one that leads to it soonest.

        None where the wish says itself all that the tool needs.

        A wish for something new of its own ("and suggest a title") starts from the thing itself
        rather than from what was learned of it: the first that fits without refinement.
        """
        if says_it_all(card, wish, [g.type for g in self._spoken(wish, card) if g.required]):
            return []
        fitting = [thing for thing in reversed(story.results) if consumes(card, [thing.type])]
        files = [thing for thing in story.attachments if consumes(card, [thing.type])]
        fitting += files if means_every(wish, card, files) else story.meant(files)
        plain = [thing for thing in fitting if takes_exactly(card, thing.type)]
        chosen = (plain if new else fitting) or fitting
        if not chosen:
            files = story.meant(list(story.attachments))
            chosen = self._leading(card, [*reversed(story.results), *files])
        if chosen and not any(chosen[0] is result for result in story.results):
            return [thing for thing in chosen if thing.type == chosen[0].type]
        return chosen[:1]

    def _leading(self, card: ToolCard, things: Sequence[Thing]) -> list[Thing]:
        """The things with the shortest way to a tool."""
        hops = [self._last_tool.hops(thing.type, card) for thing in things]
        least = min(hops, default=math.inf)
        if least == math.inf:
            return []
        return [thing for thing, each in zip(things, hops, strict=True) if each == least]

    def _drafts(
        self,
        wish: Wish,
        card: ToolCard,
        wants: Sequence[ResourceType],
        via: tuple[ResourceType, ...],
    ) -> Iterator[Task]:
        """A task for each wanted type, without an id, that starts from the words alone."""
        given = tuple(self._spoken(wish, card))
        main = Task(
            id=TaskId(""),
            goal=wish.goal,
            given=given,
            wants=(wants[0],),
            via=via,
            numbers=wish.numbers,
            label=wish.label if TEXT in self._graph.type_number else "",
            endings=self._last_tool.endings(wish.match, wants[0], card),
            clauses=wish.clauses,
        )
        yield main
        for also in wants[1:]:
            yield replace(main, wants=(also,), via=(), endings=())

    def _add_untyped(
        self, wish: Wish, story: Story, card: ToolCard, groups: list[tuple[Given, ...]]
    ) -> None:
        """A task for a tool that makes nothing that could be wanted: named, and in order."""
        story.tasks.append(
            Task(
                id=story.next_id(),
                goal=wish.goal,
                given=(*groups[0], *self._spoken(wish, card), *bystanders(card, story, groups)),
                after=(story.tasks[-1].id,) if story.tasks else (),
                numbers=wish.numbers,
                tool=card.name,
                clauses=wish.clauses,
            )
        )

    def _also_wanted(
        self, wish: Wish, want: ResourceType, new: Sequence[TypeMention]
    ) -> tuple[ResourceType, ...]:
        """Further types that stand in one list with the wanted one: `some tags and a title`."""
        joined: list[TypeMention] = []
        for mention in new:
            if joined and not _JOINED.fullmatch(wish.goal[joined[-1].end : mention.start]):
                if any(related(each.type, want) for each in joined):
                    break
                joined = []
            joined.append(mention)
        if not any(related(each.type, want) for each in joined):
            return ()
        others = (each.type for each in joined if not related(each.type, want))
        return tuple(dict.fromkeys(each for each in others if self._graph.producers(each)))

    def _named_too(
        self,
        new: Sequence[TypeMention],
        want: ResourceType,
        also: tuple[ResourceType, ...],
        given: list[ResourceType],
    ) -> tuple[ResourceType, ...]:
        """Refined types that the wish names as something new besides: on the way, or as well."""
        named = [
            each.type
            for each in new
            if each.type.refined
            and each.type.root not in VALUE_ROOTS
            and not any(related(each.type, other) for other in (want, *also, *given))
            and self._graph.producers(each.type)
        ]
        return tuple(dict.fromkeys(named))

    def _spoken(self, wish: Wish, card: ToolCard) -> Iterator[Given]:
        """Values from the words.

        What a wish quotes must be used by a tool that takes text, and an address wherever a chain
        leads from it; the quotations of other wishes and the words of the wish itself may be.
        """
        if TEXT not in self._graph.type_number:
            return
        said = zip(wish.mentions, wish.called, strict=True)
        values = (each for each in said if each[0].kind in {"quote", "url"})
        for mention, called in islice(values, _MOST_SPOKEN):
            type_ = called if called and TEXT.accepts(called) else self._type_of(mention)
            if type_ == _URL and takes_addresses_as_text(card):
                type_ = TEXT
            must = consumes(card, [type_]) or (
                type_ == _URL and self._last_tool.hops(type_, card) < math.inf
            )
            yield Given(type=type_, origin=Spoken(mention.text), required=must)
        own = QUESTION_AS_TEXT if wish.is_question else WISH_AS_TEXT
        yield Given(
            type=TEXT,
            origin=Spoken(wish.readable),
            required=False,
            weight=own if consumes(card, [TEXT]) else WISH_AS_CONTENT,
        )

    def _quoted(self, marked: MarkedText) -> Iterator[Given]:
        for mention in marked.mentions:
            if mention.kind in {"quote", "url"}:
                type_ = self._type_of(mention)
                yield Given(
                    type=type_, origin=Spoken(mention.text), required=False, weight=BYSTANDER
                )

    def _type_of(self, mention: Mention) -> ResourceType:
        is_url = mention.kind == "url" and _URL in self._graph.type_number
        return _URL if is_url else TEXT


def _is_new(mention: TypeMention, given: Sequence[ResourceType]) -> bool:
    """Whether a wish speaks of something to be made: not `the ...`, or of nothing there is."""
    return mention.determiner not in DEFINITE or not any(
        related(mention.type, each) for each in given
    )
