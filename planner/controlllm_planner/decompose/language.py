"""Name the language of a request that is not English, and find what can be read of it all the same.

Languages are told apart by a model that takes a second to load, so it is asked only about a request
whose words are strange to the catalogue. It knows languages by their letters; for a few words it is
often wrong, and then two languages are named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from controlllm_planner.decompose.mentions import MARKER, MarkedText
from controlllm_planner.relevance import STOP_WORDS

KNOWN_SHARE = 0.4
"""Share of known words from which a request is English. Of 864 English requests of the published
benchmarks none had less in the own catalogue, of 42 short requests in 22 other languages none had
more than a third."""

_PLAIN_SHARE = 0.65
"""The same with the words of file names, which are in any language."""

_SURE = 0.3
"""Share of the likeliest language from which it counts: letters without meaning have less."""

_RATHER = 5.0
"""How much likelier than English a language has to be."""

_CLOSE = 0.5
"""A second language this likely, next to the first, is named as well."""

_SAMPLE_CHARS = 2_000
_LEAST_WORDS = 2
"""One word of Latin letters may be a name in any language."""

_WIDESPREAD = frozenset("ar de en es fr hi it ja ko nl pl pt ru tr zh".split())
_CONSIDERED = _WIDESPREAD | frozenset(
    "bg bn ca cs da el et fa fi he hr hu id lt lv ms no ro sk sl sr sv ta th uk ur vi".split()
)
"""Rarer languages are left out: of a few words they take more from these than they are met."""

_WIDESPREAD_ODDS = 5.0
"""How much more often a request is in a widespread language, before its letters are looked at."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_PIECE = re.compile(rf"{MARKER.pattern}|(?<![^\W\d_])[A-Za-z]+(?![a-z\u00c0-\u024f])")
_QUOTES = re.compile(r"[\"\u201c`]|(?<!\w)'")
_SHORT = 3
"""Up to so many letters a word is one of several languages by chance, unless it is all capitals."""

Knows = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A request in another language than English.

    Attributes:
        language: Its name and code, `German (de)`, or two of them.
        words: What can be read of the request: file names, quotations, and words of the catalogue.
        understood: The same, one by one.
    """

    language: str
    words: str
    understood: tuple[str, ...]


def foreign_words(marked: MarkedText, knows: Knows) -> Foreign | None:
    """What can be read of a request that is not English; None for one that is, or may be.

    Args:
        marked: The request.
        knows: Whether the catalogue has a word, in lower case.

    Returns:
        O(characters) and one call of `knows` for each word of the first 2,000 characters.
    """
    text = " ".join(marked.words_only(marked.text[:_SAMPLE_CHARS]).split())
    words = _WORD.findall(text)
    if not words or (len(words) < _LEAST_WORDS and text.isascii()):
        return None
    if share_known(words, knows) >= KNOWN_SHARE:
        return None
    named = _named(text)
    if not named:
        return None
    pieces = tuple(_pieces(marked, knows))
    understood = tuple(marked.readable(piece) for piece in pieces)
    return Foreign(named, " ".join(_written(marked, pieces)), understood)


def is_plainly_english(text: str, knows: Knows) -> bool:
    """Whether a text quotes nothing and has so many known words that file names change nothing.

    It spares most requests the search for what they point at.
    """
    sample = text[:_SAMPLE_CHARS]
    return not _QUOTES.search(sample) and share_known(_WORD.findall(sample), knows) >= _PLAIN_SHARE


def share_known(words: Sequence[str], knows: Knows) -> float:
    """The share of words that the catalogue or English grammar knows; 0 for no words."""
    lowered = [word.lower() for word in words]
    known = sum(word in STOP_WORDS or knows(word) for word in lowered)
    return known / len(words) if words else 0.0


def _pieces(marked: MarkedText, knows: Knows) -> Iterator[str]:
    """The markers of a request, and the words that the catalogue knows by more than chance."""
    for match in _PIECE.finditer(marked.text):
        word = match.group()
        lasting = len(word) > _SHORT or (len(word) > 1 and word.isupper())
        if MARKER.fullmatch(word) or (
            lasting and word.lower() not in STOP_WORDS and knows(word.lower())
        ):
            yield word


def _written(marked: MarkedText, pieces: Sequence[str]) -> Iterator[str]:
    """The pieces as a request in which what was quoted is quoted."""
    for piece in pieces:
        quoted = any(mention.kind == "quote" for mention in marked.in_part(piece))
        said = marked.readable(piece)
        yield f'"{said}"' if quoted else said


def _named(text: str) -> str:
    """The language of a text that is clearly not English, or the two likeliest; else empty."""
    from controlllm_tools.languages import NAMES, guesses  # noqa: PLC0415 - brings in the model

    odds = {
        guess.code: guess.confidence * (_WIDESPREAD_ODDS if guess.code in _WIDESPREAD else 1.0)
        for guess in guesses(text, most=len(NAMES))
        if guess.code in _CONSIDERED
    }
    total = sum(odds.values()) or 1.0
    ranked = sorted(odds, key=lambda code: (-odds[code], code))
    if not ranked or ranked[0] == "en":
        return ""
    first = odds[ranked[0]]
    if first < _SURE * total or first < _RATHER * odds.get("en", 0.0):
        return ""
    near = [code for code in ranked[:2] if odds[code] >= _CLOSE * first]
    return " or ".join(f"{NAMES[code]} ({code})" for code in near)
