"""A short title for a text, made of its own words.

Nothing is invented: the title is a heading of the text, words that it quotes as seen on a screen or
a sign, or its most telling clause, in that order of preference.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from controlllm_tools.media.key_phrases import term_weights
from controlllm_tools.media.sentences import sentences
from controlllm_tools.media.title_case import sentence_case, title_case
from controlllm_tools.media.words import Language, language_of, medium_words, plain, words

LONGEST_CHARS = 60
_MOST_SENTENCES = 200
_LATENESS = 0.1
"""How much a clause loses with every sentence before it."""

_QUOTED = re.compile(
    "\u201c([^\u201d]{3,60})\u201d|\"([^\"]{3,60})\"|(?<!\\w)'([^']{3,60})'(?!\\w)"
    "|\u2018([^\u2019]{3,60})\u2019|\u00ab ?([^\u00bb]{3,60}?) ?\u00bb"
    "|\u300c([^\u300d]{2,60})\u300d"
)
_NAMING = frozenset({"called", "named", "titled", "entitled", "sign", "says", "banner", "headline"})
_BREAK = re.compile(r"\s*[,;:()\u2013\u2014\u3001\uff0c]+\s*|\s+-\s+")
_SUBORDINATE = re.compile(
    r"(?:(?:by|in|of|for|with|to|on)\s+)?"
    r"(?:which|who|whose|where|while|because|although|though|so that|but)\s+",
    re.IGNORECASE,
)
"""What joins a clause to another one; a title does not begin with it."""
_OPENER = re.compile(
    r"^(?:(?:and|but|then|so|also|yet|however|now|meanwhile|mostly|mainly)\s+)*"
    r"(?:(?:it|this|that|there|here|these|those)(?:\s+(?:is|are|was|were|has|have|had)|'s)\s+"
    r"|(?:we|you|i|one)\s+(?:can\s+|could\s+)?(?:see|hear|watch)\s+"
    r"|(?:the|this|a|an)\s+(?:[\w-]+\s+)?(?:video|clip|film|movie|picture|photo|image|scene|text"
    r"|article|story)\s+(?:shows?|depicts?|features?|contains?|is|of|about|tells?(?:\s+of)?)\s+)?",
    re.IGNORECASE,
)
_DENIAL = frozenset({"no", "not", "nothing", "never", "without", "nobody", "none"})
_WEAK_START = frozenset({"it", "he", "she", "they", "this", "that", "which", "who", "its", "their"})
_LOOSE_END = frozenset(
    {
        "a", "an", "the", "of", "in", "on", "at", "by", "for", "to", "with", "from", "and", "or",
        "but", "as", "into", "than", "that", "which", "is", "are", "was", "were", "its", "their",
    }
)  # fmt: skip
_EDGES = " \t\r\n.,;:!?\u2026\u3002\uff01\uff1f-\u2013\u2014/\\|*#_`~"
_QUOTES = "\"'\u201c\u201d\u2018\u2019\u00ab\u00bb"


def title_of(text: str) -> str:
    """A title of 1 to 60 characters for a text that is not blank."""
    language = language_of(text)
    candidates = (_heading(text), _whole(text), _on_display(text), _best_clause(text, language))
    english = language.name == "english" and (language.knows(text) or text.isascii())
    for candidate in candidates:
        title = _shortened(candidate)
        if any(mark.isalnum() for mark in title):
            return title_case(title) if english else sentence_case(title)
    return " ".join(text.split())[:LONGEST_CHARS]


def _heading(text: str) -> str:
    """The first line, where it is marked as a heading or stands alone without a full stop."""
    first, _, rest = text.partition("\n")
    if first.startswith("#"):
        return first
    stands_alone = len(first) <= LONGEST_CHARS and rest.strip() and first[-1:] not in ".,;:!?"
    followed = rest.startswith(("\n", "\r\n", "=", "-")) or len(rest.split("\n")[0]) > LONGEST_CHARS
    return first if stands_alone and followed else ""


def _whole(text: str) -> str:
    """The text itself, where it is short enough to be its own title."""
    parts = sentences(text)
    return parts[0] if len(parts) == 1 and len(parts[0]) <= LONGEST_CHARS else ""


def _on_display(text: str) -> str:
    """The fullest quotation of words that were seen on a screen or a sign, or of a name."""
    cues = medium_words() | _NAMING
    found: list[str] = []
    for sentence in sentences(text)[:_MOST_SENTENCES]:
        if cues.isdisjoint(plain(word) for word in words(sentence)):
            continue
        quotes = (next(filter(None, match.groups())) for match in _QUOTED.finditer(sentence))
        found += [quote for quote in quotes if _reads_as_a_name(quote)]
    # the first of those that have most words, up to three
    return max(found, key=lambda quote: min(3, len(words(quote))), default="")


def _reads_as_a_name(quote: str) -> bool:
    starts_high = quote[:1].isdigit() or not quote[:1].islower()
    letters = sum(mark.isalpha() for mark in quote)
    return starts_high and letters >= 3 and quote[-1] not in ",;" and len(words(quote)) <= 8


@dataclass(frozen=True, slots=True)
class _Judge:
    """Weighs clauses of one text."""

    language: Language
    weights: dict[str, float]

    def worth(self, clause: str) -> float:
        """What a clause says, for its length; less where it denies, or points to other words."""
        main = _SUBORDINATE.match(clause) is None
        shown = _shortened(clause)
        found = [plain(word) for word in words(shown)]
        if not found:
            return 0.0
        medium = medium_words()
        telling = {self.language.stem(word) for word in found if word not in medium}
        worth = sum(self.weights.get(stem, 0.0) for stem in telling) / _length_share(len(found))
        worth *= 1 - 0.8 * sum(word in medium for word in found) / len(found)
        if not _DENIAL.isdisjoint(found):
            worth *= 0.3
        if found[0] in _WEAK_START or not main:
            worth *= 0.6
        return worth if len(clause) <= LONGEST_CHARS else 0.8 * worth


def _length_share(count: int) -> float:
    """Grows more slowly than the number of words: five that tell much are better than two."""
    return math.pow(2 + count, 0.6)


def _best_clause(text: str, language: Language) -> str:
    judge = _Judge(language, term_weights(text, language))
    ranked = [
        (judge.worth(clause) / (1 + _LATENESS * index), clause)
        for index, sentence in enumerate(sentences(text)[:_MOST_SENTENCES])
        for clause in _clauses(sentence)
    ]
    # max takes the first of equals
    best = max(ranked, key=lambda pair: pair[0], default=(0.0, ""))[1]
    return _SUBORDINATE.sub("", best, count=1) if _SUBORDINATE.match(best) else best


def _clauses(sentence: str) -> Iterator[str]:
    """Stretches of a sentence between commas and conjunctions, without empty beginnings."""
    ends = [m.span() for m in _BREAK.finditer(sentence)]
    ends += [(m.start(), m.start()) for m in _SUBORDINATE.finditer(sentence) if m.start()]
    begins = [0, *sorted(end for _, end in ends)]
    stops = [*sorted(start for start, _ in ends), len(sentence)]
    for index, begin in enumerate(begins):
        for stop in stops[index : index + 3]:
            clause = _OPENER.sub("", sentence[begin:stop].strip(_EDGES + _QUOTES))
            if clause:
                yield clause


def _shortened(phrase: str) -> str:
    """Cut to 60 characters at a blank, without loose ends."""
    line = _unquoted(" ".join(phrase.split()).strip(_EDGES))
    if len(line) <= LONGEST_CHARS:
        return line
    cut = line[: LONGEST_CHARS + 1]
    head = cut.rsplit(" ", 1)[0] if " " in cut else line[:LONGEST_CHARS]
    joints = [m.start() for m in _SUBORDINATE.finditer(head) if m.start() >= LONGEST_CHARS // 3]
    kept = head[: joints[-1] if joints else None].split()
    while len(kept) > 1 and kept[-1].lower().strip(_EDGES) in _LOOSE_END:
        kept.pop()
    return _unquoted(" ".join(kept).strip(_EDGES))


def _unquoted(line: str) -> str:
    """Without quotation marks around it; those inside stay when they come in pairs."""
    line = line.strip(_QUOTES).strip(_EDGES)
    for opening, closing in (("(", ")"), ("[", "]"), ("\u201c", "\u201d"), ('"', '"')):
        if line.count(opening) != line.count(closing) or (
            opening == closing and line.count(opening) % 2
        ):
            line = line.replace(opening, "").replace(closing, "")
    return line
