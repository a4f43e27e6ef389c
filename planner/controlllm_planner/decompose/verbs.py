"""Verbs with which people ask for things, whatever the catalogue."""

from __future__ import annotations

from controlllm_planner.relevance import stem

GENERIC_VERBS = frozenset(
    stem(word)
    for word in (
        "make create generate get give tell show find produce build turn convert add put take use "
        "provide return do write"
    ).split()
)
"""Verbs that ask for anything; they end no clause with one tool rather than another."""

ASKING = GENERIC_VERBS | frozenset(
    stem(word)
    for word in (
        "draw extract describe explain identify count detect check determine answer remove replace "
        "cut join edit change translate read save list point locate analyze analyse classify apply "
        "search combine compare measure modify improve enhance check send set"
    ).split()
)
"""These, and verbs of asking for something more or less certain."""
