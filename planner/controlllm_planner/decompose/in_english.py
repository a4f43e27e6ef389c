"""Keep a decomposer that reads English from guessing at other languages.

A request in another language is read by what English there is in it: file names, quotations, and
words that the catalogue shares with that language. What they clearly ask for is planned, with a
note; where they do not, the answer names the language.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from controlllm_planner.decompose.base import Decomposer
from controlllm_planner.decompose.language import Foreign, foreign_words, is_plainly_english
from controlllm_planner.decompose.mentions import mark
from controlllm_planner.errors import CannotDecompose
from controlllm_planner.relevance import Relevance
from controlllm_planner.task import Request, Task

_REMEMBERED_WORDS = 20_000

_CLEARLY = 0.5
"""Probability from which the words that can be read ask for something."""


class InEnglish:
    """A decomposer that says so when a request is in another language."""

    def __init__(self, decomposer: Decomposer, relevance: Relevance) -> None:
        self._decomposer = decomposer
        self._knows = lru_cache(_REMEMBERED_WORDS)(lambda word: relevance.strength(word) > 0)

    def decompose(self, request: Request) -> tuple[Task, ...]:
        """See `Decomposer`; O(words of the request) more, and a language model for strange ones."""
        foreign = self._foreign(request)
        if foreign is None:
            return self._decomposer.decompose(request)
        unclear = CannotDecompose(foreign.understood, (request.text,), foreign.language)
        try:
            tasks = self._decomposer.decompose(replace(request, text=foreign.words))
        except CannotDecompose as error:
            raise unclear from error
        if not all(_is_clear(task) for task in tasks):
            raise unclear
        note = _note(foreign)
        return tuple(replace(task, note=note) for task in tasks)

    def _foreign(self, request: Request) -> Foreign | None:
        if is_plainly_english(request.text, self._knows):
            return None
        return foreign_words(mark(request.text, request.attachments), self._knows)


def _is_clear(task: Task) -> bool:
    likeliest = max((p for clause in task.clauses for _, p in clause.tools), default=0.0)
    return likeliest > _CLEARLY


def _note(foreign: Foreign) -> str:
    read = ", ".join(map(repr, foreign.understood))
    return (
        f"this looks like {foreign.language}, and ControlLLM reads English for now: "
        f"the plan goes by {read} alone"
    )
