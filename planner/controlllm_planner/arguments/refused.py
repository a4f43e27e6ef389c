"""Tell a word that is wished for from one that is ruled out: `into German, not French`."""

from __future__ import annotations

from collections.abc import Sequence

_RULES_OUT = frozenset("not never no without nor except".split())
_RULES_OUT_WITH = {"of": "instead", "than": "rather"}
_BETWEEN = frozenset("as in to into at on the a an with by be from use using".split())
"""Words that may stand between the two: `not as a jpeg`, `instead of the red`."""


def is_refused(words: Sequence[str], at: int) -> bool:
    """Whether the words before a word rule it out; O(words between).

    Args:
        words: In lower case, `not` apart: `do not`.
        at: The place of the word.
    """
    before = at - 1
    while before >= 0 and words[before] in _BETWEEN:
        before -= 1
    if before < 0:
        return False
    last = words[before]
    return last in _RULES_OUT or (
        last in _RULES_OUT_WITH and before > 0 and words[before - 1] == _RULES_OUT_WITH[last]
    )
