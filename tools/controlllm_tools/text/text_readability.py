"""Measure how easy an English text is to read, and count what it is made of."""

from __future__ import annotations

import re

from controlllm_tools.errors import InvalidInput
from controlllm_tools.languages import UNDETERMINED, guesses
from controlllm_tools.media.sentences import sentences
from controlllm_tools.media.words import WORD
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(
    r"(?:(?:[^laeiouy]|[aeiouy]l)e|[^aeiouytd]ed|(?:[aeiouy]l|[^aeiouyscxzghl])es|(?:th|[^cs]h)es)$"
)
_SPLIT_VOWELS = re.compile(
    r"(?<![ctsgx])i[aou](?!n$|us$|l$)|[^qg]ua|[gid]eo|ying$|[^aeiou]ier$|created?$|idea"
)
_SILENT_INSIDE = re.compile(
    r"^(?:some|where|there|else|home|like|life|time|safe)(?=[b-df-hj-np-tv-z])"
)
"""Words whose final e stays silent in compounds, such as something."""
_SPEAKING_WORDS_A_MINUTE = 150
_READING_WORDS_A_MINUTE = 238
"""Mean silent reading of English prose: Brysbaert, Journal of Memory and Language 109 (2019)."""
_LEVELS = (
    (90.0, "very easy"), (80.0, "easy"), (70.0, "fairly easy"), (60.0, "plain English"),
    (50.0, "fairly difficult"), (30.0, "difficult"),
)  # fmt: skip


class TextReadability(CpuTool):
    """Flesch reading ease (1948), Flesch-Kincaid grade (1975) and counts."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Measure.

        Returns:
            `facts`: characters, words, different words, sentences, paragraphs, minutes to read and
            to speak; for English also syllables, reading ease (0 hard to 100 easy), school grade
            and a level in words. `note` says where the text seems to be in another language.

        Raises:
            InvalidInput: The text has no words.
        """
        context.check()
        facts = readability(inputs.text("text"))
        level = f", {facts['level']}" if "level" in facts else ""
        caption = f"{facts['words']} words in {facts['sentences']} sentences{level}"
        return {"facts": Output.of_json(facts, name="readability.json", caption=caption)}


def readability(text: str) -> dict[str, object]:
    """Counts of a text, and for English how easy it is.

    Raises:
        InvalidInput: The text has no words.
    """
    found = WORD.findall(text)
    if not found:
        msg = "the text has no words to count"
        raise InvalidInput(msg)
    count = len(sentences(text))
    facts: dict[str, object] = {
        "characters": len(text),
        "words": len(found),
        "different_words": len({word.lower() for word in found}),
        "sentences": count,
        "paragraphs": sum(bool(block.strip()) for block in re.split(r"\n\s*\n", text)),
        "words_a_sentence": round(len(found) / count, 1),
        "reading_minutes": round(len(found) / _READING_WORDS_A_MINUTE, 2),
        "speaking_minutes": round(len(found) / _SPEAKING_WORDS_A_MINUTE, 2),
    }
    language = guesses(text)[0]
    if language.code not in {"en", UNDETERMINED} and language.confidence > 0.5:
        note = f"the text seems to be {language.name}; reading ease is measured for English only"
        return {**facts, "language": language.code, "note": note}
    syllables = sum(syllables_of(word) for word in found)
    pace, weight = len(found) / count, syllables / len(found)
    ease = round(206.835 - 1.015 * pace - 84.6 * weight, 1)
    return {
        **facts,
        "language": "en",
        "syllables": syllables,
        "reading_ease": ease,
        "grade": round(max(0.0, 0.39 * pace + 11.8 * weight - 15.59), 1),
        "level": next((name for least, name in _LEVELS if ease >= least), "very difficult"),
    }


def syllables_of(word: str) -> int:
    """Syllables of an English word, by groups of vowels and the usual exceptions; at least 1."""
    total = 0
    for part in re.split(r"[-'\u2019]", word.lower()):
        letters = re.sub(r"[^a-z]", "", part)
        if not letters:
            total += len(part) if part.isdigit() else 0
            continue
        groups = len(_VOWELS.findall(letters))
        groups -= bool(len(letters) > 2 and _SILENT_END.search(letters))
        groups -= bool(_SILENT_INSIDE.search(letters))
        groups += len(_SPLIT_VOWELS.findall(letters))
        groups += letters.endswith(("sm", "thm")) and len(letters) > 3
        total += max(1, groups)
    return max(1, total)
