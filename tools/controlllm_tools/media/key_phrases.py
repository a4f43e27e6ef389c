"""Rank the phrases of one text by how much they say about it, from the text alone.

After YAKE (Campos et al., "YAKE! Keyword extraction from single documents using multiple local
features", Information Sciences 509, 2020), written anew: a word counts for more when it is
frequent, early, capitalised inside sentences, spread over sentences, and has few different
neighbours. Four things differ, all for the sake of texts of a few sentences: position weighs by
one logarithm instead of two; the first neighbour of a word does not count; phrases hold no stop
words, as in RAKE (Rose et al. 2010); and a phrase is worth the geometric mean of its words, with a
bonus for naming a thing in full.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from statistics import fmean, median, pstdev

from controlllm_tools.media.sentences import sentences
from controlllm_tools.media.words import Language, is_fragment, language_of, plain, words

# quotation marks break a phrase as commas do; an apostrophe or a hyphen inside a word does not
_BREAK = re.compile(r"(?<!\w)['\u2019\-]|['\u2019\-](?!\w)|[^\w\s'\u2019\-]|_+")
_MOST_SENTENCES = 20_000
_LONGEST_WORD_CHARS = 40
_FULLNESS = (1.0, 1.5, 1.6)
"""Bonus of a phrase of one, two, three words over its words alone."""


@dataclass(frozen=True, slots=True)
class KeyPhrase:
    """One phrase.

    Attributes:
        text: As it is mostly written.
        stems: Of its words.
        weight: Larger is better; comparable inside one text only.
    """

    text: str
    stems: tuple[str, ...]
    weight: float


@dataclass(slots=True)
class _Term:
    """What is counted of one stem."""

    count: int = 0
    capitals: int = 0
    acronyms: int = 0
    sentences: list[int] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)


def key_phrases(
    text: str, *, most_words: int = 3, leave_out: Set[str] = frozenset()
) -> tuple[KeyPhrase, ...]:
    """Rank every phrase of a text.

    Args:
        text: Prose, in a language that writes blanks between words.
        most_words: Longest phrase, up to three words.
        leave_out: Further words, in lower case, to treat as stop words.

    Returns:
        Phrases, the best first; equal ones in the order of the text. O(n log n) in its words.
    """
    language = language_of(text)
    terms: defaultdict[str, _Term] = defaultdict(_Term)
    written: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    lines = sentences(text)[:_MOST_SENTENCES]
    for index, line in enumerate(lines):
        _count(line, index, terms, language)
        for run in _runs(line, language, leave_out):
            for phrase in _phrases(run, most_words):
                written[tuple(language.stem(word) for word in phrase)][" ".join(phrase)] += 1
    badness = _badness(terms, len(lines))
    ranked = [
        KeyPhrase(forms.most_common(1)[0][0], stems, _weight(stems, forms.total(), badness))
        for stems, forms in written.items()
    ]
    return tuple(sorted(ranked, key=lambda phrase: -phrase.weight))


def term_weights(text: str, language: Language) -> dict[str, float]:
    """How much each stem says about the text; stems of words that say little are left out."""
    terms: defaultdict[str, _Term] = defaultdict(_Term)
    lines = sentences(text)[:_MOST_SENTENCES]
    for index, line in enumerate(lines):
        _count(line, index, terms, language)
    badness = _badness(terms, len(lines))
    return {stem: 1 / badness[stem] for line in lines for stem in language.terms(line)}


def distinct(phrases: tuple[KeyPhrase, ...], most: int) -> tuple[KeyPhrase, ...]:
    """The best phrases, without those that mostly repeat the words of a better one."""
    kept: list[KeyPhrase] = []
    for phrase in phrases:
        if len(kept) == most:
            break
        if not any(_repeats(phrase, better) for better in kept):
            kept.append(phrase)
    return tuple(kept)


def _repeats(phrase: KeyPhrase, better: KeyPhrase) -> bool:
    mine, theirs = set(phrase.stems), set(better.stems)
    return 2 * len(mine & theirs) >= min(len(mine), len(theirs))


def _count(line: str, index: int, terms: defaultdict[str, _Term], language: Language) -> None:
    shouted = line.isupper()
    for chunk in _BREAK.split(line):
        found = words(chunk)
        stems = [language.stem(word) for word in found]
        for place, word in enumerate(found):
            term = terms[stems[place]]
            term.count += 1
            term.sentences.append(index)
            inner = place > 0 or not line.startswith(word)
            term.capitals += inner and word[:1].isupper()
            term.acronyms += word.isupper() and len(word) > 1 and not shouted
            if place > 0:
                term.left[stems[place - 1]] += 1
            if place + 1 < len(stems):
                term.right[stems[place + 1]] += 1


def _runs(line: str, language: Language, leave_out: Set[str]) -> Iterator[list[str]]:
    """Stretches of words with neither punctuation nor a stop word between them."""
    for chunk in _BREAK.split(line):
        run: list[str] = []
        for word in words(chunk):
            says_little = language.says_little(word) or plain(word) in leave_out
            if says_little or len(word) > _LONGEST_WORD_CHARS:
                yield run
                run = []
            else:
                run.append(word)
        yield run


def _phrases(run: list[str], most_words: int) -> Iterator[tuple[str, ...]]:
    for begin, word in enumerate(run):
        yield (word,)
        for end in range(begin + 2, min(begin + most_words, len(run)) + 1):
            if is_fragment(run[end - 1]) or is_fragment(word):
                break  # pairs of characters overlap; only whole words make phrases
            yield tuple(run[begin:end])


def _badness(terms: dict[str, _Term], lines: int) -> dict[str, float]:
    """The S of the paper for each stem: small for a word that says much."""
    counts = [term.count for term in terms.values()] or [1]
    usual, most = fmean(counts) + pstdev(counts), max(counts)
    scores: dict[str, float] = {}
    for name, term in terms.items():
        casing = max(term.capitals, term.acronyms) / (1 + math.log(term.count))
        position = math.log(3 + median(term.sentences))
        frequency = term.count / usual
        spread = len(set(term.sentences)) / max(1, lines)
        promiscuity = 1 + (_variety(term.left) + _variety(term.right)) * term.count / most
        scores[name] = promiscuity * position / (casing + (frequency + spread) / promiscuity)
    return scores


def _variety(neighbours: Counter[str]) -> float:
    """How often a neighbour is a new one, 0 to 1; the first one says nothing."""
    total = neighbours.total()
    return (len(neighbours) - 1) / total if total else 0.0


def _weight(stems: tuple[str, ...], count: int, badness: dict[str, float]) -> float:
    mean = math.prod(badness[name] for name in stems) ** (1 / len(stems))
    return _FULLNESS[min(len(stems), len(_FULLNESS)) - 1] * (1 + math.log(count)) / mean
