"""Measures as words, for descriptions of pictures and videos."""

from __future__ import annotations

import re

from controlllm_tools.resources import printable

_NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip


def number_word(count: int) -> str:
    """A count as a word, up to twelve; zero is `no`."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def on_scale(value: float, *steps: tuple[float, str] | str) -> str:
    """The word of the first step that the value stays below; the last word has no bound."""
    for step in steps:
        if isinstance(step, str) or value < step[0]:
            return step if isinstance(step, str) else step[1]
    return ""


def listed(words: list[str]) -> str:
    """One or more words as a list: `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def quoted(text: str, longest: int) -> str:
    """Text from a picture as a quotation that cannot pass for words of ours."""
    plain = re.sub('[“”"]', "'", text)
    return f"“{printable(plain, longest)}”"
