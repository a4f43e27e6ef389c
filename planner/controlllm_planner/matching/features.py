"""What the matcher looks at: how the words of a clause meet the words and types of each tool."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from controlllm_planner.graph_arrays import arrays_of
from controlllm_planner.matching.known_words import KnownWords
from controlllm_planner.matching.word_vectors import Matrix, WordVectors, to_unit
from controlllm_planner.relevance import LexicalRelevance, stem, terms_of
from controlllm_planner.tool_graph import ToolGraph
from controlllm_tools.card import ToolCard
from controlllm_tools.resources import ResourceType

Table = NDArray[np.bool_]

TOOL_FEATURES = 14
CLAUSE_FEATURES = 7

_LEXICAL_SCALE = 6.0
"""About the lexical score of a clause that says a tool's name."""

_MEDIA = frozenset(("image", "audio", "video", "document"))
"""What one looks at or listens to; anything else can be an answer to a question."""

_TALKING = frozenset(
    map(stem, "chat conversation conversational dialogue generate question".split())
)
"""Said of tools that take any words: they talk, answer, or write on."""

_BACKWARD = re.compile(r"\s*(?:the|it|this|that|these)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseWords:
    """A clause as the matcher reads it.

    Attributes:
        text: Its words, with the names of types in place of files and quotations.
        types: The types it speaks of.
        new: Those that it speaks of as something to be made: `a new picture`.
        sources: Those that it speaks of as something to start from: `based on the edge map`.
        points: Whether it names a file, a quotation or a web address.
        asks: Whether it wants an answer: a question, or `check if there is a cat`.
        hands_over: Whether it hands something over instead of asking for something.
    """

    text: str
    types: tuple[ResourceType, ...] = ()
    new: tuple[ResourceType, ...] = ()
    sources: tuple[ResourceType, ...] = ()
    points: bool = False
    asks: bool = False
    hands_over: bool = False


@dataclass(frozen=True, slots=True)
class ClauseFeatures:
    """The figures of one clause.

    Attributes:
        meaning: Direction of its words, `(dimensions,)`.
        pieces: Its word pieces, by their rows in the table.
        shares: What each of them adds to the meaning, `(pieces,)`.
        tools: `(tools, TOOL_FEATURES)`.
        clause: `(CLAUSE_FEATURES,)`, for judging whether it asks for anything at all.
        near: With a sentence encoder, `(tools, SENTENCE_FEATURES)`.
    """

    meaning: Matrix
    pieces: Sequence[int]
    shares: Matrix
    tools: Matrix
    clause: Matrix
    near: Matrix | None = None


class CatalogueFeatures:
    """Knows the words and types of every tool of one catalogue.

    Attributes:
        names: Direction of the name of each tool, `(tools, dimensions)`.
        texts: Direction of the rest of its card, in the same form.
    """

    def __init__(
        self, graph: ToolGraph, lexical: LexicalRelevance, vectors: WordVectors | None
    ) -> None:
        self._graph = graph
        self._lexical = lexical
        self._vectors = vectors
        self._known: KnownWords | None = None
        size = vectors.table.shape[1] if vectors else 1
        self.names = np.zeros((len(graph.cards), size), dtype=np.float32)
        self.texts = np.zeros_like(self.names)
        self._lay_out_names(self._read_cards(vectors) if vectors else [])
        # rows of a type stand together: a clause speaks of few types and asks for all tools
        self._takes, self._makes = (table.T for table in type_tables(graph))
        self._delivers, self._asks_for = (table.T for table in _exact_types(graph))
        roots = [card.outputs[0].resource_type.root if card.outputs else "" for card in graph.cards]
        self._shows = np.array([root in _MEDIA for root in roots], dtype=np.float32)
        self._tells = np.array([bool(root) for root in roots], dtype=np.float32) - self._shows
        self._talks = np.array([_talks(card) for card in graph.cards], dtype=np.float32)

    def _read_cards(self, vectors: WordVectors) -> list[list[int]]:
        """Lays down what cards mean; returns the rows of the pieces of each name."""
        name_rows, said = [], set[int]()
        for row, card in enumerate(self._graph.cards):
            name_rows.append(vectors.pieces(f"{card.name} {card.title}"))
            self.names[row] = vectors.total(name_rows[-1])
            text = " ".join((card.summary, card.description, *card.examples))
            rows = vectors.pieces(text)
            self.texts[row] = vectors.total(rows)
            said.update(rows, name_rows[-1])
        self.names, self.texts = to_unit(self.names), to_unit(self.texts)
        self._known = KnownWords(vectors, said)
        return name_rows

    def _lay_out_names(self, name_rows: list[list[int]]) -> None:
        """The distinct pieces of all names, and pairs of a tool and the place of one of its own."""
        lengths = [len(rows) for rows in name_rows]
        flat = np.array([row for rows in name_rows for row in rows], dtype=np.intp)
        distinct, self._piece_of = np.unique(flat, return_inverse=True)
        self._named = np.repeat(np.arange(len(name_rows)), lengths)
        self._lengths = np.maximum(lengths, 1).astype(np.float32)
        self._pieces = to_unit(self._vectors.table[distinct]) if self._vectors else None

    def of(self, clause: ClauseWords) -> ClauseFeatures:
        """The features of a clause; O(words touched + pieces of names + tools)."""
        rows = self._vectors.pieces(clause.text) if self._vectors else []
        shares = self._known.shares(rows) if self._known else np.zeros(0, dtype=np.float32)
        meaning = self._meaning(rows, shares)
        lexical = self._lexical.totals(clause.text).astype(np.float32)
        known = [self._graph.type_number[t] for t in clause.types]
        new = [self._graph.type_number[t] for t in clause.new]
        sources = [self._graph.type_number[t] for t in clause.sources]
        delivers, asks_for = _any_of(self._delivers, new), _any_of(self._asks_for, sources)
        highest = float(lexical.max(initial=0.0))
        unheard = max(0.0, 1.0 - highest / _LEXICAL_SCALE)
        talk = 0.0 if clause.points or clause.types else unheard
        columns: tuple[Matrix | Table | float, ...] = (
            lexical / _LEXICAL_SCALE,
            lexical / (highest + 1e-6),
            self.names @ meaning,
            self.texts @ meaning,
            self._said(rows),
            _any_of(self._takes, known),
            _any_of(self._makes, known),
            delivers,
            asks_for,
            np.logical_and(delivers, asks_for),
            self._tells if clause.asks else 0.0,
            self._shows if clause.asks else 0.0,
            self._talks if clause.asks else 0.0,
            self._talks * talk if talk else 0.0,
        )
        tools = np.empty((len(lexical), TOOL_FEATURES), dtype=np.float32)
        for column, figures in enumerate(columns):
            tools[:, column] = figures
        return ClauseFeatures(meaning, rows, shares, tools, _of_clause(clause, len(rows)))

    def _meaning(self, rows: list[int], shares: Matrix) -> Matrix:
        if self._vectors is None:
            return np.zeros(self.names.shape[1], dtype=np.float32)
        meaning: Matrix = shares @ self._vectors.table[rows]
        return meaning

    def _said(self, rows: list[int]) -> Matrix:
        """Per tool, how near the words of its name are to words of the clause, on average."""
        if not rows or not self._vectors or self._pieces is None:
            return np.zeros(len(self.names), dtype=np.float32)
        words = to_unit(self._vectors.table[rows])
        nearest = (self._pieces @ words.T).max(axis=1)
        return added_up(self._named, nearest[self._piece_of], len(self.names)) / self._lengths


def _any_of(table: Table, numbers: Sequence[int]) -> Table | float:
    """Whether any of some rows of a table holds, per column; one figure for all when none does."""
    if not numbers:
        return 0.0
    held: Table = np.logical_or.reduce(table[numbers], axis=0)
    return held


def _of_clause(clause: ClauseWords, words: int) -> Matrix:
    return np.array(
        [
            1.0,
            words > 0,
            math.log1p(words),
            clause.hands_over,
            clause.points,
            clause.asks,
            bool(_BACKWARD.match(clause.text)),
        ],
        dtype=np.float32,
    )


def _talks(card: ToolCard) -> bool:
    """Whether a tool takes any words, and no more, and makes words of them."""
    ports = [str(port.type) for port in (*card.required_inputs, *card.outputs[:1])]
    said = terms_of(f"{card.name} {card.title} {card.summary}")
    return ports == ["text", "text"] and not _TALKING.isdisjoint(said)


@lru_cache(maxsize=4)
def type_tables(graph: ToolGraph) -> tuple[Table, Table]:
    """Per tool and type, `(tools, types)`: whether a port takes it; whether an output is akin."""
    takes, makes = _no_table(graph), _no_table(graph)
    for row, tool in enumerate(graph.tools):
        for port in (*tool.required, *tool.optional):
            takes[row, list(graph.distances[port.type])] = True
        for output in tool.outputs:
            makes[row, list(graph.distances[output.type])] = True
            makes[row, list(graph.supertypes[output.type])] = True
    return takes, makes


def _exact_types(graph: ToolGraph) -> tuple[Table, Table]:
    """Per tool and type: whether an output, and whether an input, is declared as just that type."""
    delivers, asks_for = _no_table(graph), _no_table(graph)
    for row, tool in enumerate(graph.tools):
        delivers[row, [output.type for output in tool.outputs]] = True
        asks_for[row, [port.type for port in (*tool.required, *tool.optional)]] = True
    return delivers, asks_for


def _no_table(graph: ToolGraph) -> Table:
    """Nothing per tool and type; the tools of one type stand together in memory."""
    return np.zeros((len(graph.type_names), len(graph.tools)), dtype=np.bool_).T


def added_up(numbers: NDArray[np.intp], values: Matrix, count: int) -> Matrix:
    """Per number below a count, the sum of the values that stand beside it."""
    return np.bincount(numbers, values, minlength=count).astype(np.float32)


class AtHand:
    """How well each tool fits what was handed over."""

    def __init__(self, graph: ToolGraph) -> None:
        arrays = arrays_of(graph)
        self._graph = graph
        self._tool, self._type = arrays.input_tool, arrays.input_type
        counts = np.bincount(self._tool, minlength=len(graph.tools))
        self._ports = np.maximum(counts, 1).astype(np.float32)

    def of(self, given: Iterable[ResourceType]) -> tuple[Matrix, Matrix]:
        """Per tool, the share of its ports that given types fill, and the share of them it takes.

        O(ports of the catalogue + tools * distinct given types), as array work.
        """
        distinct = set(given)
        known = [self._graph.type_number[t] for t in distinct if t in self._graph.type_number]
        accepted = np.zeros(len(self._graph.type_names), dtype=np.float32)
        accepted[[above for type_ in known for above in self._graph.supertypes[type_]]] = 1.0
        filled = added_up(self._tool, accepted[self._type], len(self._ports))
        takes = type_tables(self._graph)[0].T[known].sum(axis=0)
        return filled / self._ports, (takes / max(1, len(distinct))).astype(np.float32)
