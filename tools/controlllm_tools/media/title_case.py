"""Headline capitals, for English: every word but the small ones begins with a capital."""

from __future__ import annotations

import re

_SMALL = frozenset(
    {
        "a", "an", "and", "as", "at", "but", "by", "for", "from", "if", "in", "into", "nor", "of",
        "off", "on", "onto", "or", "over", "per", "so", "than", "the", "to", "up", "upon", "via",
        "vs", "with", "yet",
    }
)  # fmt: skip
_TOKEN = re.compile(r"\S+")
_PART = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


def title_case(text: str) -> str:
    """Capitalise a phrase as a headline; names such as iPhone and NASA keep their capitals.

    A phrase all in capitals is taken for shouting, not for one long abbreviation.
    """
    if text.isupper() and len(text) > 4:
        text = text.lower()
    last = len(_TOKEN.findall(text)) - 1
    place = -1

    def capitals(match: re.Match[str]) -> str:
        nonlocal place
        place += 1
        token = match[0]
        if 0 < place < last and token.lower() in _SMALL:
            return token.lower() if token[1:].islower() or len(token) == 1 else token
        return _PART.sub(_capital, token)

    return _TOKEN.sub(capitals, text)


def sentence_case(text: str) -> str:
    """A capital at the beginning, the rest as it is; a phrase all in capitals is lowered first."""
    if text.isupper() and len(text) > 4:
        text = text.lower()
    return text[:1].upper() + text[1:]


def _capital(part: re.Match[str]) -> str:
    """A word, or a part of one with hyphens, in which small words stay small: state-of-the-art."""
    word = part[0]
    has_own_capitals = any(letter.isupper() for letter in word[1:])
    if has_own_capitals or (word in _SMALL and part.string[: part.start()].endswith("-")):
        return word
    return word[:1].upper() + word[1:]
