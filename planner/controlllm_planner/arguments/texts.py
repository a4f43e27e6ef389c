"""Find what the words of a task say for parameters that take any text.

What stands in quotation marks behind the name of a parameter is its value (`with the title "X"`);
without marks, a condition or the name of a column may stand there (`where price > 10`). A colour
goes to a parameter for colours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from controlllm_planner.arguments.choices import words_in
from controlllm_planner.arguments.conditions import said_condition
from controlllm_planner.arguments.refused import is_refused
from controlllm_planner.relevance import STOP_WORDS, stem
from controlllm_tools.card import Port, ToolCard

_HEX = re.compile(
    # "#123" is the number of something
    r"(?<![\w#])#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|(?=\d*[a-fA-F])[0-9a-fA-F]{3,4})(?!\w)"
)
_COLOURS = frozenset(
    "black white red green blue yellow orange purple pink brown grey gray cyan magenta gold silver "
    "teal turquoise violet beige navy maroon olive lime".split()
)
_LANGUAGES = frozenset(
    "afrikaans albanian arabic armenian basque bengali bosnian bulgarian catalan chinese croatian "
    "czech danish dutch english esperanto estonian finnish french galician georgian german greek "
    "gujarati hebrew hindi hungarian icelandic indonesian irish italian japanese kannada kazakh "
    "korean latin latvian lithuanian macedonian malay maltese mandarin marathi mongolian nepali "
    "norwegian persian polish portuguese punjabi romanian russian serbian slovak slovenian spanish "
    "swahili swedish tagalog tamil telugu thai turkish ukrainian urdu vietnamese welsh".split()
)
_LANGUAGE_WORD = stem("language")
_SOURCES = frozenset(map(stem, "from source input original".split()))
_SAYING = re.compile(
    r"\b(?:(?:that|which) (?:says|reads)|saying|with the (?:words|text))\s+(?P<words>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_COLOUR_WORDS = frozenset(map(stem, "colour color hex".split()))
_WORD = re.compile(r"[^\W_]+")
_BEHIND = re.compile(
    r"\s*(?:(?:is|as|of|that says|saying|reading)\b|[:=])?\s*(?:the\s+)?\Z", re.IGNORECASE
)
_VIEW = 60
"""Characters before a quotation that may name the parameter."""

_PHRASE = r"[\w#./%-]+(?:(?:\s*,\s*|\s+and\s+)[\w#./%-]+)*"
_ONE = r"[\w#./%-]+"
_ASKS_CONDITION = re.compile(r"\bcondition\b", re.IGNORECASE)
_ASKS_COLUMN = re.compile(r"\b(?:columns?|fields?|keys?)\b", re.IGNORECASE)
_SEVERAL = re.compile(r"\b(?:columns|fields|separated|parted|list)\b", re.IGNORECASE)


def said_texts(card: ToolCard, said: str, quotes: Sequence[str]) -> dict[str, str]:
    """Values for parameters that take text; O(characters * parameters).

    Args:
        card: The tool.
        said: The words of the task as they were written, one clause a line.
        quotes: What of it was quoted, in order.
    """
    ports = [p for p in card.inputs if p.resource_type.root == "text" and not p.choices]
    found: dict[str, str] = {}
    for name, value in _quoted(ports, said, quotes):
        found.setdefault(name, value)
    for quote in quotes:
        said = said.replace(quote, " ")
    free = [port for port in ports if port.name not in found]
    for port in free:
        value = _unquoted(port, free, said)
        if value:
            found[port.name] = value
    found.update(_saying(free, said, found))
    return found


def _saying(ports: Sequence[Port], said: str, found: Collection[str]) -> Iterator[tuple[str, str]]:
    """What is said without quotation marks to the one port that must have a text."""
    plain = [port for port in ports if not port.optional and port.type == "text"]
    match = _SAYING.search(said)
    if match is not None and len(plain) == 1 and plain[0].name not in found:
        yield plain[0].name, match["words"].replace("\n", " ").strip(" .")


def _quoted(ports: Sequence[Port], said: str, quotes: Sequence[str]) -> Iterator[tuple[str, str]]:
    begin = 0
    for quote in quotes:
        at = said.find(quote, begin)
        if at < 0:
            continue
        before = _BEHIND.sub("", said[max(begin, at - _VIEW) : at].rstrip("\"'“` "))
        begin = at + len(quote)
        port = _named_at_end(ports, before)
        if port is not None:
            yield port.name, quote


def _named_at_end(ports: Sequence[Port], before: str) -> Port | None:
    """The one port whose whole name ends a text, the longest name first."""
    words = [stem(word) for word in _WORD.findall(before.lower())]
    fitting = []
    for port in ports:
        name = [stem(word) for word in _WORD.findall(port.name.replace("_", " ").lower())]
        if words[-len(name) :] == name:
            fitting.append((len(name), port))
    longest = max((length for length, _ in fitting), default=0)
    best = [port for length, port in fitting if length == longest]
    return best[0] if len(best) == 1 else None


def _unquoted(port: Port, others: Sequence[Port], said: str) -> str:
    """A colour, a condition or the name of a column that is said of a port; else empty."""
    about = f"{port.name.replace('_', ' ')} {port.description}"
    called = {
        stem(word) for word in _WORD.findall(f"{port.name} {port.type}".replace("_", " ").lower())
    }
    if _LANGUAGE_WORD in called:
        return _language(said, is_source=not called.isdisjoint(_SOURCES))
    if not port.optional and port.type == "text":
        return ""  # the wish itself may be what it wants
    if not _COLOUR_WORDS.isdisjoint(stem(word) for word in _WORD.findall(about.lower())):
        return _colour(port, said)
    if _ASKS_CONDITION.search(port.description):
        return said_condition(port, said)
    if _ASKS_COLUMN.search(about):
        return _column(port, others, said)
    return ""


def _colour(port: Port, said: str) -> str:
    codes: set[str] = set(_HEX.findall(said))
    if len(codes) == 1:
        return codes.pop()
    if "#" in port.description or stem(port.name) == "hex":
        return ""  # wants a code, not a word
    words = words_in(said)
    named = {
        word for at, word in enumerate(words) if word in _COLOURS and not is_refused(words, at)
    }
    return named.pop() if len(named) == 1 and not codes else ""


def _language(said: str, *, is_source: bool) -> str:
    """The one language that is named, behind `from` for a source and elsewhere for a target."""
    words = _WORD.findall(said)
    lower = ["", *map(str.lower, words)]
    named = {
        word
        for at, word in enumerate(words, start=1)
        if lower[at] in _LANGUAGES
        and word[0].isupper()
        and (lower[at - 1] == "from") == is_source
        and not is_refused(lower, at)
    }
    return named.pop() if len(named) == 1 else ""


def _column(port: Port, others: Sequence[Port], said: str) -> str:
    """What stands behind the name of a port: `sorted by price`, `the columns a and b`."""
    several = bool(_SEVERAL.search(f"{port.name.replace('_', ' ')} {port.description}"))
    spans = [(match, each) for each in others if (match := _name_in(each, said)) is not None]
    mine = [match for match, each in spans if each is port]
    if not mine or any(match.span() == mine[0].span() for match, each in spans if each is not port):
        return ""
    behind = re.compile(_PHRASE if several else _ONE).match(said, mine[0].end())
    words = re.split(r"\s*,\s*|\s+and\s+", behind.group()) if behind else []
    kept = [word.rstrip(".") for word in words if word.lower() not in STOP_WORDS]
    return ", ".join(kept) if kept and len(kept) == len(words) else ""


def _name_in(port: Port, said: str) -> re.Match[str] | None:
    """Where a text names a port: by its whole name in any form of its first word.

    The last word alone does when it stands in the same number: `columns` for `y_columns`.
    """
    first, *rest = port.name.lower().split("_")
    gap = r"(?:\s+\w+){0,3}?" if STOP_WORDS.issuperset(rest) else ""  # "sort the table by"
    root = re.escape(stem(first))
    tail = "".join(rf"\s+{re.escape(word)}" for word in rest)
    whole = rf"\b{root}\w*{gap}{tail}" if len(root) >= 3 else rf"\b{re.escape(first)}{tail}"
    last = rf"|\b{re.escape(rest[-1])}" if rest and len(rest[-1]) >= 4 else ""
    return re.search(rf"(?:{whole}{last})\s+(?:the\s+)?(?:column\s+)?(?=\w)", said, re.IGNORECASE)
