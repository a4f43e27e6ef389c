"""Tell how positive or negative an English text sounds."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from controlllm_tools.errors import InvalidInput
from controlllm_tools.languages import UNDETERMINED, Guess, guesses
from controlllm_tools.media.sentences import sentences
from controlllm_tools.tool import CpuTool, Inputs, Output, Outputs, ToolContext

if TYPE_CHECKING:  # the lexicon loads when a text is read, not when the tool is listed
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

_POSITIVE = 0.05
"""The bound that the authors of VADER use for both sides."""
_MOST_SENTENCES = 20_000
_SHOWN = 3
_SURELY_FOREIGN = 0.9
_ENOUGH_LETTERS = 20


class AnalyseSentiment(CpuTool):
    """VADER (Hutto and Gilbert, ICWSM 2014), sentence by sentence; the text is their mean."""

    def run(self, inputs: Inputs, context: ToolContext) -> Outputs:
        """Judge.

        Returns:
            `sentiment`: label (positive, neutral or negative), score from -1 to 1, how many
            sentences sound like what, and the strongest ones. The lexicon is English: for another
            language, `note` says so and the label is `unknown`.

        Raises:
            InvalidInput: The text is empty.
        """
        text = inputs.text("text")
        parts = sentences(text)[:_MOST_SENTENCES]
        if not parts:
            msg = "the text is empty: there is nothing to judge"
            raise InvalidInput(msg)
        foreign = _foreign(text)
        if foreign is not None:
            note = f"the text seems to be {foreign.name}; only English is judged"
            told = {"label": "unknown", "language": foreign.code, "note": note}
            return {"sentiment": Output.of_json(told, name="sentiment.json", caption=note)}
        scored = []
        for part in parts:
            context.check()
            scored.append((float(_lexicon().polarity_scores(part)["compound"]), part))
        facts = _facts(scored)
        caption = f"{facts['label']} ({facts['score']:+.2f}) over {len(scored)} sentences"
        return {"sentiment": Output.of_json(facts, name="sentiment.json", caption=caption)}


def _facts(scored: list[tuple[float, str]]) -> dict[str, object]:
    """The mean leaves sentences out that say nothing, as long as any other one says something."""
    telling = [score for score, _ in scored if abs(score) >= _POSITIVE]
    mean = sum(telling) / len(telling) if telling else 0.0
    labels = [_label(score) for score, _ in scored]
    ranked = sorted(scored, key=lambda pair: -pair[0])
    return {
        "label": _label(mean),
        "score": round(mean, 3),
        "sentences": {name: labels.count(name) for name in ("positive", "neutral", "negative")},
        "most_positive": [part for score, part in ranked[:_SHOWN] if score >= _POSITIVE],
        "most_negative": [part for score, part in ranked[::-1][:_SHOWN] if score <= -_POSITIVE],
        "language": "en",
    }


def _label(score: float) -> str:
    if abs(score) < _POSITIVE:
        return "neutral"
    return "positive" if score > 0 else "negative"


def _foreign(text: str) -> Guess | None:
    """The language of the text when it is surely not English."""
    best = guesses(text)[0]
    letters = sum(letter.isalpha() for letter in text)
    is_latin = text.isascii()
    sure = best.confidence >= _SURELY_FOREIGN or (not is_latin and best.confidence >= 0.5)
    if best.code in {"en", UNDETERMINED} or not sure or (letters < _ENOUGH_LETTERS and is_latin):
        return None
    return best


@cache
def _lexicon() -> SentimentIntensityAnalyzer:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()
