"""Verbs of several words: to `take away` is no kind of taking, and to `point out` no point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from controlllm_planner.relevance import stem

_PARTICLES = frozenset("apart aloud away back down off out together up".split())
"""What may stand some words behind its verb: `take the umbrella away`."""

_FARTHEST = 4
"""Words that may stand between."""


class Idioms:
    """The verbs of several words of a table.

    Args:
        listed: Such as `take away`, each in its plain form.
    """

    def __init__(self, listed: Iterable[str]) -> None:
        self._by_verb: dict[str, list[list[str]]] = {}
        for idiom in sorted(listed, key=len, reverse=True):
            verb, *others = idiom.split()
            self._by_verb.setdefault(stem(verb), []).append([idiom, *others])

    def joined(self, words: Sequence[str]) -> list[str]:
        """Words in order, of which those of one verb are one: its plain form, where it begins.

        O(words * verbs of several words that begin alike).
        """
        used: set[int] = set()
        found = []
        for at, word in enumerate(words):
            if at in used:
                continue
            idiom, places = self._at(words, at, used)
            used.update(places)
            found.append(idiom or word)
        return found

    def _at(self, words: Sequence[str], at: int, used: set[int]) -> tuple[str, Sequence[int]]:
        for idiom, *others in self._by_verb.get(stem(words[at]), ()):
            end = at + 1 + len(others)
            if list(words[at + 1 : end]) == others and used.isdisjoint(range(at, end)):
                return idiom, range(at, end)
            if len(others) == 1 and others[0] in _PARTICLES:
                for place in range(at + 2, min(at + 2 + _FARTHEST, len(words))):
                    if words[place] == others[0] and place not in used:
                        return idiom, (place,)
        return "", ()
