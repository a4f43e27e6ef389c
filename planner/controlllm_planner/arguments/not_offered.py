"""Find values that the words name for a parameter and that its tool does not offer.

A tool that is told nothing does what it does by default, and "translate it into Japanese" would
come back in English. Only kinds of values with a common list of names are known: languages, and the
formats of media files.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from controlllm_planner.arguments.choices import said_choices
from controlllm_planner.arguments.spoken import unquoted_words
from controlllm_planner.decompose.listed_values import FORMATS, LANGUAGES, offers_only
from controlllm_planner.task import Task
from controlllm_tools.card import Port, ToolCard

_ABOUT_LANGUAGE = re.compile(r"translat|languag|interpret", re.IGNORECASE)
_BEHIND = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!written )(?<!saved )(?<!shot )(?<!spoken )"
    r"(?<!recorded )\b(?:to|into|in|as)\s+(?:an?\s+|the\s+)?\.?([^\W_]+)"
    r"(?=\s*(?:$|[.,;:!?)\n]|(?:and|or|for|on|of|from|to|please|with|file|format|version|language|"
    r"instead|then|so|before|after)\b))",
    re.IGNORECASE,
)
"""A value that something should come to, and not the one that it has: `which is in German`."""


def not_offered(card: ToolCard, task: Task) -> Iterator[tuple[Port, str]]:
    """The parameters of a tool that stay unsaid, each with the word that names no choice of theirs.

    Only a parameter of which every choice is of one kind: where one choice is `unknown`, the tool
    can do without. O(words * parameters).
    """
    words = unquoted_words(task)
    said = dict(said_choices(card, words))
    for port in card.inputs:
        if port.name in said or port.name.startswith("from_"):
            continue
        offered = {_first_part(choice.lower()) for choice in port.choices}
        for names in (LANGUAGES, FORMATS):
            named = _named(words, names) if offers_only(port.choices, names) else ""
            if named and named.lower() not in offered:
                yield port, named


def language_unheard(cards: Iterable[ToolCard], task: Task) -> str:
    """A language that the words ask for and that no tool of a chain knows of; empty for none.

    `add subtitles in French`, where subtitles come in the language that is spoken.
    """
    wanted = _named(unquoted_words(task), LANGUAGES)
    if wanted.lower() in {"", "english"} or any(
        _ABOUT_LANGUAGE.search(_told_of(card)) for card in cards
    ):
        return ""
    return wanted


def _named(words: str, names: Collection[str]) -> str:
    """The first of some names that something should come to; empty for none."""
    found = (match[1] for match in _BEHIND.finditer(words))
    return next((each for each in found if each.lower() in names), "")


def _told_of(card: ToolCard) -> str:
    return " ".join((card.name, card.summary, *(port.name for port in card.inputs)))


def _first_part(choice: str) -> str:
    """`english` of `english-us`."""
    return choice.split("-", maxsplit=1)[0]
