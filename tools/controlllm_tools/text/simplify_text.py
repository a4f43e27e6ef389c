"""Make a text plainer: straight marks, no asides, shorter sentences; nothing is invented."""

from __future__ import annotations

import re
import unicodedata

from controlllm_tools.errors import InvalidInput
from controlllm_tools.media.sentences import sentences
from controlllm_tools.media.words import WORD
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_LONGEST_WORDS = 20
_LEAST_WORDS_A_PART = 4
_STRAIGHT = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"',
    "\u00ab": '"', "\u00bb": '"', "\u2026": "...", "\u00a0": " ", "\u202f": " ", "\u00ad": "",
    "\u2010": "-", "\u2011": "-", "\u2212": "-", "\u200b": "", "\ufeff": "",
    "\ufb01": "fi", "\ufb02": "fl", "\ufb00": "ff", "\ufb03": "ffi", "\ufb04": "ffl",
})  # fmt: skip
_BRACKETED = re.compile(r"\s*(?:\([^()]{0,300}\)|\[[^\[\]]{0,300}\])")
_DASHED = re.compile(r"\s+[\u2013\u2014]\s+[^\u2013\u2014.;:!?]{1,120}\s+[\u2013\u2014]\s+")
_HYPHENATED = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
_SUBJECT = (
    r"(?:he|she|it|they|we|you|i|there|this|that|these|those|the|a|an|my|his|her|its|our|their"
    r"|no|many|most|some|all|each|[A-Z][\w'-]*)"
)
_JOINT = re.compile(
    r"(?P<hard>\s*;\s+(?:(?:and|but|so|or)\s+)?)"
    rf"|,\s+(?P<word>and|but|so|yet)\s+(?={_SUBJECT}\s)"
    r"|\s+[\u2013\u2014]\s+"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|do|does|did|can|could|will|would|shall|should|may"
    r"|might|must|said|says|went|goes|came|comes|made|makes|took|takes|got|gets|gave|gives|saw|sees"
    r"|found|finds|left|began|begins|told|knew|knows|thought|thinks|kept|held|stood|ran|grew|fell"
    r"|brought|wrote|felt|became|remains?|wants?|needs?|helps?|works?|shows?|\w{2,}ed)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"(?:he|she|it|they|we|you|i|there)\s", re.IGNORECASE)
_SHORTER = (
    ("in order to", "to"), ("due to the fact that", "because"),
    ("in spite of the fact that", "although"), ("at this point in time", "now"),
    ("in the event that", "if"), ("with regard to", "about"), ("with respect to", "about"),
    ("a large number of", "many"), ("the majority of", "most"), ("prior to", "before"),
    ("subsequent to", "after"), ("in addition to", "besides"), ("for the purpose of", "for"),
    ("in close proximity to", "near"), ("has the ability to", "can"),
    ("have the ability to", "can"), ("is able to", "can"), ("are able to", "can"),
    ("until such time as", "until"), ("on a daily basis", "daily"),
    ("on a regular basis", "regularly"), ("in the near future", "soon"),
    ("in a timely manner", "on time"), ("utilise", "use"), ("utilize", "use"),
    ("utilised", "used"), ("utilized", "used"), ("utilises", "uses"), ("utilizes", "uses"),
    ("commence", "begin"), ("commenced", "began"), ("terminate", "end"), ("terminated", "ended"),
    ("approximately", "about"), ("additionally", "also"), ("consequently", "so"),
    ("nevertheless", "still"), ("sufficient", "enough"), ("numerous", "many"),
    ("facilitate", "help"), ("demonstrate", "show"), ("demonstrates", "shows"),
    ("demonstrated", "showed"), ("purchase", "buy"), ("purchased", "bought"),
    ("assistance", "help"), ("endeavour", "try"), ("regarding", "about"),
)  # fmt: skip
_PLAIN_WORDS = dict(_SHORTER)
_WORDY = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, _PLAIN_WORDS), key=len, reverse=True)) + r")\b",
    re.IGNORECASE,
)


class SimplifyText(CpuTool):
    """Rules only: marks, asides, joints of long sentences, and a short list of wordy phrases."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Simplify.

        Returns:
            `plain`: the text in paragraphs, with sentences cut at a semicolon, a dash, or a comma
            before "and", "but", "so" where a new subject follows, when they are longer than
            `longest` words; a sentence without such a joint stays long.

        Raises:
            InvalidInput: The text is empty.
        """
        text = inputs.text("text")
        if not text.strip():
            msg = "the text is empty: there is nothing to simplify"
            raise InvalidInput(msg)
        longest = max(6, min(100, round(inputs.number("longest", _LONGEST_WORDS))))
        keep_asides = inputs.flag("keep_asides", default=False)
        before = after = 0
        paragraphs = []
        for block in re.split(r"\n\s*\n", clean(text)):
            context.check()
            parts = sentences(block if keep_asides else without_asides(block))
            short = [piece for part in parts for piece in cut(_plain_words(part), longest)]
            before, after = before + len(parts), after + len(short)
            paragraphs.append(" ".join(short))
        plain = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
        caption = f"{before} sentences made {after}"
        return {"plain": Output.of_text(plain or clean(text), name="plain.txt", caption=caption)}


def clean(text: str) -> str:
    """Composed letters, straight quotation marks, joined words, single blanks, empty lines kept."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_STRAIGHT)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")
    text = _HYPHENATED.sub("", text)
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def without_asides(text: str) -> str:
    """Without what stands in brackets or between two dashes; inner brackets go first."""
    previous = ""
    while previous != text:
        previous, text = text, _BRACKETED.sub("", text)
    text = _DASHED.sub(" ", text)
    return re.sub(r"\s+([,.;:!?])", r"\1", text)


def cut(sentence: str, longest: int) -> list[str]:
    """A long sentence as shorter ones, cut where a clause with its own subject begins."""
    if len(WORD.findall(sentence)) <= longest or sentence.count('"') % 2:
        return [sentence]
    for joint in _JOINT.finditer(sentence):
        head, tail = sentence[: joint.start()], sentence[joint.end() :]
        inside_quotation = head.count('"') % 2 == 1
        if inside_quotation or (joint["word"] and not _is_clause(head, tail)):
            continue
        if min(_count(head), _count(tail)) < _LEAST_WORDS_A_PART:
            continue
        word = (joint["word"] or "").lower()
        begin = f"{word.capitalize()} {tail}" if word in {"but", "so", "yet"} else _upper(tail)
        return [f"{head.rstrip(' ,')}.", *cut(begin, longest)]
    return [sentence]


def _is_clause(head: str, tail: str) -> bool:
    """Whether what follows a comma and its conjunction says something, and is no end of a list."""
    listed = "," in head and _count(head.rsplit(",", 1)[1]) < _LEAST_WORDS_A_PART
    start = " ".join(tail.split()[:10])
    return not listed and bool(_PRONOUN.match(start) or _VERB.search(start))


def _count(text: str) -> int:
    return len(WORD.findall(text))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain_words(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        word = _PLAIN_WORDS[match[0].lower()]
        return _upper(word) if match[0][0].isupper() else word

    return _WORDY.sub(plain, text)
