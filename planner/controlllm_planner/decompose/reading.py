"""Read a request into wishes: what each one asks for, mentions and speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from controlllm_planner.decompose.account import as_written, clause_of
from controlllm_planner.decompose.clauses import (
    Vocabulary,
    head_verb,
    split_clauses,
    verbs_of,
    verbs_of_tool,
)
from controlllm_planner.decompose.groups import Group, Read, grouped, joined
from controlllm_planner.decompose.labels import label_of
from controlllm_planner.decompose.mentions import (
    INDEFINITE,
    MARKER,
    MarkedText,
    Mention,
    TypeMention,
    TypeWords,
)
from controlllm_planner.decompose.numbers import spoken_numbers
from controlllm_planner.decompose.parts import CLEARLY, LIKELY, Part, left_aside, with_context
from controlllm_planner.decompose.preambles import preambles
from controlllm_planner.decompose.said_values import SaidValues
from controlllm_planner.decompose.speech_acts import (
    allows,
    describes,
    refuses,
    tells_of_new,
    wants_to_know,
)
from controlllm_planner.decompose.unmet import unmet
from controlllm_planner.decompose.verbs import GENERIC_VERBS
from controlllm_planner.matching.features import ClauseWords
from controlllm_planner.matching.match import Match
from controlllm_planner.matching.model import Matcher
from controlllm_planner.relevance import STOP_WORDS, LexicalRelevance, stem
from controlllm_planner.task import Clause, SpokenNumber
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.resources import ResourceType

_LIKELY_TOGETHER = 0.35
"""The same for tools together that make the same kind of thing."""

_WITH_ITS_VERB = 0.08
"""The same for a clause that begins with a verb of the tool."""

_SURELY_NONE = 0.8
"""Probability of asking for none above which such a verb says nothing: "order a pizza"."""

_NAMES_A_GOAL = 0.45
"""Lexical strength from which a few words name something that can be made or done."""

_SOURCE = re.compile(
    r"\b(?:from|using|use|with|given|via|by|on|of|into)\s+(?:\w+\s+){0,2}$", re.IGNORECASE
)
"""Words before something to start from: `based on the`, `conditioned on the`, `using its`."""

_VIEW = 60
"""Characters before the name of a type that are looked at for such words."""

_POINTS_ON = frozenset({"this", "these", "following"})
"""What stands before the name of something that follows a colon."""

_SHOWN = re.compile(
    r"\b(?:an?|some|new|another|one)\s+(?:\w+\s+){1,3}?"
    r"((?:(?:that|which)\s+(?:features?|contains?|includes?|shows?|depicts?|portrays?)|featuring|"
    r"depicting|portraying|showing)\s[^.?!]*)",
    re.IGNORECASE,
)
"""What something new is to show: `an image that features trees and cats`."""

_MADE_BEFORE = re.compile(
    r"\b(the|this|that|these|those)\s+(?:newly\s+|just\s+)?(?:generated|resulting|resultant|produced|"
    r"created|given|provided|attached|following|extracted|obtained|made)\s+(?=\w)",
    re.IGNORECASE,
)
"""What says where a thing comes from, and not what is wished: `describe the generated image`."""

_ARTICLE = re.compile(r"\s*(?:(?:a|an|the|its|some)\s+)?", re.IGNORECASE)

_QUESTION = " question"
"""Said of a question, so that it meets tools that answer questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one or several neighbouring clauses ask for.

    Attributes:
        goal: The words, without file names, quotations and numbers.
        readable: The words as they were written.
        mentions: What it points at.
        called: What each of them is called just before: `text.title` in `the title "Our summer"`.
        numbers: The numbers it says.
        numbers_of_file: For each of several attachments, those that it says of that one.
        types: The types it speaks of.
        verb: Stem of the verb of asking; empty when there is none.
        match: The tools it asks for.
        is_question: Whether it wants an answer.
        label: The thing it is about, of which the catalogue has no word: `the red car`.
        through: Types that what it wants is to be made from and that must be made first.
        clauses: What was read of each of its clauses, for people.
    """

    goal: str
    readable: str
    mentions: tuple[Mention, ...]
    called: tuple[ResourceType | None, ...]
    numbers: tuple[SpokenNumber, ...]
    numbers_of_file: Mapping[int, tuple[SpokenNumber, ...]]
    types: tuple[TypeMention, ...]
    verb: str
    match: Match
    is_question: bool
    label: str = ""
    through: tuple[ResourceType, ...] = ()
    clauses: tuple[Clause, ...] = ()


class Reader:
    """Reads requests against one catalogue."""

    def __init__(self, graph: ToolGraph, lexical: LexicalRelevance, matcher: Matcher) -> None:
        self._lexical = lexical
        self._matcher = matcher
        self._names = tuple(card.name for card in graph.cards)
        made = [tool.outputs[0].type if tool.outputs else -1 for tool in graph.tools]
        self._makes = np.array(made)
        self._verbs = verbs_of(graph.cards)
        self._verbs_of = tuple(verbs_of_tool(card) - GENERIC_VERBS for card in graph.cards)
        self._values = SaidValues(graph.cards)
        self._type_words = TypeWords(graph.types, graph.type_names)
        self._vocabulary = Vocabulary(self._verbs, self._names_a_goal, self._begins_with_a_type)

    def parts(self, marked: MarkedText, attached: Sequence[ResourceType]) -> list[Part]:
        """The clauses of a request, in order, whether they ask for anything or not.

        Args:
            marked: The request.
            attached: Types of its attachments.
        """
        found = []
        for span in split_clauses(marked.text, self._vocabulary):
            text = self._without_shown(marked.typed(span.text, attached))
            text = _MADE_BEFORE.sub(r"\1 ", text)
            spoken = list(self._type_words.find(text))
            sources = [each for each in spoken if is_source(text, each)]
            # "the line map from the picture": the kind that is said most closely counts
            sources = [each for each in sources if each.type.refined] or sources
            new = [e for e in spoken if e.determiner in INDEFINITE and e not in sources]
            words = ClauseWords(
                text=text + _QUESTION if span.is_question else text,
                types=tuple(mention.type for mention in spoken),
                new=tuple(mention.type for mention in new),
                sources=tuple(mention.type for mention in sources),
                points=any(each.kind != "number" for each in marked.in_part(span.text)),
                asks=span.is_question or wants_to_know(text),
                hands_over=span.hands_over,
            )
            found.append(Part(span, words))
        return found

    def wishes(
        self, marked: MarkedText, attached: Sequence[ResourceType]
    ) -> tuple[list[Wish], list[str]]:
        """The wishes of a request in order, and the clauses that ask for nothing known.

        A clause that asks for nothing belongs to the wish before it, or, when it hands something
        over or nothing stands before it, to the wish after it.
        """
        parts = self.parts(marked, attached)
        given = (*attached, *spoken_types(marked))
        matches: Sequence[Match] = self._matcher.match([part.words for part in parts], given)
        asking = [
            self._asks(part, match) and not self._describes(part, parts[:at])
            for at, (part, match) in enumerate(zip(parts, matches, strict=True))
        ]
        matches, asking = with_context(parts, matches, asking)
        said = [self._values.said(marked, part.span.text) for part in parts]
        leading = preambles(parts, matches, asking, said)
        asking = [asks and at not in leading for at, asks in enumerate(asking)]
        unclear = left_aside(matches, asking, [self._of_kind(match) for match in matches])
        stated = {at: parts[by] for at, by in leading.items() if not unclear[by]}
        open_ = unmet(parts, matches, asking, marked.text, self._verbs)
        clauses = [
            Read(*read, stated.get(at))
            for at, read in enumerate(zip(parts, matches, asking, unclear, open_, strict=True))
        ]
        groups, missed = grouped(clauses)
        told = self._told(clauses, groups, marked)
        wishes = (self._wish(group, match, marked) for group, match in groups)
        found = [replace(w, clauses=c) for w, c in zip(wishes, told, strict=True)]
        return found, [marked.readable(part.span.text) for part in missed]

    def _without_shown(self, text: str) -> str:
        """A clause without what something new shall show: that asks for no tool.

        Unless it is a thing there is, or another one to be made: `a page that shows the video`.
        """
        shown = _SHOWN.search(text)
        if shown is None or next(self._type_words.find(shown[1]), None) is not None:
            return text
        return text[: shown.start(1)] + text[shown.end(1) :]

    def _told(
        self, clauses: Sequence[Read], groups: Sequence[Group], marked: MarkedText
    ) -> list[tuple[Clause, ...]]:
        """What was read of the clauses of each wish, and after it of what is left aside."""
        told: list[list[Clause]] = [[] for _ in groups]
        wish_of = {part.span.start: at for at, (group, _) in enumerate(groups) for part in group}
        at = 0
        for read in clauses if groups else ():
            start, unclear = read.part.span.start, read.is_unclear
            aside = start not in wish_of
            at = wish_of.get(start, at)
            asks = read.match is groups[at][1] and not aside
            words = as_written(read.part.span.text, marked)
            clause = clause_of(words, read.match, self._names, asks=asks)
            refused = aside and not unclear
            told[at].append(replace(clause, refuses=refused, unclear=unclear, unmet=read.is_unmet))
        return [tuple(each) for each in told]

    def _asks(self, part: Part, match: Match) -> bool:
        """Whether a clause asks for the tool it most likely speaks of."""
        if allows(part.span.text) or refuses(part.span.text):
            return False
        if part.span.hands_over:
            return match.best > CLEARLY
        likely = match.best > match.none and self.is_likely(match)
        return likely or self._says_its_verb(part, match)

    def is_likely(self, match: Match) -> bool:
        """Whether a tool is likely by itself, or with others that make the same kind of thing."""
        return match.best >= LIKELY or self._of_kind(match) >= _LIKELY_TOGETHER

    def _of_kind(self, match: Match) -> float:
        """How likely words ask for the kind of thing that their likeliest tool makes."""
        alike = self._makes == self._makes[match.likeliest]
        return float(match.tools[alike].sum())

    def _describes(self, part: Part, before: Sequence[Part]) -> bool:
        """Whether a clause says what something should be like that was asked for before.

        "Paint a picture from it. The new picture should show a lake": that is one picture.
        """
        if not tells_of_new(part.span.text):
            return False
        text = part.words.text
        thing = next(self._type_words.find(text[:60]), None)
        if thing is None or not describes(text, thing.start, thing.end):
            return False
        asked = (each for earlier in before for each in earlier.words.new)
        return any(thing.type.accepts(each) or each.accepts(thing.type) for each in asked)

    def _says_its_verb(self, part: Part, match: Match) -> bool:
        """Whether a clause begins with a verb of the tool that it may well ask for."""
        if match.best < _WITH_ITS_VERB or match.none > _SURELY_NONE:
            return False
        verb = head_verb(part.words.text[:40], self._verbs)
        first = stem(next(iter(part.words.text.lower().split()), ""))
        return verb == first and verb in self._verbs_of[match.likeliest]

    def _names_a_type(self, phrase: str) -> bool:
        return any(mention.end == len(phrase) for mention in self._type_words.find(phrase))

    def _begins_with_a_type(self, text: str) -> bool:
        first = next(self._type_words.find(text[:60]), None)
        return first is not None and _ARTICLE.fullmatch(text[: first.start]) is not None

    def _names_a_goal(self, words: str) -> bool:
        if next(self._type_words.find(words), None) is not None:
            return True
        return self._lexical.strength(words) > _NAMES_A_GOAL

    def _wish(self, group: Sequence[Part], match: Match, marked: MarkedText) -> Wish:
        text = joined([part.span for part in group], marked.text)
        goal = marked.words_only(text).strip()
        numbers = spoken_numbers(marked.with_numbers(text))
        return Wish(
            goal=goal,
            readable=marked.readable(text),
            mentions=marked.in_part(text),
            called=tuple(self._called(text[: at.start()]) for at in MARKER.finditer(text)),
            numbers=numbers,
            numbers_of_file=_numbers_of_files(marked, text),
            types=tuple(self._types(goal, numbers)),
            verb=head_verb(goal, self._verbs),
            match=match,
            is_question=any(part.words.asks for part in group),
            label=label_of(marked.words_apart(text), self._names_a_type),
        )

    def _called(self, before: str) -> ResourceType | None:
        """The type that the words before something call it by.

        It ends them or stands before the last word, as in `the title card`; before a colon it may
        be pointed out farther off: `turn this Markdown into a page:`.
        """
        tail = before[-80:].rstrip(" ,=")
        rest = tail.rstrip(" :")
        last = None
        for mention in self._type_words.find(rest):
            if tail.endswith(":") and mention.determiner in _POINTS_ON:
                return mention.type
            left = rest[mention.end :].strip()
            if not left or (left.isalpha() and left.lower() not in STOP_WORDS):
                last = mention.type
        return last

    def _types(self, goal: str, numbers: tuple[SpokenNumber, ...]) -> Iterator[TypeMention]:
        """The types that words speak of; the unit of a number that was said asks for no number."""
        is_unit = any(number.kind != "plain" for number in numbers)
        for mention in self._type_words.find(goal):
            if not (is_unit and mention.type.root == "number"):
                yield mention


def is_source(text: str, mention: TypeMention) -> bool:
    """Whether words speak of a thing as what something is made from: `based on the map`."""
    return _SOURCE.search(text[max(0, mention.start - _VIEW) : mention.start]) is not None


def spoken_types(marked: MarkedText) -> Iterator[ResourceType]:
    """The types of what a request quotes."""
    for mention in marked.mentions:
        if mention.kind == "url":
            yield ResourceType("url")
        if mention.kind in {"url", "quote"}:
            yield ResourceType("text")


def _numbers_of_files(marked: MarkedText, text: str) -> dict[int, tuple[SpokenNumber, ...]]:
    """The numbers of each file: `a.jpg to 300 px and b.jpg to 100 px`, or the other way round.

    Empty when the numbers do not part that way: they are for every file then.
    """
    parts, files = _parts_between_files(marked, text)
    if len(files) < 2:
        return {}
    first, *behind = (spoken_numbers(part) for part in parts)
    own: dict[int, tuple[SpokenNumber, ...]] = {}
    if behind[-1]:
        # a file without numbers of its own shares those of the next: `a.jpg and b.jpg to 300 px`
        following: tuple[SpokenNumber, ...] = ()
        for file, numbers in zip(reversed(files), reversed(behind), strict=True):
            following = numbers or following
            own[file] = (*first, *following)
    elif first and any(behind):
        for file, numbers in zip(files, (first, *behind[:-1]), strict=True):
            first = numbers or first
            own[file] = first
    return own


def _parts_between_files(marked: MarkedText, text: str) -> tuple[list[str], list[int]]:
    """What stands before the first file, between two, and behind the last one; and the files."""
    spots = [
        (mark.start(), mention.attachment)
        for mark, mention in zip(MARKER.finditer(text), marked.in_part(text), strict=True)
        if mention.attachment >= 0
    ]
    cuts = [0, *(start for start, _ in spots), len(text)]
    parts = [marked.with_numbers(text[begin:end]) for begin, end in pairwise(cuts)]
    return parts, [file for _, file in spots]
