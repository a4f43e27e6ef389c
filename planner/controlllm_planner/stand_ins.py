"""Find where a solution works on words that are no material.

The search may use the words of a wish as a text. For a prompt or a question that is right; where a
picture, a recording or somebody's text should be worked on, they only stand in for what was not
handed over. The same holds for a copy that is made of a thing because a second thing is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from controlllm_planner.arguments.spoken import spoken_parameters
from controlllm_planner.decompose.by_matching import (
    QUESTION_AS_TEXT,
    WISH_AS_CONTENT,
    WISH_AS_TEXT,
)
from controlllm_planner.decompose.last_tool import TEXT, related
from controlllm_planner.decompose.mentions import DEFINITE, INDEFINITE, TypeWords
from controlllm_planner.decompose.verbs import GENERIC_VERBS
from controlllm_planner.plan import Call, CallRef, GivenRef, Solution
from controlllm_planner.relevance import stem, terms_of
from controlllm_planner.task import Given, Spoken, Task
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import Port, ToolCard
from controlllm_tools.resources import ResourceType

OWN_WORDS = frozenset((QUESTION_AS_TEXT, WISH_AS_TEXT, WISH_AS_CONTENT))
"""Weights by which the words of a wish are offered as a text."""

FAMILIES = frozenset(map(ResourceType, ("image", "audio", "video", "text")))
"""Families of media (RFC 6838) that anybody may hand over as files."""

ASKED_FROM = 0.3
"""Relevance from which the words of a wish ask for a tool."""

_PROMPTS = frozenset(
    map(stem, "prompt question query instruction request condition idea topic search".split())
)
"""Names of ports for which the words of a wish are the value."""

_MAKING_UP = frozenset(map(stem, "generate generation generator chat conversation answer".split()))
_COUNTS = frozenset(map(stem, "two three both pair second other several".split()))
_POINTING = frozenset("this that these those my our your their his her it them".split())
_OBJECT = re.compile(r"\s*(?:please\s+)?(?P<verb>[a-z]+)\s+(?:out\s+|up\s+)?(?P<first>[a-z]+)\b")
_THING = re.compile(
    r"\b(?:this|that|these|those|my|our|your|their|it|them)\b(?:\s+[a-z]+)?", re.IGNORECASE
)
_OF_THING = re.compile(r"\b(?:of|about|with|showing|for)\s+$", re.IGNORECASE)
_SOURCE = re.compile(r"\b(?:of|from|with|in|on|into|to|for|using)\s+(?:\w+\s+){0,3}$")
_WITH = re.compile(r"\bwith\s+(?:\w+\s+){0,3}$")
_VIEW = 400
"""Characters of a wish that are looked at: what it points at stands near its beginning."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A port that a solution fills with what is no material for it.

    Attributes:
        tool: Name of the tool.
        port: The port.
        holds_words: Whether it holds the words of the wish themselves: with a text in their place,
            the plan is right as it is.
    """

    tool: str
    port: Port
    holds_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTask:
    """A task that was searched, and what its solution is looked through for gaps with.

    Attributes:
        graph: The catalogue.
        task: What was searched.
        file_types: Types that a person may hand over as files, with their refinements.
        is_asked: Whether the words of the task ask for a tool.
    """

    graph: ToolGraph
    task: Task
    file_types: frozenset[ResourceType]
    is_asked: Callable[[str], bool]


def gaps(solution: Solution, known: KnownTask) -> tuple[Gap, ...]:
    """The ports of a solution that want something from the person; O(calls * bindings)."""
    reader = _Reader(solution, known)
    return tuple(dict.fromkeys(gap for made in solution.wanted for gap in reader.below(made.call)))


def gaps_without_solution(known: KnownTask) -> tuple[Gap, ...]:
    """The ports of the tool that a task asks for which nothing given fits."""
    task = known.task
    if not task.endings:
        return ()
    card = known.graph.card(task.endings[0].tool)
    given = [each.type for each in task.given if not is_own(each)]
    return tuple(
        Gap(card.name, port)
        for port in card.required_inputs
        if not any(port.resource_type.accepts(type_) for type_ in given)
        and not _is_new(port.resource_type, known)
        and can_be_given(port.resource_type, known.file_types)
    )


def can_be_given(type_: ResourceType, file_types: frozenset[ResourceType]) -> bool:
    """Whether a person may have a file of a type."""
    return any(related(type_, each) for each in file_types)


def is_own(given: Given) -> bool:
    """Whether what is given are the words of the wish itself."""
    return isinstance(given.origin, Spoken) and given.weight in OWN_WORDS and given.type == TEXT


@lru_cache(maxsize=8)
def type_words(graph: ToolGraph) -> TypeWords:
    """The words by which requests call the types of a catalogue."""
    return TypeWords(graph.types, graph.type_names)


class _Reader:
    """Follows the bindings of one solution back to where things come from."""

    def __init__(self, solution: Solution, known: KnownTask) -> None:
        self._calls = solution.calls
        self._known = known
        self._given = known.task.given
        self._seen: set[int] = set()

    def below(self, number: int) -> Iterator[Gap]:
        """The gaps of a call and of those that feed it."""
        if number in self._seen:
            return
        self._seen.add(number)
        call = self._calls[number]
        card = self._known.graph.card(call.tool)
        for name, refs in call.inputs:
            port = card.input(name)
            for ref in refs if port and not port.optional else ():
                yield from self._of_binding(ref, card, port, call)

    def _of_binding(
        self, ref: GivenRef | CallRef, card: ToolCard, port: Port | None, call: Call
    ) -> Iterator[Gap]:
        if port is None:
            return
        if isinstance(ref, GivenRef):
            if is_own(self._given[ref.index]) and self._says_nothing(card, port, call):
                yield Gap(card.name, port, holds_words=True)
        elif self._is_stand_in(ref, port, call):
            yield Gap(card.name, port)
        else:
            yield from self.below(ref.call)

    def _sources(self, number: int) -> Iterator[GivenRef]:
        waiting, seen = [number], {number}
        while waiting:
            for _, refs in self._calls[waiting.pop()].inputs:
                for ref in refs:
                    if isinstance(ref, GivenRef):
                        yield ref
                    elif ref.call not in seen:
                        seen.add(ref.call)
                        waiting.append(ref.call)

    def _is_stand_in(self, ref: CallRef, port: Port, reader: Call) -> bool:
        """Whether a call that nobody asked for makes a thing of words alone, or a second of one."""
        maker = self._calls[ref.call].tool
        made = self._known.graph.card(maker).output(ref.output)
        if made is None or self._is_asked(maker, reader.tool):
            return False
        type_ = made.resource_type
        if not can_be_given(type_, self._known.file_types) or _is_new(type_, self._known):
            return False
        sources = set(self._sources(ref.call))
        if all(is_own(self._given[source.index]) for source in sources):
            return True
        beside = {
            each
            for name, refs in reader.inputs
            if name != port.name
            for each in refs
            if isinstance(each, GivenRef)
        }
        types = [self._given[source.index].type for source in sources]
        return sources <= beside and all(port.resource_type.accepts(each) for each in types)

    def _is_asked(self, maker: str, reader: str) -> bool:
        """Whether the words ask for a tool, and not only for the one that reads its result."""
        if not self._known.is_asked(maker):
            return False
        known = [
            _known_terms(self._known.graph.card(name), self._known.graph)
            for name in (maker, reader)
        ]
        said = set(terms_of(self._known.task.goal)) - _COUNTS
        return not said.isdisjoint(known[0] - known[1])

    def _says_nothing(self, card: ToolCard, port: Port, call: Call) -> bool:
        """Whether the words of a wish only ask for a tool and are not what it should work on."""
        if not self._known.is_asked(card.name) or _PROMPTS.intersection(terms_of(port.name)):
            return False
        if any(_is_told(each) for each in self._given):
            return False
        if port.name in spoken_parameters(card, self._known.task):
            return False
        beside = list(self._beside(port, call))
        material = [type_ for type_ in beside if type_ is None or related(type_, TEXT)]
        if beside and not material:
            # words beside a picture say what to do with it, even in the words of the card
            return not self._content(_name_terms(card, self._known.graph))
        told = bool(self._content(_known_terms(card, self._known.graph)))
        return not told if _makes_up(card) else _points(self._known) or not told

    def _beside(self, port: Port, call: Call) -> Iterator[ResourceType | None]:
        """Types of what else a call works on; None for what another call makes."""
        for name, refs in call.inputs:
            for ref in refs if name != port.name else ():
                type_ = self._given[ref.index].type if isinstance(ref, GivenRef) else None
                if type_ not in self._known.graph.said_only:
                    yield type_

    def _content(self, known: frozenset[str]) -> set[str]:
        """The words that say more than which tool is meant and what it should be called on."""
        said = terms_of(_without_objects(self._known.task.goal))
        return {term for term in said if not term.isdigit()} - known


def _is_told(given: Given) -> bool:
    """Whether what is given makes the words of the wish a value: it asks, or quotes an address."""
    own = is_own(given) and given.weight == QUESTION_AS_TEXT
    return own or (isinstance(given.origin, Spoken) and given.type == "url")


def _makes_up(card: ToolCard) -> bool:
    """Whether a tool makes up something new of what it is told, rather than work on a text."""
    roots = {each.root for each in FAMILIES} - {"text"}
    if card.outputs and card.outputs[0].resource_type.root in roots:
        return True
    return not _MAKING_UP.isdisjoint(terms_of(f"{card.name} {card.title} {card.summary}"))


def _points(known: KnownTask) -> bool:
    """Whether a wish speaks of a text as something that is there: `the letter`, `this text`."""
    goal = known.task.goal[:_VIEW].lower()
    spoken = type_words(known.graph).find(goal)
    if any(each.determiner in DEFINITE and related(each.type, TEXT) for each in spoken):
        return True
    if not _POINTING.isdisjoint(goal.split()[:8]):
        return True
    match = _OBJECT.match(goal)
    if match is None:
        return False
    return match["first"] == "the" and stem(match["verb"]) not in GENERIC_VERBS


def _without_objects(goal: str) -> str:
    """A wish without what it points at: `read this poem aloud` but not `a picture of my dog`."""
    kept, end = [], 0
    for match in _THING.finditer(goal):
        if not _OF_THING.search(goal[max(0, match.start() - 12) : match.start()]):
            kept.append(goal[end : match.start()])
            end = match.end()
    return " ".join((*kept, goal[end:]))


def _is_new(type_: ResourceType, known: KnownTask) -> bool:
    """Whether a wish wants a thing of that kind made: `a picture of a dog`, `with music`."""
    goal = known.task.goal
    names = {term for ending in known.task.endings[:1] for term in terms_of(ending.tool)}
    for mention in type_words(known.graph).find(goal):
        following = terms_of(goal[mention.end : mention.end + 40])[:1]
        # in "a title card" for a tool of that name, no title is asked for
        if not mention.type.accepts(type_) or names.intersection(following):
            continue
        before = goal[max(0, mention.start - 40) : mention.start].lower()
        if mention.determiner in INDEFINITE and not _SOURCE.search(before):
            return True
        if mention.determiner not in DEFINITE and _WITH.search(before):
            return True
        if not mention.determiner and mention.type.refined and not _SOURCE.search(before):
            return True
    return False


@lru_cache(maxsize=1_024)
def _known_terms(card: ToolCard, graph: ToolGraph) -> frozenset[str]:
    """Stems of the words that only say which tool is meant, or which of its choices."""
    said = (card.summary, *card.examples)
    return frozenset(term for text in said for term in terms_of(text)) | _name_terms(card, graph)


@lru_cache(maxsize=1_024)
def _name_terms(card: ToolCard, graph: ToolGraph) -> frozenset[str]:
    """Stems of the names of a tool, its ports, their types and choices."""
    said = [card.name, card.title]
    for port in (*card.inputs, *card.outputs):
        said += [port.name, *port.choices]
        for type_ in port.resource_type.ancestors():
            info = graph.types.get(type_)
            said += [type_.replace(".", " "), *(info.words if info else ())]
    return frozenset(term for text in said for term in terms_of(text)) | GENERIC_VERBS
