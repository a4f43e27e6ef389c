"""Find the condition that the words of a task state: `where price > 10 or city is Rome`.

Half a condition is none: where it goes on in a way that is not read, nothing is found.
"""

from __future__ import annotations

import re

from controlllm_tools.card import Port

_VALUE = (
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?"
    r"|(?-i:[A-Z])[\w-]*(?:[ \t]+(?-i:[A-Z])[\w-]*)+|[\w.%-]+)"
)
_TEST = (
    r"[\w.-]+\s*(?:[<>=!]=?|\b(?:is|are|was|were|contains?|includes?|equals?|has|have|exceeds?|"
    r"begins?|starts?|ends?|not)\b)\s*"
    r"(?:(?:not|no|more|greater|larger|bigger|higher|less|fewer|smaller|lower|than|above|over|"
    r"below|under|at least|at most|exactly|equal to|with)\s+)*"
    rf"(?:between\s+{_VALUE}\s+and\s+)?{_VALUE}"
)
"""A column, what it is tested for, and a value: `price is above 10`, `city is New York`."""

_CONDITION = re.compile(rf"(?:[\w.-]+\s+){{0,3}}?{_TEST}", re.IGNORECASE)
_MORE = re.compile(rf"\s+(?:and|or)\s+(?:the\s+)?{_TEST}", re.IGNORECASE)
_UNREAD = re.compile(
    # where a sentence was cut in clauses, what joined the two is not known
    rf"[\s,]+(?:and|or|but)\b|(?:,|(?<!\.)[^\S\n]*\n)\s*(?:the\s+)?{_TEST}",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    r"\s+(?:(?:is|are|was|were|has|have)\s+)?(?P<no>(?:not|no)\s+)?"
    r"(?:(?P<more>(?:(?:more|greater|larger|bigger|higher)\s+than|above|over)\b|exceeds?\b)"
    r"|(?P<less>(?:(?:less|fewer|smaller|lower)\s+than|below|under)\b)"
    r"|(?P<least>at\s+least\b)|(?P<most>at\s+most\b))\s+",
    re.IGNORECASE,
)
_SIGNS = {"more": ">", "less": "<", "least": ">=", "most": "<="}
_OPPOSITE = {">": "<=", "<": ">=", ">=": "<", "<=": ">"}
_SHOWS_SIGNS = re.compile(r"[<>]")


def said_condition(port: Port, said: str) -> str:
    """The whole condition behind the name of a port, `where` or the like; empty for none.

    `is above` becomes `>` for a port whose description shows such signs. O(characters).

    Args:
        port: The parameter.
        said: The words of the task as they were written, one clause a line.
    """
    spelled = re.escape(port.name.replace("_", " "))
    match = re.search(rf"\b(?:{spelled}|where|whose|for which)\s+(?:the\s+)?", said, re.IGNORECASE)
    condition = _CONDITION.match(said, match.end()) if match else None
    if condition is None:
        return ""
    end = condition.end()
    while more := _MORE.match(said, end):
        end = more.end()
    if _UNREAD.match(said, end):
        return ""
    whole = " ".join(said[condition.start() : end].split()).rstrip(".")
    return _IN_WORDS.sub(_sign, whole) if _SHOWS_SIGNS.search(port.description) else whole


def _sign(words: re.Match[str]) -> str:
    sign = next(_SIGNS[name] for name in _SIGNS if words[name])
    return f" {_OPPOSITE[sign] if words['no'] else sign} "
