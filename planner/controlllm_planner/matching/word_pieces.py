"""The pieces that a sentence encoder reads a text in: WordPiece as BERT uses it.

Words are parted at spaces and marks, then each into the longest pieces that the vocabulary has
(Devlin and others, "BERT", 2018; the published `tokenization.py`). Written out here, as one page of
code is less to install and to trust than a library of compiled code.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

_LONGEST_WORD = 100
_REMEMBERED = 8_192
_BEGIN, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_MARKS = (range(33, 48), range(58, 65), range(91, 97), range(123, 127))
"""All marks of ASCII part words, also those that Unicode calls signs, such as `$`."""

_HAN = (
    range(0x4E00, 0xA000),
    range(0x3400, 0x4DC0),
    range(0x20000, 0x2A6E0),
    range(0x2A700, 0x2CEB0),
    range(0xF900, 0xFB00),
    range(0x2F800, 0x2FA20),
)


class NoWordPieces(ValueError):
    """A folder holds no vocabulary that can be read."""


def longest_pieces(word: str, number: Mapping[str, int], longest: int) -> tuple[int, ...]:
    """Numbers of the pieces of a word, the longest first; none when a part is unknown.

    O(length of the word * `longest`).

    Args:
        word: Without spaces.
        number: Of each piece; one that continues a word begins with `##`.
        longest: Letters of the longest piece to look for.
    """
    found: list[int] = []
    begin = 0
    while begin < len(word):
        prefix = "##" if begin else ""
        for end in range(min(len(word), begin + longest), begin, -1):
            piece = number.get(prefix + word[begin:end])
            if piece is not None:
                break
        else:
            return ()
        found.append(piece)
        begin = end
    return tuple(found)


class WordPieces:
    """The vocabulary of one encoder."""

    def __init__(self, number: Mapping[str, int], *, lower: bool = True) -> None:
        self._number = number
        self._lower = lower
        self._begin, self._end = number[_BEGIN], number[_END]
        self._unknown = (number[_UNKNOWN],)
        self._pieces = lru_cache(maxsize=_REMEMBERED)(self._split)

    @classmethod
    def of_folder(cls, folder: Path) -> WordPieces:
        """The vocabulary in `tokenizer.json`, else in `vocab.txt` for lower-case text.

        Raises:
            NoWordPieces: There is none, or it is of another kind.
        """
        described, listed = folder / "tokenizer.json", folder / "vocab.txt"
        try:
            if described.is_file():
                return cls._described(json.loads(described.read_text("utf-8")))
            if listed.is_file():
                lines = listed.read_text("utf-8").split("\n")
                return cls({piece: row for row, piece in enumerate(lines) if piece})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            msg = f"its vocabulary is not one of WordPiece as BERT uses it ({error!r})"
            raise NoWordPieces(msg) from error
        msg = "it has neither tokenizer.json nor vocab.txt"
        raise NoWordPieces(msg)

    @classmethod
    def _described(cls, stored: dict[str, Any]) -> WordPieces:
        kind = stored["model"].get("type", "WordPiece")
        if kind != "WordPiece":
            raise ValueError(kind)
        lower = (stored.get("normalizer") or {}).get("lowercase", True)
        return cls(stored["model"]["vocab"], lower=lower)

    def ids(self, text: str, limit: int) -> list[int]:
        """Numbers of the pieces of a text between the marks of begin and end, at most `limit`."""
        found: list[int] = []
        for word in self._words(text):
            if len(found) > limit - 2:
                break
            found += self._pieces(word)
        return [self._begin, *found[: limit - 2], self._end]

    def _words(self, text: str) -> list[str]:
        if self._lower:
            parts = unicodedata.normalize("NFD", text.lower())
            text = "".join(each for each in parts if unicodedata.category(each) != "Mn")
        return "".join(map(_spaced, text)).split()

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word) > _LONGEST_WORD:
            return self._unknown
        return longest_pieces(word, self._number, _LONGEST_WORD) or self._unknown


@lru_cache(maxsize=_REMEMBERED)
def _spaced(character: str) -> str:
    """A character as words are parted by: marks and Chinese characters stand alone."""
    if character.isspace():
        return " "
    code = ord(character)
    category = unicodedata.category(character)
    if code in {0, 0xFFFD} or category in {"Cc", "Cf", "Co"}:
        return ""
    alone = category.startswith("P") or any(code in each for each in (*_MARKS, *_HAN))
    return f" {character} " if alone else character
