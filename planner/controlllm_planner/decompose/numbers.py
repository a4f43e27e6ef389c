"""Read the numbers that a clause says: their worth, their kind, and the words beside them.

Knows digits, number words, units, sizes such as `300x200`, points such as `(100, 50)` and factors
such as `twice as large`. Which parameter a number is for is not decided here. What may be a date, a
range, a ratio, an ordinal or a time of day is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from controlllm_planner.task import NumberKind, SpokenNumber

_NUMBERS_LIMIT = 64
_WORDS_BESIDE = 8
_LARGEST = 1e12

_NUM = r"[-\u2212]?(?:\d{1,3}(?:,\d{3})++(?!\d)|\d++)(?:\.\d++)?+"
_PLAIN = r"[-\u2212]?\d++(?:\.\d++)?+"
_PX = r"(?:\s?(?:px|pixels?)\b)?"
_TOKEN = re.compile(
    rf"""
    (?P<skip>(?<![\w.])(?:\d++(?:[:/\u2013-]\d++)++|\d++(?:\.\d++){{2,}}|\d*0s\b(?<=(?:1[5-9]|20)\d0s)
        |(?<=the\ )['\u2019]?\d*0s\b|\d++(?:st|nd|rd|th)\b))
    |(?<![\w.])(?P<wide>{_PLAIN}){_PX}\s?(?:x|\u00d7|\*|\bby\b)\s?(?P<high>{_PLAIN}){_PX}(?!\w)
    |\(\s?(?P<left>{_PLAIN})\s?[,;]\s?(?P<top>{_PLAIN})\s?\)
    |\b(?:from|at)\s(?P<left2>{_PLAIN})\s?,\s(?P<top2>{_PLAIN})(?!\w|\s?(?:,|and|or)\s?\d)
    |(?<![\w.])(?P<number>{_NUM})(?P<glued>[^\W\d_]++|%|\u00d7)?
    |(?P<word>[^\W\d_][^\W_]*(?:['\u2019][^\W_]+)?|[%\u00d7]|[\uE000-\uF8FF])
    |(?P<bar>[,;.!?()&\n])
    """,
    re.VERBOSE | re.IGNORECASE,
)

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_WORTH = {word: float(worth) for worth, word in enumerate(_ONES)} | {"dozen": 12.0}
_TENS = dict(
    zip(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),
        range(20, 100, 10),
        strict=True,
    )
)
_POWERS = {"hundred": 100.0, "thousand": 1_000.0}
_FACTORS = {
    **dict.fromkeys(("twice", "double", "doubled", "doubling"), 2.0),
    **dict.fromkeys(("thrice", "triple", "tripled"), 3.0),
    **dict.fromkeys(("quadruple", "quadrupled"), 4.0),
    **dict.fromkeys(("halve", "halved"), 0.5),
}
_PARTS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4}
_SIZE = frozenset("size sized large big small scale dimensions resolution".split())
_BETWEEN = frozenset("the its as of a an that original current".split())
_NO_ONE = frozenset(
    "the this that which no any every each first second third last next other another".split()
)
_UNITS: dict[str, tuple[NumberKind, float]] = {
    **dict.fromkeys(("px", "pixel", "pixels"), ("pixels", 1.0)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("seconds", 1.0)),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), ("seconds", 60.0)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("seconds", 3_600.0)),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), ("seconds", 0.001)),
    **dict.fromkeys(("%", "percent"), ("percent", 1.0)),
    **dict.fromkeys(("db", "decibel", "decibels"), ("decibels", 1.0)),
    **dict.fromkeys(("x", "\u00d7", "times", "fold"), ("factor", 1.0)),
}
_BARS = frozenset("and but or then plus".split())
_PER = frozenset("a an per each every".split())
_SMALLER = frozenset(("smaller", "small", "less", "quieter", "slower", "shorter", "darker"))
_LARGER = frozenset(
    ("larger", "bigger", "more", "greater", "louder", "faster", "longer", "brighter")
)
_SHRINK = frozenset("shrink reduce decrease lower downscale shorten cut".split())
_GROW = frozenset("enlarge increase grow expand raise upscale".split())
_WORDED = "|".join((*_WORTH, *_TENS, *_POWERS, *_FACTORS, *_PARTS))
_ANY = re.compile(rf"\d|\b(?:{_WORDED})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, a number, or a bar (neither) that ends what stands beside a number."""

    word: str = ""
    value: float | None = None
    kind: NumberKind = "plain"
    place: str = ""
    scale: float = 1.0


_BAR = _Token()


def spoken_numbers(text: str) -> tuple[SpokenNumber, ...]:
    """The numbers of a clause in order, at most 64; O(characters).

    Args:
        text: The clause; a character of the private use area stands for a file or a quotation.
    """
    if not _ANY.search(text):
        return ()
    tokens = _durations_joined(list(_with_units(list(_worded(list(_tokens(text)))))))
    found = (
        _number(token, tokens, at)
        for at, token in enumerate(tokens)
        if token.value is not None and abs(token.value) <= _LARGEST
    )
    return tuple(islice(found, _NUMBERS_LIMIT))


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        said = match.groupdict()
        if word := said["word"]:
            lowered = word.lower()
            yield _BAR if lowered in _BARS else _Token(lowered)
        elif number := said["number"]:
            yield _glued(_value(number), (said["glued"] or "").lower())
        elif said["wide"]:
            yield from _pair("width", said["wide"], "height", said["high"])
        elif first := said["left"] or said["left2"]:
            yield from _pair("left", first, "top", said["top"] or said["top2"])
        else:
            yield _BAR


def _pair(one: str, first: str, other: str, second: str) -> Iterator[_Token]:
    yield _Token(value=_value(first), kind="pixels", place=one)
    yield _BAR
    yield _Token(value=_value(second), kind="pixels", place=other)
    yield _BAR


def _glued(value: float, unit: str) -> _Token:
    if not unit:
        return _Token(value=value)
    if unit in _UNITS:
        kind, scale = _UNITS[unit]
        return _Token(value=value * scale, kind=kind, scale=scale)
    return _Token(word=unit, value=value, kind="glued")


def _value(digits: str) -> float:
    # infinite for hundreds of digits, which is over the largest number that counts
    return float(digits.replace(",", "").replace("\u2212", "-"))


def _worded(tokens: Sequence[_Token]) -> Iterator[_Token]:
    """The tokens with number words as numbers."""
    at = 0
    while at < len(tokens):
        words = [token.word if token.value is None else "" for token in tokens[at : at + 6]]
        before = tokens[at - 1].word if at else ""
        token, used = _read_words(words, before)
        yield token or tokens[at]
        at += used


def _read_words(words: Sequence[str], before: str) -> tuple[_Token | None, int]:
    first, second = (*words, "", "")[:2]
    if first in _FACTORS:
        return _Token(value=_FACTORS[first], kind="factor"), 1
    if first in _PARTS:
        return _part(words, before)
    value, used = _WORTH.get(first), 1
    if first in _TENS:
        value = float(_TENS[first])
        if second in _ONES[1:10]:
            value, used = value + _WORTH[second], 2
    if first in _POWERS:
        value = _POWERS[first]
    elif value is not None and len(words) > used and words[used] in _POWERS:
        value, used = value * _POWERS[words[used]], used + 1
    if value is None or (first == "one" and before in _NO_ONE):
        return None, 1
    return _Token(word=first if used == 1 else "", value=value), used


def _part(words: Sequence[str], before: str) -> tuple[_Token | None, int]:
    """`half the size`, `by half`, `half a minute`; any other half is no number."""
    worth = _PARTS[words[0]]
    following = next((word for word in words[1:] if word not in _BETWEEN), "")
    if following in _SIZE or (before == "by" and words[0] == "half"):
        return _Token(value=worth, kind="factor"), 1
    unit = _UNITS.get(words[2]) if len(words) > 2 and words[1] in {"a", "an"} else None
    if words[0] == "half" and unit and unit[0] == "seconds":
        return _Token(value=worth * unit[1], kind="seconds", scale=unit[1]), 3
    return None, 1


def _with_units(tokens: Sequence[_Token]) -> Iterator[_Token]:
    """The tokens with each unit joined to the number before it."""
    joined = False
    for token, following in pairwise((*tokens, _BAR)):
        unit = _UNITS.get(following.word) if following.value is None else None
        if joined:
            joined = False
        elif token.value is None or token.kind != "plain" or unit is None:
            yield token
        else:
            yield _Token(value=token.value * unit[1], kind=unit[0], scale=unit[1])
            joined = True


def _durations_joined(tokens: list[_Token]) -> list[_Token]:
    """`1 minute and 30 seconds` as one number."""
    joined: list[_Token] = []
    for token in tokens:
        gap = 2 if joined and joined[-1] == _BAR else 1
        last = joined[-gap] if len(joined) >= gap else _BAR
        both = last.value is not None and last.kind == token.kind == "seconds"
        if both and token.value is not None and last.scale > token.scale:
            del joined[-gap:]
            total = (last.value or 0.0) + token.value
            token = replace(token, value=total)  # noqa: PLW2901 - it stands for both
        joined.append(token)
    return joined


def _number(token: _Token, tokens: Sequence[_Token], at: int) -> SpokenNumber:
    before = _words(tokens[max(0, at - _WORDS_BESIDE) : at][::-1])
    after = _words(tokens[at + 1 : at + 1 + _WORDS_BESIDE])
    if token.kind == "glued":
        after = (token.word, *after)
    elif token.word == "one":
        # mostly a pronoun: it counts only what it stands right before
        before, after = (), after[:2]
    value, kind = token.value or 0.0, token.kind
    if kind == "plain" and _is_rate(after):
        kind = "rate"
    elif kind == "factor" and _SMALLER.intersection(after[:3]) and value > 1:
        value = 1 / value
    elif kind == "percent":
        value, kind = _percentage(value, before, after)
    return SpokenNumber(value, before=before, after=after, kind=kind, place=token.place)


def _words(tokens: Sequence[_Token]) -> tuple[str, ...]:
    """The words up to the next bar or number."""
    words: list[str] = []
    for token in tokens:
        if token.value is not None or not token.word:
            break
        words.append(token.word)
    return tuple(words)


def _is_rate(after: Sequence[str]) -> bool:
    """`150 words a minute`: not a number of words."""
    return any(
        per in _PER and _UNITS.get(unit, ("",))[0] == "seconds" for per, unit in pairwise(after[:4])
    )


def _percentage(
    value: float, before: Sequence[str], after: Sequence[str]
) -> tuple[float, NumberKind]:
    """`20% smaller` and `enlarge by 50%` are factors; others stay what they are."""
    by = bool(before) and before[0] == "by"
    if _SMALLER.intersection(after[:1]) or (by and _SHRINK.intersection(before)):
        return max(0.0, 100 - value) / 100, "factor"
    if _LARGER.intersection(after[:1]) or (by and _GROW.intersection(before)):
        return (100 + value) / 100, "factor"
    return value, "percent"
