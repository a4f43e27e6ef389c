"""What a wish starts from: the files it names, what it points back to, and what stands by."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from controlllm_planner.decompose.last_tool import TEXT, related
from controlllm_planner.decompose.mentions import DEFINITE, TypeMention
from controlllm_planner.decompose.reading import Wish, is_source
from controlllm_planner.decompose.story import Story, Thing
from controlllm_planner.task import Given
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import ResourceType

BYSTANDER = 0.3
"""Cost of using something that the wish does not point at, to fill a port that is left over."""

_MOST_BYSTANDERS = 64

VALUE_ROOTS = frozenset({"number", "boolean", "option"})
_PRONOUN = re.compile(
    r"\b(it|its|them|they|both|this|that|these|those|result|results|resulting|generated|output|"
    r"above)\b",
    re.IGNORECASE,
)


_INTO_ONE = re.compile(
    r"\b(?:one|single)\s+(?!of\b|by\b|after\b)\w+|\binto (?:one|a single)\b", re.IGNORECASE
)
"""What asks for one thing made of several: `one PDF of it`, `into a single clip`."""

_TIES = re.compile(
    r"\b(?:using|with|by|from|into|in|on|onto|under|over|behind|against|through|to|according)\b",
    re.IGNORECASE,
)
"""What stands between two files that one thing is done with: `erase a.png by the mask b.png`."""

_IT_BESIDE = re.compile(
    r"\b(?:it|this|that|them|these|result)\s+(?:together\s+)?"
    r"(?:with|and|next\s+to|beside|to|onto|after|before|in\s+front\s+of)\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
"""What stands before a file that is in one list with `it`: `it with b.png`."""

_VIEW = 80

_ASKS = re.compile(r"\b(?:questions?|answers?)\b", re.IGNORECASE)
_EVERY = re.compile(r"\b(?:all|both|each|every|everything|these|those|they|them)\b", re.IGNORECASE)
_SEVERAL = re.compile(r"\b(?:they|them|both|each other|one another)\b", re.IGNORECASE)


def named_by(wish: Wish, story: Story) -> list[Thing]:
    """The files that a wish names."""
    indices = dict.fromkeys(m.attachment for m in wish.mentions if m.attachment >= 0)
    return [story.attachments[index] for index in indices]


def means_every(wish: Wish, card: ToolCard, files: Sequence[Thing]) -> bool:
    """Whether a wish that names no file means all of some: `all`, a plural, a tool for a list."""
    plural = any(each.words.endswith("s") for each in wish.types)
    givens = [given for thing in files for given in thing.givens]
    return plural or bool(_EVERY.search(wish.goal)) or _room(card, givens) == math.inf


def starts_of(wish: Wish, story: Story) -> tuple[list[Thing], list[Thing]]:
    """What a wish starts from: the files it names, and what it points back to."""
    named = named_by(wish, story)
    pointed_at: list[Thing] = []
    for mention in wish.types:
        if mention.determiner in DEFINITE and not _covers(named, mention.type):
            pointed_at += _pointed_at(mention, story)
    if not named and story.results and _PRONOUN.search(wish.goal):
        # a pronoun beside a noun is something else than the noun: "burn them into the video";
        # in "count the faces and cut them out" it is not the number
        latest = (r for r in reversed(story.results) if r.type.root not in VALUE_ROOTS)
        pointed_at.append(next(latest, story.results[-1]))
    return named, list(dict.fromkeys(pointed_at))


def into_one(wish: Wish, things: list[Thing]) -> tuple[ResourceType, ...]:
    """The types of the several things that a wish wants one thing made of; else none."""
    givens = [given for thing in things for given in thing.givens]
    if len(givens) < 2 or not _INTO_ONE.search(wish.goal):
        return ()
    return tuple(dict.fromkeys(given.type for given in givens))


def kinds_together(wish: Wish, named: Sequence[Thing]) -> tuple[ResourceType, ...]:
    """The types of the files that a wish names for one thing to do; none for `blur a and b`."""
    files = [mention.text for mention in wish.mentions if mention.attachment >= 0]
    if len(files) < 2:
        return ()
    begin, end = wish.readable.find(files[0]), wish.readable.rfind(files[-1])
    between = wish.readable[begin + len(files[0]) : end]
    return tuple(dict.fromkeys(t.type for t in named)) if _TIES.search(between) else ()


def on_the_way(
    wish: Wish, new: Sequence[TypeMention], there: Sequence[ResourceType]
) -> list[ResourceType]:
    """The types that a wish names as what the wanted thing is made from, and that are not there.

    "Return the mask of it" wants the mask; "paint it using its mask" has it made on the way.

    Args:
        wish: The wish.
        new: What it names as something to be made.
        there: Types of everything there is.
    """
    return [
        each.type
        for each in wish.types
        if each not in new and each.type not in there and is_source(wish.goal, each)
    ]


def says_it_all(card: ToolCard, wish: Wish, said: Sequence[ResourceType]) -> bool:
    """Whether values that a wish says fill all that its tool must have: `read "hello" aloud`.

    A question does not: it is asked about something else.
    """
    if wish.is_question or _ASKS.search(wish.goal):
        return False
    ports = [each for each in card.required_inputs if each.resource_type.root not in VALUE_ROOTS]
    fits = all(any(port.resource_type.accepts(each) for each in said) for port in ports)
    return fits and 0 < len(ports) <= len(said)


def with_it(card: ToolCard, wish: Wish, story: Story, named: list[Thing]) -> list[Thing]:
    """The files that a wish names and, before them, the `it` that it puts there.

    "Place it into b.png" means the last result where the tool has room for both; in "take b.png and
    crop it" the file itself is meant. "Put the cat on b.png" means it as well, where the tool needs
    just what was made last and no file will do. Where nothing was made, `it` is the one file that
    nobody names, and a tool for any number of files gets both only for "join it with b.png".
    """
    it = _it(story, named)
    if not named or it is None:
        return named
    joined = _is_joined(wish)
    needed = _PRONOUN.search(wish.goal) or _is_still_needed(card, it, named)
    if not (joined or (story.results and needed)):
        return named
    givens = [given for thing in (it, *named) for given in thing.givens]
    room = _room(card, givens)
    fits = joined if room == math.inf else len(givens) <= room
    return [it, *named] if fits else named


def _it(story: Story, named: Sequence[Thing]) -> Thing | None:
    """What a pronoun beside named files means."""
    if story.results:
        return story.results[-1]
    left = [thing for thing in story.attachments if thing not in (*named, *story.named_later)]
    return left[0] if len(left) == 1 else None


def _is_joined(wish: Wish) -> bool:
    """Whether a pronoun and the first file stand in one list: `it with b.png`."""
    first = next(each.text for each in wish.mentions if each.attachment >= 0)
    before = wish.readable[: wish.readable.find(first)]
    return _IT_BESIDE.search(before[-_VIEW:]) is not None


def _is_still_needed(card: ToolCard, last: Thing, named: list[Thing]) -> bool:
    """Whether a port that no named file fills as it is takes the last result; words fill texts."""
    return any(
        port.resource_type.accepts(last.type)
        and not port.resource_type.accepts(TEXT)
        and not any(port.resource_type.accepts(thing.type) for thing in named)
        for port in card.required_inputs
    )


def with_others(card: ToolCard, wish: Wish, story: Story, pointed_at: list[Thing]) -> list[Thing]:
    """What a wish points back at, and for `they` the other results that nothing was made of yet.

    "Say whether they are alike" means the last two, where the tool has room for two.
    """
    if not story.results or story.results[-1] not in pointed_at or not _SEVERAL.search(wish.goal):
        return pointed_at
    used = {given.origin for task in story.tasks for given in task.given if given.required}
    last = story.results[-1].type.root
    loose = [
        thing
        for thing in story.results
        if thing.type.root == last and not any(given.origin in used for given in thing.givens)
    ]
    room = _room(card, [given for thing in loose for given in thing.givens])
    others = loose if room == math.inf else loose[-int(room) :] if room > 1 else []
    return list(dict.fromkeys((*others, *pointed_at)))


def _pointed_at(mention: TypeMention, story: Story) -> list[Thing]:
    """The latest result of that type, all of them for a plural; else the files of it likewise."""
    plural = mention.words.endswith("s") or mention.determiner in {"these", "those", "both"}
    results = [thing for thing in story.results if related(thing.type, mention.type)]
    if results:
        return results if plural else results[-1:]
    files = [thing for thing in story.attachments if related(thing.type, mention.type)]
    return files if plural else story.meant(files)[:1]


def placed(card: ToolCard, given: tuple[Given, ...]) -> tuple[Given, ...]:
    """The givens, of which only those must be used that the tool has room for.

    When what is pointed at fills every required port as it is, the rest was said of something else.
    """
    ports = [*card.required_inputs, *(port for port in card.inputs if port.optional)]
    open_ports = {port.name for port in card.required_inputs}
    room = [port for port in ports if port.resource_type.root not in VALUE_ROOTS]
    kept: list[Given] = []
    for each in given:
        port = next((p for p in room if p.resource_type.accepts(each.type)), None)
        if each.required and port is not None:
            open_ports.discard(port.name)
            if not port.many:
                room.remove(port)
        elif each.required:
            kept.append(each)
    if open_ports:
        return given
    return tuple(
        replace(each, required=False, weight=BYSTANDER) if each in kept else each for each in given
    )


def bystanders(card: ToolCard, story: Story, groups: list[tuple[Given, ...]]) -> Iterator[Given]:
    """What a wish does not point at: it may fill ports that would stay empty, the latest first.

    Of a kind that the wish starts from there is no need of more than the tool has ports for it.
    """
    taken = {given for group in groups for given in group}
    full = {
        given.type.root
        for group in groups
        for given in group
        if _room(card, [given]) <= sum(other.type.root == given.type.root for other in group)
    }
    things = (*reversed(story.results), *story.attachments)
    others = (
        replace(given, required=False, weight=BYSTANDER)
        for thing in things
        for given in thing.givens
        if given not in taken and given.type.root not in full
    )
    yield from islice(others, _MOST_BYSTANDERS)
    yield from story.quoted


def distributed(card: ToolCard, things: list[Thing]) -> list[tuple[Given, ...]]:
    """The givens of each task: several files go to one call, or to one call each."""
    givens = [given for thing in things for given in thing.givens]
    by_root: dict[str, list[Given]] = {}
    for given in givens:
        by_root.setdefault(given.type.root, []).append(given)
    for group in by_root.values():
        room = _room(card, group)
        if len(group) > room:
            shared = [given for given in givens if given not in group]
            return [(*each, *shared) for each in _batches(group, max(1, int(room)))]
    return [tuple(givens)]


def _batches(group: list[Given], size: int) -> Iterator[list[Given]]:
    for begin in range(0, len(group), size):
        yield group[begin : begin + size]


def _room(card: ToolCard, group: list[Given]) -> float:
    """How many of some things one call of a tool takes."""
    ports = [p for p in card.inputs if any(p.resource_type.accepts(g.type) for g in group)]
    return math.inf if any(port.many for port in ports) else len(ports)


def _covers(things: list[Thing], type_: ResourceType) -> bool:
    return any(related(thing.type, type_) for thing in things)
