"""Words of a text: its language, tokens, stems, and the words that say little about a subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the stemmer loads when a text is read, not when a tool is listed
    from Stemmer import Stemmer

# \u2019 is the apostrophe of typographers
WORD = re.compile(r"[^\W_]+(?:['\u2019\-][^\W_]+)*")
"""Letters and digits, with hyphens and apostrophes inside."""

_NO_BLANKS = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
"""Runs of scripts that write words without blanks between them."""

_LANGUAGES = ("english", "french", "german", "spanish", "italian", "portuguese", "dutch")
_SAMPLE_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Language:
    """What is known of a language.

    Attributes:
        name: In English, lower case; also the name of its stemmer.
        stop_words: In lower case, with straight apostrophes.
    """

    name: str
    stop_words: frozenset[str]

    def says_little(self, word: str) -> bool:
        """Whether a word alone names no subject; so do single letters and bare numbers."""
        word = plain(word)
        return word in self.stop_words or len(word) < 2 or not any(c.isalpha() for c in word)

    def stem(self, word: str) -> str:
        """The stem of a word, in lower case (Porter's Snowball stemmers)."""
        return str(_stemmer(self.name).stemWord(plain(word)))

    def terms(self, text: str) -> list[str]:
        """What a text is about: stems of its words, without those that say little."""
        return [self.stem(word) for word in words(text) if not self.says_little(word)]

    def knows(self, text: str) -> bool:
        """Whether every seventh word is one of its stop words, as in any prose of it."""
        found = [plain(word) for word in words(text[:_SAMPLE_CHARS])]
        return 7 * sum(word in self.stop_words for word in found) >= len(found)


def language_of(text: str) -> Language:
    """The language whose stop words the text uses most; English where none stands out."""
    found = [plain(word) for word in words(text[:_SAMPLE_CHARS])]
    # max takes the first of equals, and English is listed first
    return max(
        (_language(name) for name in _LANGUAGES),
        key=lambda language: sum(word in language.stop_words for word in found),
    )


def medium_words() -> frozenset[str]:
    """English words that speak of a picture or a sound as such, not of what it shows."""
    return _word_lists()["medium"]


def plain(word: str) -> str:
    """A word in lower case with a straight apostrophe."""
    return word.lower().replace("\u2019", "'")


def is_fragment(word: str) -> bool:
    """Whether a word is a pair of characters from a script that writes no blanks."""
    return _NO_BLANKS.fullmatch(word) is not None


def words(text: str) -> list[str]:
    """The words of a text as written; runs of scripts without blanks become pairs of characters."""
    found: list[str] = []
    for token in WORD.findall(text):
        if _NO_BLANKS.search(token):
            found += [token[i : i + 2] for i in range(len(token) - 1)] or [token]
        else:
            found.append(token)
    return found


@cache
def _language(name: str) -> Language:
    return Language(name, _word_lists()[name])


@cache
def _word_lists() -> dict[str, frozenset[str]]:
    lists: dict[str, list[str]] = {}
    name = ""
    for line in Path(__file__).with_name("stop_words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line and not line.startswith("#"):
            lists.setdefault(name, []).extend(line.split())
    return {name: frozenset(listed) for name, listed in lists.items()}


@cache
def _stemmer(language: str) -> Stemmer:
    from Stemmer import Stemmer

    # a bound on its cache: a long-lived worker reads many texts
    return Stemmer(language, maxCacheSize=10_000)
