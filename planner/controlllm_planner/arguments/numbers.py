"""Bring the numbers of a task to the parameters of a tool; never invent one.

A number goes to the parameter whose words stand closest to it, provided that their units agree. A
number that no word and no unit connects to a parameter is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from controlllm_planner.arguments.port_wording import (
    PortWording,
    in_unit,
    is_share,
    whole,
    wording_of,
    words_of,
)
from controlllm_planner.arguments.spans import said_spans
from controlllm_planner.decompose.mentions import MARKER
from controlllm_planner.relevance import STOP_WORDS, stem
from controlllm_planner.task import SpokenNumber
from controlllm_tools.card import ToolCard

_EXTENTS = frozenset(map(stem, "width height size length side edge".split()))
_LENGTHS = frozenset(map(stem, "seconds minutes hours milliseconds duration length time".split()))

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
_ALL = frozenset(("all", "these", "those"))
"""Words before a number that counts what is handed over: `convert all three`."""


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


def said_numbers(
    card: ToolCard, numbers: Sequence[SpokenNumber], chosen: Collection[str] = ()
) -> dict[str, int | float]:
    """Values for parameters that take a number.

    Each number goes to one parameter and each parameter gets one number: the closest by name, then
    by what is counted, by unit, and by description. Sizes, points and ranges go to the parameters
    of their names. O(numbers^2 * parameters).

    Args:
        card: The tool.
        numbers: Of the task.
        chosen: The choices that are said: where one is a direction, the number has no sign.
    """
    ports = [port for port in card.inputs if port.resource_type.root == "number"]
    if not ports or not numbers:
        return {}
    wordings = [wording_of(port, card) for port in ports]
    choices = {choice for port in card.inputs for choice in port.choices}
    found, used = said_spans(wordings, numbers, choices)
    left = [number for at, number in enumerate(numbers) if at not in used]
    free = [wording for wording in wordings if wording.port.name not in found]
    found.update(_matched(free, list(_ordinary(left)), card, chosen))
    found.update(_placed(free, left, found))
    return found


def _ordinary(numbers: Sequence[SpokenNumber]) -> Iterator[SpokenNumber]:
    """The numbers that stand for themselves."""
    for number in numbers:
        if number.place == "end" and number.before[:1] == ("from",):
            # "from 128 to 192 kbps" for a tool that knows no stretch: what it is to become
            yield replace(number, place="", before=("to",))
        elif not number.place and not _ALL.issuperset(number.before[:1] or ("",)):
            yield number


def _matched(
    wordings: Sequence[PortWording],
    numbers: Sequence[SpokenNumber],
    card: ToolCard,
    chosen: Collection[str],
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
        value = in_unit(numbers[at], wordings[number])
        sign = -1 if _is_lower(numbers[at], wordings[number], chosen) else 1
        yield wordings[number].port.name, sign * value
        matches = {p: match for p, match in matches.items() if p[0] != at and p[1] != number}


def _is_lower(number: SpokenNumber, wording: PortWording, chosen: Collection[str]) -> bool:
    """Whether a number is said of a change downwards, for a port that tells it by the sign."""
    if number.value <= 0 or number.kind in {"factor", "seconds", "pixels", "rate"}:
        return False
    beside = {stem(word) for word in (*number.before[:4], *number.after[:3])}
    if not beside.isdisjoint(map(stem, chosen)):
        return False  # the choice says which way
    return not beside.isdisjoint(wording.negative)


def _placed(
    wordings: Sequence[PortWording], numbers: Sequence[SpokenNumber], found: Iterable[str]
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
            placed.update((n, whole(v)) for n, v in pairs if n is not None and v is not None)
    return placed


def _match(
    number: SpokenNumber, wording: PortWording, wordings: Sequence[PortWording], card: ToolCard
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


def _name_fits(number: SpokenNumber, wording: PortWording) -> bool:
    if number.kind == "glued":
        return stem(number.after[0]) in wording.name
    if number.kind == "plain":
        # "scale it to 300" is no factor, "scale to 2" is one
        onward = number.before[:1] == ("to",) and wording.unit == "factor"
        return not onward or stem("".join(number.before[1:2])) in wording.name
    if number.kind == "factor" and wording.unit == "factor":
        return _quality_fits(number, wording)
    return wording.unit in {number.kind, "plain"} or is_share(number, wording)


def _description_fits(number: SpokenNumber, wording: PortWording) -> bool:
    match number.kind:
        case "glued":
            return stem(number.after[0]) in wording.about
        case "plain":
            return wording.unit in {"plain", "seconds", "pixels", "percent"} or (
                wording.unit == "factor" and number.before[:1] != ("to",)
            )
        case "percent":
            return wording.unit in {"plain", "percent"} or is_share(number, wording)
        case "factor":
            return wording.unit == "factor" and _quality_fits(number, wording)
        case _:
            return wording.unit == number.kind


def _unit_fits(
    number: SpokenNumber, wording: PortWording, wordings: Sequence[PortWording], card: ToolCard
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


def _quality_fits(number: SpokenNumber, wording: PortWording) -> bool:
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
        if MARKER.fullmatch(thing):
            return True  # of the file that the tool is given
    elif number.before and number.before[0] in {"of", "over", "by"}:
        thing = next((word for word in number.before[1:] if word not in STOP_WORDS), "")
    return not thing or stem(thing) in words_of(card)


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
