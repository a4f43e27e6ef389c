"""What the words of a tool's number port say: its unit, what it counts, what it is called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from controlllm_planner.relevance import stem, terms_of
from controlllm_planner.task import NumberKind, SpokenNumber
from controlllm_tools.card import Port, ToolCard

_WORD = re.compile(r"[^\W_]+")
_RATE = re.compile(r"(?:\b(?:a|per|each|every) |/)(?:second|minute|hour|s|min)\b")
_PORT_UNITS: tuple[tuple[re.Pattern[str], NumberKind, float], ...] = (
    (_RATE, "rate", 1.0),
    (re.compile(r"\b(?:milliseconds?|ms)\b"), "seconds", 0.001),
    (re.compile(r"\b(?:seconds?|secs?|s)\b"), "seconds", 1.0),
    (re.compile(r"\b(?:minutes?|mins?)\b"), "seconds", 60.0),
    (re.compile(r"\bhours?\b"), "seconds", 3_600.0),
    (re.compile(r"\b(?:pixels?|px)\b"), "pixels", 1.0),
    (re.compile(r"\b(?:db|decibels?)\b"), "decibels", 1.0),
    (re.compile(r"\b(?:scale|factor)\b"), "factor", 1.0),
    (re.compile(r"\bper ?cent\b|%"), "percent", 1.0),
)
_SHARE = re.compile(r"\b(?:share|fraction|ratio|part)\b")
_COUNTS = frozenset(map(stem, "count number amount quantity limit".split()))
_HOW_MANY = re.compile(r"\b(?:how many|number of)\b")
_BELOW = re.compile(r"\bbelow zero\b|\bnegative\b|\bminus\b|-\d+")
_LESS = frozenset(
    stem(word)
    for word in "lower quieter softer reduce decrease down less cut drop attenuate".split()
)


@dataclass(frozen=True, slots=True)
class PortWording:
    """What the words of a port say.

    Attributes:
        port: The port.
        name: Stems of its name.
        about: Stems of its name and description.
        counts: Stems of what it counts, when it is called count or the like.
        how_many: Whether it counts at all.
        unit: The kind of number it takes; `plain` when nothing is said of that.
        unit_worth: The worth of one in it: 60 for a port in minutes.
        negative: Stems of the words by which a number below zero is meant.
    """

    port: Port
    name: frozenset[str]
    about: frozenset[str]
    counts: frozenset[str]
    how_many: bool
    unit: NumberKind
    unit_worth: float
    negative: frozenset[str]


def is_share(number: SpokenNumber, wording: PortWording) -> bool:
    """Whether a number in percent is meant as a factor."""
    return number.kind == "percent" and wording.unit == "factor"


def in_unit(number: SpokenNumber, wording: PortWording) -> int | float:
    """A number in the unit of a port."""
    value = number.value
    if number.kind == "seconds":
        value /= wording.unit_worth
    elif number.kind == "percent" and wording.unit != "percent" and _takes_share(wording):
        value /= 100
    return whole(value)


def _takes_share(wording: PortWording) -> bool:
    default = wording.port.default
    below_one = isinstance(default, float) and 0 < default < 1
    said = bool(_SHARE.search(wording.port.description.lower()))
    return wording.unit == "factor" or said or below_one


def whole(value: float) -> int | float:
    """A number without a fraction as an integer, and no digits that nobody said."""
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded


@lru_cache(maxsize=4_096)
def wording_of(port: Port, card: ToolCard) -> PortWording:
    """What the words of a port of a tool say."""
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
    return PortWording(
        port=port,
        name=name,
        about=about,
        counts=about | (made - taken if called_count else frozenset()),
        how_many=called_count or bool(_HOW_MANY.search(words)),
        unit=unit,
        unit_worth=worth,
        negative=_negative(port, about),
    )


def _negative(port: Port, about: frozenset[str]) -> frozenset[str]:
    """What a description says of numbers below zero, and words for less where it allows them."""
    parts = [part for part in re.split(r"[;,.()]", port.description.lower()) if _BELOW.search(part)]
    if not parts and not ("gain" in about and "db" in about):
        return frozenset()
    return _LESS.union(*(terms_of(_BELOW.sub(" ", part)) for part in parts))


@lru_cache(maxsize=1_024)
def words_of(card: ToolCard) -> frozenset[str]:
    """Stems of everything that a card says."""
    ports = (f"{port.name} {port.description}" for port in (*card.inputs, *card.outputs))
    said = (card.name, card.summary, card.description, *card.examples, *ports)
    return frozenset(term for text in said for term in terms_of(text))
