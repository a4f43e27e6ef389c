"""How well each tool fits the words of a task: one vector per task, computed in one pass.

Lexical scoring by BM25F (Robertson, Zaragoza and Taylor 2004): term frequencies of a card's fields
are weighted and summed before they saturate. The impact of every term on every tool is computed
once, so that scoring costs one array addition per word of the task.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from controlllm_planner.graph_arrays import Numbers, Vector
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import ResourceType

if TYPE_CHECKING:  # the stemmer is a C library without type hints
    from Stemmer import Stemmer as SnowballStemmer

FIELD_WEIGHTS = {"name": 3.0, "examples": 1.6, "summary": 2.0, "description": 0.7, "ports": 0.5}

_K1 = 1.2
_B = 0.35
_MAX_WORDS = 4_000

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

STOP_WORDS = frozenset(
    (
        "a about all also am an and any are as at be been being but by can could did do does doing "
        "for from had has have having he her here him his how i if in into is it its itself just "
        "let like me more my no nor not now of off on once only or other our out over own please "
        "same she should so some such than that the their them then there these they this those "
        "through to too under until up us very was we were what when where which while who whom "
        "why will with would you your want need help give kindly using use used able you're i'm "
        "i'd i'll it's don't let's"
    ).split()
)


class Relevance(Protocol):
    """Scores every tool of a graph against a text."""

    def scores(self, text: str) -> Vector:
        """Relevance in [0, 1] of each tool, in the graph's order; all zero when nothing fits."""

    def strength(self, text: str) -> float:
        """How clearly the text speaks of any tool at all; 0 for not at all, about 1 for a name."""


class LexicalRelevance:
    """BM25F over name, summary, examples, description and port words of the cards."""

    def __init__(self, graph: ToolGraph) -> None:
        self._size = len(graph.cards)
        frequencies = [_weighted_terms(card, graph) for card in graph.cards]
        lengths = np.array([sum(terms.values()) for terms in frequencies] or [1.0])
        self._postings = _impacts(frequencies, lengths)

    def scores(self, text: str) -> Vector:
        """See `Relevance`; O(words + postings touched)."""
        totals = self.totals(text)
        best = totals.max(initial=0.0)
        return totals / best if best > 0 else totals

    def strength(self, text: str) -> float:
        """See `Relevance`; one rare word of a tool's name counts about 1."""
        return float(self.totals(text).max(initial=0.0)) / math.log(2 + self._size)

    def totals(self, text: str) -> Vector:
        """The unscaled score of each tool."""
        totals = np.zeros(self._size)
        for term in sorted(set(terms_of(text))):
            posting = self._postings.get(term)
            if posting is not None:
                numbers, impacts = posting
                totals[numbers] += impacts
        return totals


def terms_of(text: str) -> list[str]:
    """Stems of the content words of a text, in order.

    `object_detection` and `ObjectDetection` give their parts; what is no word is dropped.
    """
    words = _WORD.findall(_CAMEL.sub(" ", text.replace("_", " ")))
    lowered = (word.lower() for word in words[:_MAX_WORDS])
    return [stem(word) for word in lowered if word not in STOP_WORDS]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """English stem of a lower-case word (Porter 2)."""
    return str(_stemmer().stemWord(word.replace("'s", "")))


@cache
def _stemmer() -> SnowballStemmer:
    from Stemmer import Stemmer  # noqa: PLC0415 - loads when the first request comes

    return Stemmer("english")


def _weighted_terms(card: ToolCard, graph: ToolGraph) -> dict[str, float]:
    weighted: dict[str, float] = defaultdict(float)
    for field, text in _fields(card, graph):
        for term, count in Counter(terms_of(text)).items():
            weighted[term] += FIELD_WEIGHTS[field] * count
    return weighted


def _fields(card: ToolCard, graph: ToolGraph) -> list[tuple[str, str]]:
    ports = " ".join(
        f"{port.name} {port.description} {_type_words(port.resource_type, graph)}"
        for port in (*card.inputs, *card.outputs)
    )
    return [
        ("name", f"{card.name} {card.title}"),
        ("summary", card.summary),
        ("examples", " ".join(card.examples)),
        ("description", f"{card.description} {' '.join(card.domains)}"),
        ("ports", ports),
    ]


def _type_words(type_: ResourceType, graph: ToolGraph) -> str:
    info = graph.types.get(type_)
    return " ".join(info.words) if info else ""


def _impacts(
    frequencies: list[dict[str, float]], lengths: Vector
) -> dict[str, tuple[Numbers, Vector]]:
    """Per term: which tools use it, and how much each use adds to a score."""
    average = float(lengths.mean()) or 1.0
    norms = 1 - _B + _B * lengths / average
    holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, terms in enumerate(frequencies):
        for term, frequency in terms.items():
            tf = frequency / norms[number]
            holders[term].append((number, tf / (_K1 + tf)))
    total = len(frequencies)
    postings = {}
    for term, uses in holders.items():
        idf = math.log(1 + (total - len(uses) + 0.5) / (len(uses) + 0.5))
        numbers = np.array([number for number, _ in uses], dtype=np.intp)
        postings[term] = numbers, idf * np.array([use for _, use in uses])
    return postings
