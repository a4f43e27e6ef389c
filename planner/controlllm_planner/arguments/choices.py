"""Find the choices and the yes or no of a tool's parameters in the words of a task.

A choice may be written in several words or with other marks than in the card: `black and white` for
`black_and_white`, `counter-clockwise` for `counterclockwise`. What is ruled out is no choice: "not
clockwise". Of two choices said for one parameter none is taken, unless one alone stands behind
`to`: "from flac to mp3", but not "to flac and mp3".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from controlllm_planner.arguments.refused import is_refused
from controlllm_planner.relevance import STOP_WORDS, stem, terms_of
from controlllm_tools.card import Port, ToolCard

_WORD = re.compile(r"\d+(?:[:./]\d+)+|[^\W_]+")
_MARKS = re.compile(r"[\W_]+")
_NOT = re.compile(r"n['\u2019]t\b", re.IGNORECASE)
_SAME = {"gray": "grey", "color": "colour", "center": "centre", "male": "man", "female": "woman"}
"""Words for the same thing, and American spellings."""

_LONGEST = 4
"""Words of the text that may make up one choice."""

_SAID_IN_ANOTHER_FORM = 5
"""Letters from which a choice is known by its stem: `strongly` for `strong`, not `one` for `on`."""

_AGAINST = frozenset(
    "without no not dont never disable disabled off remove removing drop dropping hide hiding skip "
    "skipping delete deleting omit clear clearing exclude excluding".split()
)
_FOR = frozenset(
    "with keep keeping include including show showing add adding use using allow allowing enable "
    "enabled preserve preserving leave leaving on".split()
)
_REMOVES = frozenset(
    stem(word) for word in "remove drop hide skip delete omit clear exclude disable mute no".split()
)
_KEEPS = frozenset(
    stem(word) for word in "keep include show add use allow enable preserve with has is".split()
)
_TOWARDS = frozenset(("to", "into"))
_BOTH = frozenset(("and", "or", "also", "as", "well", "plus"))
"""Words between two choices that are wished for alike; none for a comma."""

_EITHER = (["or"], ["nor"])
_JOINED = frozenset(("and", "the", "or", "of"))
_WINDOW = 4
"""Words before the name of a parameter that may speak for or against it."""


def said_choices(card: ToolCard, said: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The choices that are said, by the name of their parameter; O(words * parameters).

    A choice behind `from` is for a port whose name begins with it, where the card has one:
    "translate from French to English".
    """
    words = words_in(said)
    behind_from = [before == "from" for before in ("", *words)]
    parted = any(_is_source(port) for port in card.inputs)
    for port in card.inputs:
        mine = [not parted or each == _is_source(port) for each in behind_from]
        placed = list(_wished(_chosen(port, words, mine), words)) if port.choices else []
        towards = list(_towards(placed, words))
        if placed:
            yield port.name, tuple(dict.fromkeys(each.choice for each in towards or placed))


def said_flags(card: ToolCard, said: str) -> dict[str, bool]:
    """The parameters for which the words clearly say yes or no."""
    words = words_in(said)
    found = {}
    for port in card.inputs:
        if port.resource_type.root == "boolean":
            answers = set(_answers(port, words))
            if len(answers) == 1:
                found[port.name] = answers.pop()
    return found


def words_in(said: str) -> list[str]:
    """The words of a text in lower case, with ratios such as 16:9 in one piece."""
    return [match.group().lower() for match in _WORD.finditer(_NOT.sub(" not", said))]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A choice and the place of its words."""

    choice: str
    start: int
    end: int


def _wished(placed: Iterable[_Choice], words: Sequence[str]) -> Iterator[_Choice]:
    """The choices without those that are ruled out: `not French or Spanish`."""
    refused_until = -1
    for each in placed:
        either = refused_until >= 0 and words[refused_until : each.start] in _EITHER
        if either or is_refused(words, each.start):
            refused_until = each.end
        else:
            yield each


def _towards(placed: Iterable[_Choice], words: Sequence[str]) -> Iterator[_Choice]:
    """The choices behind `to`, and those that are joined to one: `to French and Spanish`."""
    until = -1
    for each in placed:
        joined = until >= 0 and _BOTH.issuperset(words[until : each.start])
        if joined or (each.start > 0 and words[each.start - 1] in _TOWARDS):
            until = each.end
            yield each


def _chosen(port: Port, words: Sequence[str], mine: Sequence[bool]) -> Iterator[_Choice]:
    """The choices of a port that are said: the longest at each place, each word once."""
    exact = _spellings(port)
    named = not {stem(word) for word in words}.isdisjoint(terms_of(port.name.replace("_", " ")))
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            spelled = "".join(words[at : at + length])
            spelled = spelled if spelled in exact else _SAME.get(spelled, spelled)
            # "it" is Italian only where languages are spoken of
            if spelled in exact and mine[at] and (named or spelled not in STOP_WORDS):
                yield _Choice(exact[spelled], at, at + length)
                at += length - 1
                break
        else:
            like = _by_stem(port).get(stem(words[at]))
            if like is not None and mine[at]:
                yield _Choice(like, at, at + 1)
        at += 1


@lru_cache(maxsize=4_096)
def _spellings(port: Port) -> dict[str, str]:
    plain = (choice for choice in port.choices if ":" not in choice)
    ratios = {choice: choice for choice in port.choices if ":" in choice}
    return {_MARKS.sub("", choice).lower(): choice for choice in plain} | ratios


@lru_cache(maxsize=4_096)
def _by_stem(port: Port) -> dict[str, str]:
    """The choices of one long word by stem, without those that share one."""
    stems: dict[str, list[str]] = {}
    for choice in port.choices:
        if choice.isalpha() and len(choice) >= _SAID_IN_ANOTHER_FORM:
            stems.setdefault(stem(choice.lower()), []).append(choice)
    return {known: choices[0] for known, choices in stems.items() if len(choices) == 1}


def _is_source(port: Port) -> bool:
    return bool(port.choices) and port.name.startswith("from_")


def _answers(port: Port, words: Sequence[str]) -> Iterator[bool]:
    """Each yes or no that is said of a port."""
    parts = [stem(part) for part in _MARKS.split(port.name.lower()) if part not in _JOINED]
    about = [part for part in parts if part not in _REMOVES | _KEEPS] or parts
    content = [(at, stem(word)) for at, word in enumerate(words) if word not in _JOINED]
    for place in range(len(content) - len(about) + 1):
        if [term for _, term in content[place : place + len(about)]] != about:
            continue
        first, last = content[place][0], content[place + len(about) - 1][0]
        answer = _answer(port, parts, words, (first, last))
        if answer is not None:
            yield answer


def _answer(
    port: Port, parts: Sequence[str], words: Sequence[str], spot: tuple[int, int]
) -> bool | None:
    """Whether the words around the name of a port say yes; None when they say neither."""
    first, last = spot
    before = words[max(0, first - _WINDOW) : first]
    following = words[last + 1 : last + 2]
    against = sum(word in _AGAINST for word in before) + (following == ["off"])
    for_it = sum(word in _FOR for word in before)
    verbs = set(parts) & (_REMOVES | _KEEPS)
    described = not _REMOVES.isdisjoint(terms_of(port.description))
    removes = bool(_REMOVES & set(parts)) or (described and not verbs)
    if against > 1 and not (verbs or described):
        return None  # "without clearing the holes": what yes means here is not known
    if against == 0 and for_it == 0:
        # the name itself as a verb or a property: "inverted", "case-sensitive"
        own = words[last].endswith(("ed", "ing")) or len(parts) > 1
        return True if own and not verbs else None
    return (against % 2 == 0) != removes
