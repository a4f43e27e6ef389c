"""How English words are said, roughly: for words that the pronouncing dictionary does not know.

A rough guess is enough to find where a word lies between its known neighbours; it is never used to
recognise or to speak.
"""

from __future__ import annotations

import re
import unicodedata

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_LARGEST = 999_999
_CENTURIES = range(1_100, 2_000)

_SOUNDS = {
    "tion": "SH AH N", "sion": "ZH AH N", "ight": "AY T", "ough": "AO F", "tch": "CH",
    "sch": "SH", "igh": "AY", "eau": "OW", "th": "TH", "sh": "SH", "ch": "CH", "ph": "F",
    "wh": "W", "ck": "K", "ng": "NG", "qu": "K W", "kn": "N", "wr": "R", "ee": "IY", "ea": "IY",
    "oo": "UW", "ou": "AW", "ow": "OW", "oi": "OY", "oy": "OY", "ai": "EY", "ay": "EY",
    "au": "AO", "aw": "AO", "ei": "EY", "ie": "IY", "oa": "OW", "ue": "UW", "er": "ER",
    "ir": "ER", "ur": "ER", "ar": "AA R", "or": "AO R", "a": "AE", "b": "B", "c": "K", "d": "D",
    "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH", "j": "JH", "k": "K", "l": "L", "m": "M",
    "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T", "u": "AH", "v": "V",
    "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
_LONGEST = max(map(len, _SOUNDS))


def words_of(token: str) -> tuple[str, ...]:
    """What is said for a token of a text, as lower-case words: `Twenty-one,` and `21` are two."""
    plain = unicodedata.normalize("NFKD", token.replace("\u2019", "'")).lower()
    plain = plain.replace("&", " and ").replace("%", " percent ").replace("_", " ")
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", plain)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    found: list[str] = []
    for part in re.findall(r"[a-z]+(?:'[a-z]+)*|\d+", plain):
        found.extend(_number(int(part), part) if part.isdigit() else [part])
    return tuple(found)


def phones(word: str) -> str:
    """Sounds of a word in the alphabet of the CMU dictionary, letter by letter.

    Args:
        word: Lower-case letters, and apostrophes, which are silent.
    """
    letters = re.sub(r"([^aeiou])\1", r"\1", word.replace("'", ""))
    if len(letters) > 3 and letters.endswith("e"):
        letters = letters[:-1]
    sounds: list[str] = []
    at = 0
    while at < len(letters):
        length = next(n for n in range(_LONGEST, 0, -1) if letters[at : at + n] in _SOUNDS)
        sounds.append(_SOUNDS[letters[at : at + length]])
        at += length
    return " ".join(sounds)


def _number(value: int, digits: str) -> list[str]:
    """A number in words; long ones, and those that begin with zero, digit by digit."""
    if value > _LARGEST or (len(digits) > 1 and digits[0] == "0"):
        return [_ONES[int(digit)] for digit in digits]
    if value in _CENTURIES and value % 100 >= 10:
        return [*_below_hundred(value // 100), *_below_hundred(value % 100)]
    words: list[str] = []
    if value >= 1_000:
        words += [*_below_thousand(value // 1_000), "thousand"]
    if value % 1_000 or not words:
        words += _below_thousand(value % 1_000)
    return words


def _below_thousand(value: int) -> list[str]:
    if value < 100:
        return _below_hundred(value)
    rest = _below_hundred(value % 100) if value % 100 else []
    return [_ONES[value // 100], "hundred", *rest]


def _below_hundred(value: int) -> list[str]:
    if value < 20:
        return [_ONES[value]]
    return [_TENS[value // 10 - 2], *([_ONES[value % 10]] if value % 10 else [])]
