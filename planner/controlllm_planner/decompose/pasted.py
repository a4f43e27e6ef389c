"""Find text that was pasted into a request without quotation marks.

"Summarise this article: The council met ..." hands over what stands behind the colon, and so does
"Translate the text above into German." with what stands before it. Nothing in it is a wish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from controlllm_planner.decompose.verbs import ASKING, GENERIC_VERBS
from controlllm_planner.relevance import stem

_LEAD_ENDS = re.compile(r":(?=\s+\S)|[.:]?[ \t]*(?:\n|\\n)")
"""A colon, or the end of a line."""

_SENTENCE_ENDS = re.compile(r"[.!?][\"')]*\s+|\n+|(?:\\n)+")
_PARAGRAPH_ENDS = re.compile(r"\n\s*\n\s*|(?:\\n\s*){2,}")
_LINE_ENDS = re.compile(r"\s*(?:\n|\\n)\s*")
_SHORT_ENDS = re.compile(r"[.,;](?:\s|$)|\n|\\n")

_BLANK = re.compile(r"(?:\s|\\n)*")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")

_TEXTS = frozenset(
    "text article story storyline tale essay letter email e-mail mail message note notes memo "
    "paragraph paragraphs passage sentence sentences poem verse verses lyrics song recipe review "
    "reviews words speech script transcript abstract description prompt quote line lines comment "
    "comments tweet post document report statement joke paper minutes reply "
    "announcement invitation advert brief excerpt extract dialogue conversation interview "
    "markdown html json code csv data list".split()
)
_SHORT_TEXTS = frozenset("title caption heading headline name slogan subtitle label".split())
"""What is said in a few words: `with the title: Our summer, in white`."""

_POINTS = frozenset("this these following below here's here is are follows attached".split())
_OF_TEXT = frozenset(
    map(stem, "read say speak translate summarise summarize paraphrase rewrite rephrase proofread "
        "narrate pronounce simplify shorten reword correct sum condense".split())
)  # fmt: skip
_NO_OBJECT = frozenset(
    "this that it the following text out loud aloud to into in from for me us please with a an and "
    "voice slowly briefly below".split()
)
_SAID = frozenset("said says say wrote writes reads saying reading goes".split())
_POLITE = frozenset("please kindly can could would will you i want need like d to".split())
_THEN = re.compile(
    r"(?:and\s+)?(?:then|after that|afterwards|next|finally|now|also|lastly)\b[\s,]*", re.IGNORECASE
)
_NO_TEXT = re.compile(r"[\ue000-\uf8ff\"'\u201c\u2018`]|https?:|\w+\.\w+(?:\s|$)")
"""How begins what is quoted, a file or an address, and no pasted text."""

_ITEM = re.compile(r"(?:[-*•]|\(?\d+[.)])\s+")
_LISTED = _TEXTS | frozenset("points bullets facts findings thoughts observations".split())
_WHOSE = frozenset("these this following my our".split())
_AS_TOLD = frozenset("as according apply follow per".split())
_ABOUT = frozenset("of from for about to in into".split())

_ABOVE = re.compile(r"\b(?:above|this|that|it|the text)\b", re.IGNORECASE)
_MARKER = re.compile("[\ue000-\uf8ff]")
_VIEW = 200
"""Characters that are looked at before and after a place, so that it takes linear time."""

_LEAST_ABOVE = 8
"""Words of a text that only what stands behind it points at."""

_BACK = frozenset({"it", "its", "them"})

_SHORTEST = 3
"""Words of a lead that announces a list: `translate these notes`."""

_FARTHEST = 4
"""Words before the end of a lead among which it names what follows."""


def pasted_texts(text: str) -> Iterator[tuple[int, int]]:
    """Where texts that were pasted in begin and end, in order; O(characters).

    Args:
        text: A request in which the names of attachments are marked already.
    """
    behind = list(_behind_leads(text))
    if not behind:
        behind = list(_above(text))
    yield from behind


def _behind_leads(text: str) -> Iterator[tuple[int, int]]:
    """The texts that a colon or the end of a line announces."""
    last_line, last_paragraph = (_last_wish(text, ends) for ends in (_LINE_ENDS, _PARAGRAPH_ENDS))
    done = begin = 0
    for mark in _LEAD_ENDS.finditer(text):
        if mark.start() < done:
            continue
        lead = _lead(text[max(done, begin, mark.start() - _VIEW) : mark.start()])
        begin = mark.end()
        hands_list, hands_text = _hands_list(lead), _introduces(lead, by_colon=":" in mark.group())
        if not hands_list and not hands_text:
            continue
        start = _after_blanks(text, mark.end())
        if not (hands_list if _ITEM.match(text, start) else hands_text):
            continue
        if not _NO_TEXT.match(text, start) and not _tells_what_to_do(text, start, lead):
            is_short = not _SHORT_TEXTS.isdisjoint(lead[-2:])
            is_line = text.find("\n", start, last_line) < 0
            wishes = last_line if is_line else last_paragraph
            end = _short_end(text, start) if is_short else _end(text, start)
            done = min(end, wishes) if wishes > start else end
            if _words(text[start:done]):
                yield start, done


def _hands_list(lead: list[str]) -> bool:
    """Whether words hand over what is listed behind them: not so `give me these texts:`."""
    if len(lead) < _SHORTEST or lead[-2] not in _WHOSE or lead[-1] not in _LISTED:
        return False
    if not _AS_TOLD.isdisjoint(lead):
        return False
    verb = stem(next((word for word in lead if word not in _POLITE), ""))
    is_new = verb in GENERIC_VERBS and not _ABOUT.isdisjoint(lead[-_FARTHEST:-2])
    return verb in _OF_TEXT or is_new


def _tells_what_to_do(text: str, start: int, lead: list[str]) -> bool:
    """Whether what follows a lead is a wish: `from the article: extract names`."""
    if not _begins_wish(text, start):
        return False
    is_wish = any(stem(word) in ASKING | _OF_TEXT for word in lead[:3])
    return not is_wish or not _BACK.isdisjoint(_words(text[start : start + _VIEW])[:_FARTHEST])


def _lead(text: str) -> list[str]:
    """The words of the last sentence of a text."""
    begin = max((end.end() for end in _SENTENCE_ENDS.finditer(text)), default=0)
    return _words(text[begin:])


def _after_blanks(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _words(text: str) -> list[str]:
    return [match.group().lower() for match in _WORD.finditer(text)]


def _introduces(lead: list[str], *, by_colon: bool) -> bool:
    """Whether the words before a colon or the end of a line announce a text."""
    nearest = lead[-_FARTHEST:]
    says_which = not _POINTS.isdisjoint(nearest)
    if not _TEXTS.isdisjoint(nearest):
        return by_colon or says_which
    if by_colon and any(one in _POINTS and two in _TEXTS for one, two in pairwise(lead)):
        return True
    if by_colon and (not _SHORT_TEXTS.isdisjoint(lead[-2:]) or (lead[-1:] and lead[-1] in _SAID)):
        return True
    said = [word for word in lead if word not in _POLITE]
    if not said or stem(said[0]) not in _OF_TEXT:
        return False
    # a language is the only other word that such a lead needs
    return len(set(said[1:]) - _NO_OBJECT) <= 1 and (by_colon or says_which)


def _short_end(text: str, start: int) -> int:
    end = _SHORT_ENDS.search(text, start)
    return end.start() if end else len(text)


def _end(text: str, start: int) -> int:
    """Where a text ends that begins at a place: before `then` and a wish."""
    for end in _SENTENCE_ENDS.finditer(text, start):
        then = _THEN.match(text, end.end())
        # a story says "then she left", and a wish "then read it"
        if then and _begins_wish(text, then.end()):
            return end.start() + len(end.group().rstrip())
    return len(text)


def _last_wish(text: str, ends: re.Pattern[str]) -> int:
    """Where the blanks begin before the last part, if that is a wish; else the end."""
    last = max(ends.finditer(text), key=lambda end: end.start(), default=None)
    return last.start() if last and _begins_wish(text, last.end()) else len(text)


def _begins_wish(text: str, at: int) -> bool:
    then = _THEN.match(text, at)
    begin = then.end() if then else at
    words = _words(text[begin : begin + _VIEW])
    first = next((word for word in words if word not in _POLITE), "")
    return stem(first) in ASKING | _OF_TEXT


def _above(text: str) -> Iterator[tuple[int, int]]:
    """The text before the last paragraph, when that is a wish about it."""
    end = _last_wish(text, _PARAGRAPH_ENDS)
    before = text[:end]
    if not _ABOVE.search(text, end) or _MARKER.search(before):
        return
    starts = (0, *(part.end() for part in _SENTENCE_ENDS.finditer(before)))
    if len(_words(before)) >= _LEAST_ABOVE and not any(_begins_wish(before, at) for at in starts):
        yield len(before) - len(before.lstrip()), end
