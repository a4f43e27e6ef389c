"""Fill a tool's optional parameters from the words of a task; never invent one.

A number goes to the parameter whose words stand closest to it, provided that their units agree. A
number that no word and no unit connects to a parameter is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from controlllm_planner.relevance import STOP_WORDS, stem, terms_of
from controlllm_planner.task import NumberKind, SpokenNumber, Task
from controlllm_tools.card import Port, ToolCard

_WORD = re.compile(r"[^\W_]+")
_RATE = re.compile(r"(?:\b(?:a|per|each|every) |/)(?:second|minute|hour|s|min)\b")
_PORT_UNITS: tuple[tuple[re.Pattern[str], NumberKind, float], ...] = (
    (_RATE, "rate", 1.0),
    (re.compile(r"\b(?:milliseconds?|ms)\b"), "seconds", 0.001),
    (re.compile(r"\b(?:seconds?|secs?|s)\b"), "seconds", 1.0),
    (re.compile(r"\b(?:minutes?|mins?)\b"), "seconds", 60.0),
    (re.compile(r"\b(?:pixels?|px)\b"), "pixels", 1.0),
    (re.compile(r"\b(?:db|decibels?)\b"), "decibels", 1.0),
    (re.compile(r"\b(?:scale|factor)\b"), "factor", 1.0),
    (re.compile(r"\bper ?cent\b|%"), "percent", 1.0),
)
_SHARE = re.compile(r"\b(?:share|fraction|ratio|part)\b")
_COUNTS = frozenset(map(stem, "count number amount quantity limit".split()))
_HOW_MANY = re.compile(r"\b(?:how many|number of)\b")
_EXTENTS = frozenset(map(stem, "width height size length side edge".split()))
_LENGTHS = frozenset(map(stem, "seconds duration length time".split()))

_QUALITIES = {
    **dict.fromkeys("wide wider broad broader".split(), "width"),
    **dict.fromkeys("high higher tall taller".split(), "height"),
    **dict.fromkeys("long longer".split(), "length"),
    **dict.fromkeys("deep deeper".split(), "depth"),
    **dict.fromkeys("fast faster quick quicker slow slower".split(), "speed"),
    **dict.fromkeys("loud louder quiet quieter".split(), "volume"),
    **dict.fromkeys("bright brighter dark darker".split(), "brightness"),
}
"""What an adjective speaks of."""

_PLACES = {
    "width": ("width",),
    "height": ("height",),
    "left": ("left", "x"),
    "top": ("top", "y"),
}
"""Names of parameters for the numbers of a size and of a point."""

_NEAR_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Wording:
    """What the words of a port say.

    Attributes:
        port: The port.
        name: Stems of its name.
        about: Stems of its name and description.
        counts: Stems of what it counts, when it is called count or the like.
        how_many: Whether it counts at all.
        unit: The kind of number it takes; `plain` when nothing is said of that.
        unit_worth: The worth of one in it: 60 for a port in minutes.
    """

    port: Port
    name: frozenset[str]
    about: frozenset[str]
    counts: frozenset[str]
    how_many: bool
    unit: NumberKind
    unit_worth: float


@dataclass(frozen=True, slots=True)
class _Match:
    """How well a number fits a port; less is better.

    Attributes:
        tier: 0 for a word of its name, 1 for what it counts, 2 for its unit, 3 for its description.
        distance: Words between, counting the last one.
        fewer_words: Minus the number of words of the name that stand beside the number.
    """

    tier: int
    distance: int
    fewer_words: int = 0


def spoken_parameters(card: ToolCard, task: Task) -> dict[str, str | int | float | bool]:
    """Values for optional parameters that the task's words state.

    Each number goes to one parameter and each parameter gets one number: the closest by name, then
    by what is counted, by unit, and by description. Sizes and points go to the parameters of their
    names. A choice is taken when its word is said. O(numbers^2 * parameters).
    """
    found: dict[str, str | int | float | bool] = {}
    if task.numbers:
        free = [p for p in card.inputs if p.optional and p.resource_type.root == "number"]
        wordings = [_wording(port, card) for port in free]
        found.update(_matched(wordings, [each for each in task.numbers if not each.place], card))
        found.update(_placed(wordings, task.numbers, found))
    found.update(_chosen(card, task.goal))
    return found


def _chosen(card: ToolCard, goal: str) -> Iterator[tuple[str, str]]:
    """The optional ports of which one choice is said.

    A choice behind `from` is for a port whose name begins with it, where the card has one:
    "translate from French to English".
    """
    words = [word.lower() for word in _WORD.findall(goal)]
    terms = set(terms_of(goal))
    sources = {word for before, word in pairwise(words) if before == "from"}
    parted = any(_is_source(port) for port in card.inputs)
    others = set(words) - sources if parted else set(words)
    for port in card.inputs:
        said = sources if _is_source(port) else others
        named = not terms.isdisjoint(terms_of(port.name.replace("_", " ")))
        chosen = [
            choice
            for choice in port.choices
            # "it" is Italian only where languages are spoken of
            if choice.lower() in said and (named or choice.lower() not in STOP_WORDS)
        ]
        if port.optional and len(chosen) == 1:
            yield port.name, chosen[0]


def _is_source(port: Port) -> bool:
    return bool(port.choices) and port.name.startswith("from_")


def _matched(
    wordings: Sequence[_Wording], numbers: Sequence[SpokenNumber], card: ToolCard
) -> Iterator[tuple[str, int | float]]:
    """The best pairs of number and port, each once."""
    matches = {
        (at, number): match
        for at, each in enumerate(numbers)
        for number, wording in enumerate(wordings)
        if (match := _match(each, wording, wordings, card)) is not None
    }
    while matches:
        options = Counter(at for at, _ in matches)
        # of two equally close ones, the number that has no other choice goes first
        *_, at, number = min(
            (match.tier, match.distance, options[at], match.fewer_words, at, number)
            for (at, number), match in matches.items()
        )
        yield wordings[number].port.name, _in_unit(numbers[at], wordings[number])
        matches = {p: match for p, match in matches.items() if p[0] != at and p[1] != number}


def _placed(
    wordings: Sequence[_Wording], numbers: Sequence[SpokenNumber], found: Iterable[str]
) -> dict[str, int | float]:
    """The first size and the first point, where the card has both ports and neither is filled."""
    placed: dict[str, int | float] = {}
    for places in (("width", "height"), ("left", "top")):
        values = [next((n.value for n in numbers if n.place == place), None) for place in places]
        names = [
            next((w.port.name for w in wordings if w.port.name.lower() in _PLACES[place]), None)
            for place in places
        ]
        pairs = list(zip(names, values, strict=True))
        if all(name is not None and name not in found for name in names):
            placed.update((n, _whole(v)) for n, v in pairs if n is not None and v is not None)
    return placed


def _match(
    number: SpokenNumber, wording: _Wording, wordings: Sequence[_Wording], card: ToolCard
) -> _Match | None:
    """How a number fits a port; None for not at all."""
    beside = _beside(number)
    named = [distance for word, distance in beside if word in wording.name]
    if named and _name_fits(number, wording):
        return _Match(0, min(named), -len({word for word, _ in beside} & wording.name))
    if number.kind == "plain" and wording.how_many:
        after = _distances(number.after)
        counted = [distance for word, distance in after if word in wording.counts]
        if counted:
            return _Match(1, min(counted))
    if number.kind == wording.unit and _unit_fits(number, wording, wordings, card):
        return _Match(2, 1)
    described = [distance for word, distance in beside if word in wording.about]
    if described and _description_fits(number, wording):
        return _Match(3, min(described))
    return None


def _name_fits(number: SpokenNumber, wording: _Wording) -> bool:
    if number.kind == "glued":
        return stem(number.after[0]) in wording.name
    if number.kind == "plain":
        # "scale it to 300" is no factor, "scale to 2" is one
        onward = number.before[:1] == ("to",) and wording.unit == "factor"
        return not onward or stem("".join(number.before[1:2])) in wording.name
    if number.kind == "factor" and wording.unit == "factor":
        return _quality_fits(number, wording)
    return wording.unit in {number.kind, "plain"} or _is_share(number, wording)


def _description_fits(number: SpokenNumber, wording: _Wording) -> bool:
    match number.kind:
        case "glued":
            return stem(number.after[0]) in wording.about
        case "plain":
            return wording.unit in {"plain", "seconds", "pixels", "percent"} or (
                wording.unit == "factor" and number.before[:1] != ("to",)
            )
        case "percent":
            return wording.unit in {"plain", "percent"} or _is_share(number, wording)
        case "factor":
            return wording.unit == "factor" and _quality_fits(number, wording)
        case _:
            return wording.unit == number.kind


def _unit_fits(
    number: SpokenNumber, wording: _Wording, wordings: Sequence[_Wording], card: ToolCard
) -> bool:
    """Whether its unit alone connects a number to a port."""
    match number.kind:
        case "seconds":
            own = bool(_LENGTHS & wording.name) or wording.port.resource_type.refined
            return own and _is_length_of_result(number, card)
        case "pixels":
            away = not {"by", "off", "last", "first"}.isdisjoint(
                (*number.before[:1], *number.after[:1])
            )
            alone = [each.unit for each in wordings].count("pixels") == 1
            return not away and (alone or bool(_EXTENTS & wording.name))
        case "factor":
            return _quality_fits(number, wording)
        case "percent" | "decibels":
            return True
        case _:
            return False


def _quality_fits(number: SpokenNumber, wording: _Wording) -> bool:
    """`twice as fast` is for a port that speaks of speed; `twice as large` is for any factor."""
    qualities = {_QUALITIES[word] for word in number.after[:3] if word in _QUALITIES}
    return all(stem(quality) in wording.about for quality in qualities)


def _is_length_of_result(number: SpokenNumber, card: ToolCard) -> bool:
    """Whether a length of time is not said of a thing that the card does not know.

    `a 2 second fade` and `a fade of 2 seconds` say nothing of how long the music is.
    """
    if number.after and number.after[0] in _QUALITIES:
        return True
    thing = ""
    if number.after and number.after[0] not in STOP_WORDS:
        thing = number.after[0]
    elif number.after[:1] == ("of",):
        thing = next((word for word in number.after[1:] if word not in STOP_WORDS), "")
    elif number.before and number.before[0] in {"of", "over", "by"}:
        thing = next((word for word in number.before[1:] if word not in STOP_WORDS), "")
    return not thing or stem(thing) in _words_of(card)


def _is_share(number: SpokenNumber, wording: _Wording) -> bool:
    return number.kind == "percent" and wording.unit == "factor"


def _in_unit(number: SpokenNumber, wording: _Wording) -> int | float:
    value = number.value
    if number.kind == "seconds":
        value /= wording.unit_worth
    elif number.kind == "percent" and wording.unit != "percent" and _takes_share(wording):
        value /= 100
    return _whole(value)


def _takes_share(wording: _Wording) -> bool:
    default = wording.port.default
    below_one = isinstance(default, float) and 0 < default < 1
    said = bool(_SHARE.search(wording.port.description.lower()))
    return wording.unit == "factor" or said or below_one


def _whole(value: float) -> int | float:
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded


def _beside(number: SpokenNumber) -> list[tuple[str, int]]:
    return [*_distances(number.before), *_distances(number.after)]


def _distances(words: Iterable[str]) -> list[tuple[str, int]]:
    """Stems with their distance in words that carry meaning, up to three away."""
    found: list[tuple[str, int]] = []
    distance = 0
    for word in words:
        if word in STOP_WORDS:
            continue
        distance += 1
        if distance > _NEAR_WORDS:
            break
        found.append((stem(word), distance))
        if word in _QUALITIES:
            found.append((stem(_QUALITIES[word]), distance))
    return found


@lru_cache(maxsize=4_096)
def _wording(port: Port, card: ToolCard) -> _Wording:
    words = f"{port.name.replace('_', ' ')} {port.description}".lower()
    name = frozenset(stem(word) for word in _WORD.findall(port.name.replace("_", " ").lower()))
    about = frozenset(terms_of(words)) | name
    unit, worth = next(((u, w) for said, u, w in _PORT_UNITS if said.search(words)), ("plain", 1.0))
    if port.resource_type.root == "number" and port.type == "number.seconds":
        unit, worth = "seconds", 1.0
    called_count = bool(name & _COUNTS)
    made = frozenset(
        term
        for output in card.outputs
        for term in terms_of(f"{output.name} {output.description} {output.type.replace('.', ' ')}")
    )
    taken = frozenset(term for each in card.inputs for term in terms_of(each.name))
    return _Wording(
        port=port,
        name=name,
        about=about,
        counts=about | (made - taken if called_count else frozenset()),
        how_many=called_count or bool(_HOW_MANY.search(words)),
        unit=unit,
        unit_worth=worth,
    )


@lru_cache(maxsize=1_024)
def _words_of(card: ToolCard) -> frozenset[str]:
    ports = (f"{port.name} {port.description}" for port in (*card.inputs, *card.outputs))
    said = (card.name, card.summary, card.description, *card.examples, *ports)
    return frozenset(term for text in said for term in terms_of(text))
