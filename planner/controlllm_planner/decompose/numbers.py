"""Read the numbers that a clause says: their worth, their kind, and the words beside them.

Knows digits, number words, units, sizes such as `300x200`, points such as `(100, 50)`, factors such
as `twice as large`, times such as `1:05:30` and ranges such as `2-4`. Which parameter a number is
for is not decided here. What may be a date, a ratio, an ordinal or a time of day is left out.
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
_THOUSAND_DIGITS = 3
_ALL_OF_IT = 100

_NUM = (
    r"[-\u2212]?(?:\d{1,3}(?:,\d{3})++(?!\d)(?:\.\d++)?+"
    r"|(?<!\d,)\d++,\d{1,2}(?![\d,])(?!,\d)|\d++(?:\.\d++)?+)"
)
_PLAIN = r"[-\u2212]?\d++(?:\.\d++)?+"
_WHOLE = rf"(?:\d{{1,3}}(?:,\d{{3}})++(?!\d)|{_PLAIN})"
_PX = r"(?:\s?(?:px|pixels?)\b)?"
_TOKEN = re.compile(
    rf"""
    (?P<clock>(?<![\w.:/-])(?!16:10\b)\d{{1,3}}:[0-5]\d(?::[0-5]\d)?(?:[.,]\d{{1,3}})?(?![\w:])
        (?!\s?[ap]\.?m\b))
    |(?P<skip>(?<![\w.])(?:\d++(?:[:/]\d++)++|\d++(?:[-\u2013]\d++){{2,}}|\d++(?:\.\d++){{2,}}|\d++(?:\.\d{{3}})++,\d++|\d*0s\b(?<=(?:1[5-9]|20)\d0s)
        |(?<=the\ )['\u2019]?\d*0s\b|\d++(?:st|nd|rd|th)\b))
    |(?<![\w.])(?P<wide>{_WHOLE}){_PX}\s?(?:x|\u00d7|\*|\bby\b)\s?(?P<high>{_WHOLE}){_PX}(?!\w)
    |\(\s?(?P<left>{_PLAIN})\s?[,;]\s?(?P<top>{_PLAIN})\s?\)
    |\b(?:from|at)\s(?P<left2>{_PLAIN})\s?,\s(?P<top2>{_PLAIN})(?!\w|\s?(?:,|and|or)\s?\d)
    |(?<![\w.])(?P<number>{_NUM})(?P<glued>[^\W\d_]++|%|\u00d7)?
    |(?P<dash>(?<=[\w%])(?:[-\u2013]|\s[-\u2013]\s)(?=\d))
    |(?P<more>\band\s(?:an?|one)\s(?P<part>half|quarter|third)\b)
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
_SIZE = frozenset(
    "size sized large big small scale dimensions resolution speed pace tempo volume".split()
)
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
_SHRINK = frozenset("shrink reduce decrease lower downscale shorten cut slow".split())
_GROW = frozenset("enlarge increase grow expand raise upscale speed".split())
_UP_TO = frozenset("to until till through".split())
_MOMENT = frozenset("at from after since until till by to".split())
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
    joint: str = ""

    @property
    def is_bar(self) -> bool:
        """Whether it ends what stands beside a number."""
        return not self.word and self.value is None


_BAR = _Token()
_AND = _Token(joint="and")
_DASH = _Token(joint="-")


def spoken_numbers(text: str) -> tuple[SpokenNumber, ...]:
    """The numbers of a clause in order, at most 64; O(characters).

    Args:
        text: The clause; a character of the private use area stands for a file or a quotation.
    """
    if not _ANY.search(text):
        return ()
    tokens = _ranges(
        _durations_joined(list(_with_units(list(_worded(list(_first(_tokens(text))))))))
    )
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
            yield _Token(lowered) if lowered not in _BARS else _AND if lowered == "and" else _BAR
        elif clock := said["clock"]:
            yield _Token(value=_clock_s(clock), kind="seconds", place="moment")
        elif said["more"]:
            yield _Token(joint=said["part"].lower())
        elif said["dash"]:
            yield _DASH
        elif number := said["number"]:
            yield _glued(_value(number), (said["glued"] or "").lower())
        elif said["wide"]:
            yield from _pair("width", said["wide"], "height", said["high"])
        elif first := said["left"] or said["left2"]:
            yield from _pair("left", first, "top", said["top"] or said["top2"])
        else:
            yield _BAR


def _first(tokens: Iterator[_Token]) -> Iterator[_Token]:
    """The tokens up to more numbers than count, so that a long list costs no more."""
    numbers = 0
    for token in tokens:
        yield token
        numbers += token.value is not None
        if numbers > 2 * _NUMBERS_LIMIT:
            return


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
    whole, comma, rest = digits.replace("\u2212", "-").rpartition(",")
    # "1,5" is one and a half, "1,500" and "1,500.5" are thousands
    if comma and len(rest.partition(".")[0]) < _THOUSAND_DIGITS:
        return float(f"{whole}.{rest}")
    # infinite for hundreds of digits, which is over the largest number that counts
    return float(f"{whole}{rest}".replace(",", ""))


def _clock_s(said: str) -> float:
    """Seconds of `minutes:seconds` or `hours:minutes:seconds`."""
    total = 0.0
    for part in said.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total


def _worded(tokens: Sequence[_Token]) -> Iterator[_Token]:
    """The tokens with number words as numbers."""
    at = 0
    while at < len(tokens):
        words = [token.word if token.value is None else "" for token in tokens[at : at + 6]]
        before = tokens[at - 1].word if at else ""
        token, used = _read_words(words, before)
        read = token or tokens[at]
        at += used
        part = _PARTS.get(tokens[at].joint) if at < len(tokens) else None
        if part is not None and read.value is not None and read.kind == "plain":
            read, at = replace(read, word="", value=read.value + part), at + 1
        yield read


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
        gap = 2 if joined and joined[-1].is_bar and joined[-1].joint != "-" else 1
        last = joined[-gap] if len(joined) >= gap else _BAR
        both = last.value is not None and last.kind == token.kind == "seconds"
        if both and token.value is not None and last.scale > token.scale:
            del joined[-gap:]
            total = (last.value or 0.0) + token.value
            token = replace(token, value=total)  # noqa: PLW2901 - it stands for both
        joined.append(token)
    return joined


def _ranges(tokens: list[_Token]) -> list[_Token]:
    """The tokens with the ends of each range told apart: `2-4`, `from 0:10 to 0:25`."""
    for at in range(len(tokens) - 2):
        low, joint, high = tokens[at : at + 3]
        before = _words(tokens[max(0, at - _WORDS_BESIDE) : at][::-1])
        if not (_is_end(low) and _is_end(high) and _joins(joint, low, before)):
            continue
        if low.kind == "plain" and not low.place:
            low = replace(low, value=(low.value or 0.0) * high.scale, kind=high.kind)
        if low.kind == high.kind and (low.value or 0.0) < (high.value or 0.0):
            tokens[at], tokens[at + 2] = replace(low, place="start"), replace(high, place="end")
    return tokens


def _is_end(token: _Token) -> bool:
    return token.value is not None and token.place in {"", "moment"} and token.kind != "glued"


def _joins(joint: _Token, low: _Token, before: Sequence[str]) -> bool:
    """Whether a token makes a range of the numbers on both sides."""
    if joint.joint:
        return joint.joint == "-" or (joint.joint == "and" and "between" in before[:3])
    in_time = low.kind == "seconds"
    several = before[:1] == ("from",) or (before[:1] != () and before[0].endswith("s"))
    return joint.word in _UP_TO and (in_time or several)


def _number(token: _Token, tokens: Sequence[_Token], at: int) -> SpokenNumber:
    first, last = (at - 2 * (token.place == "end"), at + 2 * (token.place == "start"))
    before = _words(tokens[max(0, first - _WORDS_BESIDE) : first][::-1])
    after = _words(tokens[last + 1 : last + 1 + _WORDS_BESIDE])
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
    place = token.place
    if place == "moment" and _MOMENT.isdisjoint(before[:1]):
        place = ""  # "a 1:30 clip" is a length
    return SpokenNumber(value, before=before, after=after, kind=kind, place=place)


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
    """`20% smaller` and `enlarge by 50%` are factors; `120% smaller` and others are not."""
    by = bool(before) and before[0] == "by"
    if _SMALLER.intersection(after[:1]) or (by and _SHRINK.intersection(before)):
        return ((100 - value) / 100, "factor") if value < _ALL_OF_IT else (value, "percent")
    if _LARGER.intersection(after[:1]) or (by and _GROW.intersection(before)):
        return (100 + value) / 100, "factor"
    return value, "percent"
